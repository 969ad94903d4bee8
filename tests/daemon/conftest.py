"""A daemon with a mailbox of its own, a project, and a shell that asks."""

from __future__ import annotations

import venv

import pytest

from .talk import Daemon, Shell


@pytest.fixture
def daemon(tmp_path):
    running = Daemon(tmp_path)
    yield running
    running.end()


@pytest.fixture
def project(tmp_path):
    directory = tmp_path / "proj"
    directory.mkdir()
    venv.create(directory / ".venv", with_pip=False)
    return directory


@pytest.fixture
def shell(daemon, tmp_path):
    daemon.start()
    return Shell(daemon.box, {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"})

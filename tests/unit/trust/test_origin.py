"""Which files say that they were made here, in the spellings of the tools that write them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Optional

import pytest

from tests.unit.trust import context, environment, target, verdict, write
from wend.disk import Disk, mounts
from wend.trust import judge, origin

BIN = os.path.dirname(sys.executable)
HOSTILE = ["plain", "a b", "a'b", 'q"u', "$(x)`y`$z", "new\nline", "umläut", "%s {0} \\1 *"]
ONE_LINE = [name for name in HOSTILE if "\n" not in name]


def empty(prefix: Path, config: str = "", script: Optional[str] = None) -> Path:
    (prefix / "bin").mkdir(parents=True)
    write(prefix / "pyvenv.cfg", f"home = /usr/bin\n{config}")
    if script is not None:
        write(prefix / "bin" / "activate", script)
    return prefix


@pytest.mark.parametrize("name", HOSTILE)
def test_the_real_venv(home: Path, name: str) -> None:
    prefix = home / name / ".venv"
    prefix.parent.mkdir()
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(prefix)], check=True)
    assert verdict(prefix, home).reason == "made here"
    prefix.parent.rename(home / "moved")
    assert "names another place" in verdict(home / "moved" / ".venv", home).reason


@pytest.mark.parametrize("name", ONE_LINE)
def test_the_real_virtualenv(home: Path, name: str) -> None:
    prefix = home / name / ".venv"
    env = {"HOME": str(home), "PATH": os.environ["PATH"]}
    subprocess.run([f"{BIN}/virtualenv", "-q", "--no-seed", "--no-download", str(prefix)], check=True, env=env)
    assert verdict(prefix, home).reason == "made here"
    (prefix / "pyvenv.cfg").write_text("home = /usr/bin\n")  # older ones write no command
    assert verdict(prefix, home).reason == "made here"


@pytest.mark.parametrize("name", HOSTILE)
def test_the_real_uv(home: Path, name: str) -> None:
    prefix = home / name / ".venv"
    command = [f"{BIN}/uv", "venv", "-q", "--offline", "--python", sys.executable]
    env = {"HOME": str(home), "PATH": os.environ["PATH"]}
    subprocess.run([*command, str(prefix)], check=True, env=env)
    assert verdict(prefix, home).reason == "made here"
    shutil.rmtree(prefix)
    subprocess.run([*command, "--relocatable", str(prefix)], check=True, env=env)
    assert verdict(prefix, home).reason == "it is relocatable, so it does not say where it was made"


@pytest.mark.parametrize(
    "script",
    [
        'deactivate nondestructive\n\nVIRTUAL_ENV="{}"\nexport VIRTUAL_ENV\n',  # venv, 3.8 to 3.11
        '    export VIRTUAL_ENV=$(cygpath "{}")\nelse\n    export VIRTUAL_ENV="{}"\nfi\n',  # 3.12.0
        "        VIRTUAL_ENV=$(cygpath {})\n        ;;\n        export VIRTUAL_ENV={}\n",  # 3.13.1
        '        VIRTUAL_ENV="$CURRENT_ENV"\n        VIRTUAL_ENV={}\n',  # virtualenv
        "VIRTUAL_ENV='{}'\n",  # uv
        "VIRTUAL_ENV='{}'",
        "VIRTUAL_ENV='{}'\r\n",
    ],
)
def test_activate_alone(home: Path, script: str) -> None:
    prefix = empty(home / "a" / ".venv", script=script.replace("{}", f"{home}/a/.venv"))
    assert verdict(prefix, home).allowed
    for other in ("/elsewhere", f"{home}/a/.venv2", f"{home}/a/.ven", f"{home}/A/.venv"):
        write(prefix / "bin" / "activate", script.replace("{}", other))
        got = verdict(prefix, home)
        assert not got.allowed, other
        assert other in got.reason


def test_command_alone(home: Path) -> None:
    prefix = home / "a" / ".venv"
    empty(prefix, f"command = /usr/bin/python3 -m venv --without-pip {prefix}\n")
    assert verdict(prefix, home).allowed
    for other in (
        f"/usr/bin/python3 -m venv x{prefix}",
        f"/usr/bin/python3 -m venv /elsewhere{prefix}",
        f"/usr/bin/python3 -m venv {prefix} /elsewhere",
        f"{prefix}",
        "python -m venv .venv",
        "",
    ):
        write(prefix / "pyvenv.cfg", f"command = {other}\n")
        assert not verdict(prefix, home).allowed, other


def test_command_on_two_lines(home: Path) -> None:
    prefix = home / "new\nline" / ".venv"
    empty(prefix, f"command = x {prefix}\n")
    assert verdict(prefix, home).allowed
    write(prefix / "pyvenv.cfg", f"command = x {prefix}2\n")
    assert not verdict(prefix, home).allowed


def test_one_file_may_not_guess_twice(home: Path) -> None:
    prefix = environment(home / "p" / ".venv")
    place = str(prefix)
    for config, script in (
        (f"command = x {place}\ncommand = x /home/u/p/.venv\n", ""),
        ("", f"VIRTUAL_ENV={place}\nVIRTUAL_ENV=/home/u/p/.venv\n"),
        (f"command = x {place}\n", "VIRTUAL_ENV=/home/u/p/.venv\n"),
        ("command = x /home/u/p/.venv\n", f"VIRTUAL_ENV={place}\n"),
    ):
        write(prefix / "pyvenv.cfg", config)
        write(prefix / "bin" / "activate", script)
        assert "/home/u/p/.venv" in verdict(prefix, home).reason


def test_a_computed_place_does_not_count(home: Path) -> None:
    place = f"{home}/p/.venv"
    script = f"VIRTUAL_ENV=''\"$(dirname -- {place})\"''\n# VIRTUAL_ENV={place}\necho VIRTUAL_ENV={place}\n"
    prefix = empty(home / "p" / ".venv", script=script)
    assert verdict(prefix, home).reason == "it does not say that it was made here"


def test_made_by_the_real_name_or_by_the_one_used(home: Path) -> None:
    environment(home / "real" / ".venv")
    environment(home / "other" / ".venv", says=f"{home}/link2/.venv")
    (home / "link").symlink_to("real")
    (home / "link2").symlink_to("other")
    assert verdict(home / "link" / ".venv", home).allowed
    assert verdict(home / "link2" / ".venv", home).allowed
    assert verdict(home / "other" / ".venv", home).allowed  # by a link that only the user can have made


def test_a_place_is_followed_up_to_the_length_that_a_path_can_have(home: Path) -> None:
    for turns, allowed in ((10, True), (2100, False)):
        prefix = environment(home / f"p{turns}" / ".venv", says=f"{home}/{'./' * turns}p{turns}/.venv")
        assert verdict(prefix, home).allowed is allowed


def test_names_that_are_not_utf8(home: Path) -> None:
    prefix = environment(Path(os.fsdecode(os.fsencode(home) + b"/\xff\xfe")) / ".venv")
    assert verdict(prefix, home).allowed


def test_what_is_not_a_regular_file(home: Path) -> None:
    prefix = empty(home / "p" / ".venv")
    os.mkfifo(prefix / "bin" / "activate")
    assert not verdict(prefix, home).allowed
    (prefix / "pyvenv.cfg").unlink()
    os.mkfifo(prefix / "pyvenv.cfg")
    assert not verdict(prefix, home).allowed
    (prefix / "pyvenv.cfg").unlink()
    write(prefix / "pyvenv.cfg", f"command = x {prefix}\n" + "#" * 70_000)
    assert not verdict(prefix, home).allowed


def conda(prefix: Path, *commands: str) -> Path:
    (prefix / "bin").mkdir(parents=True, exist_ok=True)
    (prefix / "conda-meta").mkdir(exist_ok=True)
    lines = [f"==> 2024-05-01 10:00:00 <==\n# cmd: {line}\n# conda version: 24.1.0\n+a::b-1\n" for line in commands]
    write(prefix / "conda-meta" / "history", "".join(lines))
    return prefix


@pytest.mark.parametrize(
    "command",
    [
        "/opt/conda/bin/conda create -p {} python=3.12",
        "/opt/conda/bin/conda create -y -p {}",
        "/opt/conda/bin/conda create --prefix {}/ python",
        "/opt/conda/bin/conda-env create --prefix={} -f x.yml",
        "micromamba create -p{} python",
    ],
)
def test_conda_by_prefix(home: Path, command: str) -> None:
    prefix = home / "p p" / ".condaenv"
    assert verdict(conda(prefix, command.replace("{}", str(prefix))), home).allowed
    for other in ("/elsewhere", f"{prefix}2", f"{prefix}/x", f"/x{prefix}", "./.condaenv"):
        assert not verdict(conda(prefix, command.replace("{}", other)), home).allowed, other


def test_conda_by_name_below_the_conda_that_made_it(home: Path) -> None:
    prefix = home / "conda" / "envs" / "e"
    assert verdict(conda(prefix, f"{home}/conda/bin/conda create -n e python"), home).allowed
    assert verdict(conda(prefix, f"{home}/conda/bin/conda create --name=e python"), home).allowed
    # a name alone could be known in advance
    for command in (
        "conda create -n e",
        "/opt/conda/bin/conda create -n e",
        f"{home}/conda/bin/conda create -n f",
    ):
        assert not verdict(conda(prefix, command), home).allowed


def test_the_place_that_conda_rename_gave(home: Path) -> None:
    prefix = home / "p" / ".condaenv"
    for command in (f"conda rename -p {home}/old {prefix}", f"/opt/conda/bin/conda rename -n old {prefix}/ --yes -d"):
        assert verdict(conda(prefix, command), home).allowed, command
    for command in (f"conda rename -p {prefix} {home}/new", f"conda rename -p /old {prefix}2", "conda rename -n old e"):
        assert not verdict(conda(prefix, command), home).allowed, command


def test_a_file_does_not_choose_how_long_it_is_looked_at(home: Path) -> None:
    """Before anything is trusted, so the author of a clone would choose how long a shell waits."""
    began = time.process_time()
    for command in (f"conda rename {' ' * 1_000_000}x", f"conda rename {'-a ' * 300_000}x"):
        assert not verdict(conda(home / "p" / ".condaenv", command), home).allowed
    environment(home / "p" / ".venv")
    write(home / "p" / ".venv" / "bin" / "activate.nu", "let virtual_env = r##'\n" * 2800)
    assert verdict(home / "p" / ".venv", home).allowed
    assert time.process_time() - began < 5


def test_packages_behind_the_place_are_no_part_of_it(home: Path) -> None:
    prefix = home / "p" / ".condaenv"
    (home / "link").symlink_to("p")
    for place in (f"{home}/p/../p/.condaenv", f"{home}/link/.condaenv"):
        assert verdict(conda(prefix, f"conda create -p {place} python numpy"), home).allowed, place
    assert not verdict(conda(prefix, f"conda create -p {home}/link/.condaenv2 python"), home).allowed


def test_the_last_command_that_names_a_place_counts(home: Path) -> None:
    prefix = home / "p" / ".condaenv"
    here, elsewhere = f"conda create -p {prefix}", "conda install -p /elsewhere x"
    assert verdict(conda(prefix, here, "conda install x"), home).allowed
    assert not verdict(conda(prefix, here, elsewhere), home).allowed
    assert verdict(conda(prefix, elsewhere, here), home).allowed  # renamed
    assert not verdict(conda(prefix, "conda install x"), home).allowed


def test_a_recorded_place_is_followed_by_links_of_the_user_only(home: Path) -> None:
    (home / "disk").mkdir()
    (home / "code").symlink_to("disk")
    prefix = environment(home / "disk" / "w" / ".venv", says=f"{home}/code/w/.venv")
    assert verdict(prefix, home).reason == "made here"
    (home / "code").unlink()
    (home / "code").symlink_to("elsewhere")
    assert "names another place" in verdict(prefix, home).reason


def test_a_link_inside_the_project_leads_nowhere(home: Path) -> None:
    prefix = environment(home / "p" / "env", says=f"{home}/p/guess/p/env")
    (home / "p" / "guess").symlink_to(home)  # an archive may bring a link
    assert "names another place" in verdict(prefix, home).reason


def test_a_link_that_others_can_exchange_leads_nowhere(home: Path) -> None:
    prefix = environment(home / "p" / ".venv", says=f"{home}/open/to/p/.venv")
    (home / "open").mkdir()
    (home / "open" / "to").symlink_to(home)
    assert verdict(prefix, home).allowed
    (home / "open").chmod(0o777)
    assert not verdict(prefix, home).allowed


@pytest.mark.parametrize(("kind", "reason"), [("ext4", "made here"), ("nfs4", "names another place")])
def test_a_place_on_a_remote_mount_is_not_followed(
    home: Path, monkeypatch: pytest.MonkeyPatch, kind: str, reason: str
) -> None:
    (home / "far").mkdir()
    (home / "far" / "code").symlink_to(home)
    prefix = environment(home / "p" / ".venv", says=f"{home}/far/code/p/.venv")
    table = f"1 1 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 0:9 / {home}/far rw - {kind} x rw\n".encode()
    monkeypatch.setattr(mounts, "read", lambda: mounts.parse(table))
    assert reason in verdict(prefix, home).reason


@pytest.mark.skipif(not os.path.exists("/proc/self/cwd"), reason="no procfs")
@pytest.mark.parametrize("place", ["/proc/self/cwd/env", "/proc/thread-self/cwd/env", "/dev/fd/{fd}/env"])
def test_a_place_that_each_process_sees_elsewhere_does_not_count(
    home: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """An archive need not know where it is unpacked: the name leads to the directory of the process that reads it."""
    project = home / "p"
    project.mkdir()
    monkeypatch.chdir(project)
    fd = os.open(project, os.O_RDONLY)
    try:
        place = place.replace("{fd}", str(fd))
        real = conda(project / "env", f"conda create -p {place}")
        assert os.path.samefile(place, real)
        roots = (project, os.path.dirname(place))  # the shell may stand there by that very name
        for root, spelled in ((root, spelled) for root in roots for spelled in (True, False)):
            made = target(Path(place), root=Path(root), spelled=spelled)._replace(kind="conda")
            assert "names another place" in judge(made, context(home)).reason
        environment(project / ".venv", says=place.replace("env", ".venv"))
        pointed = target(Path(place.replace("env", ".venv")), root=project)  # by a `.venv` file, or mise.toml
        assert "names another place" in judge(pointed, context(home)).reason
    finally:
        os.close(fd)


@pytest.mark.parametrize("name", ["/proc", "/proc/1/cwd", "/dev/fd", "/dev/fd/3", "/net/host"])
def test_some_names_are_no_places_whatever_the_table_of_mounts_says(
    home: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(mounts, "read", mounts.Mounts)
    assert origin._means_nothing(name, context(home))
    assert not origin._means_nothing(f"/home{name}", context(home))


def test_what_a_file_of_the_project_spells_counts_inside_the_project_only(home: Path) -> None:
    outside, inside = home / "other" / "env", home / "p" / "env"
    for prefix, allowed in ((outside, False), (inside, True)):
        conda(prefix, f"conda create -p {prefix}")
        made = target(prefix, root=home / "p", spelled=True, confined=True)
        assert judge(made, context(home)).allowed is allowed
    assert "outside of itself" in judge(made._replace(prefix=str(outside)), context(home)).reason


def test_pip_names_the_place_too(home: Path) -> None:
    prefix = empty(home / "a b" / ".venv")
    for first in (f"#!{prefix}/bin/python\n", f'#!/bin/sh\n\'\'\'exec\' "{prefix}/bin/python3" "$0" "$@"\n'):
        write(prefix / "bin" / "pip", first)
        assert verdict(prefix, home).allowed
        write(prefix / "bin" / "pip", first.replace("a b", "elsewhere"))
        assert "names another place" in verdict(prefix, home).reason
    for first in ("#!/usr/bin/env python\n", "#!.venv/bin/python\n"):
        write(prefix / "bin" / "pip", first)
        assert verdict(prefix, home).reason == "it does not say that it was made here"


ELSEWHERE = {
    "activate": "VIRTUAL_ENV=/else\n",
    "activate.csh": "setenv VIRTUAL_ENV /else\n",
    "activate.fish": "set -gx VIRTUAL_ENV /else\n",
    "activate.nu": "    let virtual_env = r#'/else'#\n",
    "activate.ps1": "$env:VIRTUAL_ENV = '/else'\n",
}


def written_by(tool: str, prefix: Path, home: Path) -> None:
    """Let TOOL make an environment at PREFIX."""
    commands = {
        "venv": [sys.executable, "-m", "venv", "--without-pip"],
        "virtualenv": [f"{BIN}/virtualenv", "-q", "--no-seed", "--no-download"],
        "uv": [f"{BIN}/uv", "venv", "-q", "--offline", "--python", sys.executable],
    }
    env = {"HOME": str(home), "PATH": os.environ["PATH"]}
    subprocess.run([*commands[tool], str(prefix)], check=True, env=env)


@pytest.mark.parametrize("tool", ["venv", "virtualenv", "uv"])
@pytest.mark.parametrize("name", [*ONE_LINE, 'a\'b "c" $d \\\\e!f#g'])
def test_each_activate_script_is_a_witness(home: Path, tool: str, name: str) -> None:
    """Each is understood alone, in the quoting of its shell, and each may contradict the others."""
    prefix = home / name / ".venv"
    written_by(tool, prefix, home)
    scripts = {
        script: (prefix / "bin" / script).read_bytes() for script in ELSEWHERE if (prefix / "bin" / script).exists()
    }
    (prefix / "pyvenv.cfg").write_text("home = /usr/bin\n")
    for script, text in scripts.items():
        write(prefix / "bin" / script, os.fsdecode(text) + ELSEWHERE[script])
        assert "/else" in verdict(prefix, home).reason, script
        (prefix / "bin" / script).write_bytes(text)
    assert verdict(prefix, home).allowed
    alone = [script for script in scripts if not script.endswith(".ps1")]  # that one computes the place
    for script in alone:
        for other in scripts:
            (prefix / "bin" / other).unlink(missing_ok=True)
        (prefix / "bin" / script).write_bytes(scripts[script])
        assert verdict(prefix, home).allowed, (script, scripts[script])


def test_pixi_names_a_place_that_no_path_can_have(home: Path) -> None:
    prefix = home / "p" / ".pixi" / "envs" / "default"
    (prefix / "conda-meta").mkdir(parents=True)
    write(prefix / "conda-meta" / "pixi", r'{"manifest_path": "/\ud800/pixi.toml", "environment_name": "default"}')
    assert verdict(prefix, home).reason == "it does not say that it was made here"


def test_pixi_names_its_place(home: Path) -> None:
    prefix = home / "p" / ".pixi" / "envs" / "default"
    (prefix / "bin").mkdir(parents=True)
    (prefix / "conda-meta").mkdir()
    write(prefix / "conda-meta" / "pixi_env_prefix", f"{prefix}\n")
    write(prefix / "conda-meta" / "pixi", f'{{"manifest_path": "{home}/p/pixi.toml", "environment_name": "default"}}')
    assert verdict(prefix, home).allowed
    write(prefix / "conda-meta" / "pixi", '{"manifest_path": "/x/pixi.toml", "environment_name": "default"}')
    assert not verdict(prefix, home).allowed


def test_an_installation_after_condas_list_was_written(home: Path) -> None:
    """It may add to the prefix. Another directory at the same place is newer than the list."""
    prefix = conda(home / "p" / ".condaenv", "conda create -p ./.condaenv")
    listed = home / ".conda" / "environments.txt"
    listed.parent.mkdir()
    write(listed, f"{prefix}\n")
    time.sleep(0.02)  # the kernel's clock goes in steps
    (prefix / "share").mkdir()
    known = bool(Disk().identity(str(prefix)))  # where the file system keeps no time of birth, it may be another
    assert judge(target(prefix)._replace(kind="conda"), context(home)).allowed == known
    shutil.rmtree(prefix)
    conda(prefix, "conda create -p ./.condaenv")
    assert not judge(target(prefix)._replace(kind="conda"), context(home)).allowed


def test_condas_own_list_counts_where_nothing_else_speaks(home: Path) -> None:
    prefix = conda(home / "p" / ".condaenv", "conda create -p ./.condaenv")
    listed = home / ".conda" / "environments.txt"
    made = target(prefix)._replace(kind="conda")
    assert not judge(made, context(home)).allowed
    listed.parent.mkdir()
    write(listed, f"/other\n{prefix}\n")
    assert judge(made, context(home)).allowed
    assert not judge(made._replace(kind="venv"), context(home)).allowed
    os.utime(listed, (1, 1))  # older than the environment
    assert not judge(made, context(home)).allowed
    os.utime(listed)
    listed.chmod(0o666)
    assert not judge(made, context(home)).allowed

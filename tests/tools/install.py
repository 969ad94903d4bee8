"""Install the pinned tools of pins.txt into .test-tools, each on its own: .test-tools/TOOL/bin/TOOL.

    .test-venv/bin/python tests/tools/install.py

Safe to repeat: a tool of the pinned version is left alone. Needs the network, and npm for what comes from its registry.
Prints what could not be installed and why; the exit status is then 1.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, Optional

_HERE = os.path.dirname(os.path.abspath(__file__))
TOOLS = os.path.join(os.path.dirname(os.path.dirname(_HERE)), ".test-tools")
_SECONDS = 600  # for one step of one tool
_WIDTH = 300  # characters of what went wrong


class Pin(NamedTuple):
    """One line of pins.txt."""

    registry: str  # "pypi" or "npm"
    package: str
    version: str
    beside: tuple[str, ...] = ()  # requirements that the tool's own leave too open

    @property
    def tool(self) -> str:
        """The name of the tool, which is also its command."""
        return self.package.rpartition("/")[2]

    @property
    def stamp(self) -> str:
        """What an installation of this pin is made from."""
        python = f" {sys.version} {sys.base_prefix}" if self.registry == "pypi" else ""
        return f"{' '.join((self.package, self.version, *self.beside))} {TOOLS}{python}\n"


def pins() -> Iterator[Pin]:
    """Yield the tools of pins.txt."""
    with open(os.path.join(_HERE, "pins.txt"), encoding="utf-8") as file:
        for line in file:
            if line.strip() and not line.startswith("#"):
                registry, package, version, *beside = line.split()
                yield Pin(registry, package, version, tuple(beside))


def install() -> dict[str, str]:
    """Install what is not yet there; return {tool: why it could not be installed}."""
    os.makedirs(TOOLS, exist_ok=True)
    wanted = list(pins())
    sysconfig.get_config_var("EXE")  # uv asks for it, and its first use is not safe in several threads
    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(_install, wanted))
    return {pin.tool: problem for pin, problem in zip(wanted, outcomes) if problem}


def _install(pin: Pin) -> Optional[str]:
    """Install PIN; return what went wrong, or None."""
    place = os.path.join(TOOLS, pin.tool)
    stamp = os.path.join(place, "stamp")
    if _read(stamp) == pin.stamp:
        return None
    shutil.rmtree(place, ignore_errors=True)
    try:
        for command in _commands(pin, place):
            subprocess.run(
                command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_SECONDS, check=True
            )
    except subprocess.CalledProcessError as error:
        text = " ".join((error.stderr or error.stdout).split())
        return text[:_WIDTH] or f"{command[0]} failed"
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    if pin.registry == "npm":
        os.symlink("node_modules/.bin", os.path.join(place, "bin"))
    with open(stamp, "w", encoding="utf-8") as file:
        file.write(pin.stamp)
    return None


def _commands(pin: Pin, place: str) -> list[list[str]]:
    """Return the commands that install PIN into the directory PLACE."""
    if pin.registry == "npm":
        return [
            [
                "npm",
                "install",
                "--loglevel=error",
                "--no-fund",
                "--no-audit",
                # mise's fetches its program; those of prompts link files into /usr/local
                *(() if pin.tool == "mise" else ("--ignore-scripts",)),
                "--prefix",
                place,
                f"{pin.package}@{pin.version}",
            ]
        ]
    from uv import find_uv_bin  # of the test environment; here, so that pins can be read without it

    uv = [find_uv_bin(), "--quiet"]
    python = os.path.join(place, "bin", "python")
    return [
        [*uv, "venv", "--no-project", "--python", sys.executable, place],
        [*uv, "pip", "install", "--python", python, f"{pin.package}=={pin.version}", *pin.beside],
    ]


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except OSError:
        return ""


def main() -> int:
    """Install everything; say what is missing."""
    problems = install()
    for tool, problem in problems.items():
        print(f"tests/tools: {tool} could not be installed: {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())

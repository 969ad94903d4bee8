"""The names of the files that make a directory a Python project. Every list of such files follows from these.

Files that one kind alone reads are named in its own file.
"""

from __future__ import annotations

PYPROJECT = "pyproject.toml"
PIXI = ("pixi.toml", PYPROJECT, "mojoproject.toml")  # pixi reads the first that exists
RECIPES = ("environment.yml", "environment.yaml")  # an environment and what is in it, for conda
PINS = (".python-version", ".python-versions")  # uv reads the second only where there is no first
SETUP = ("setup.py", "setup.cfg")
# Of these every one that is there is installed.
REQUIREMENTS = ("requirements.txt", "requirements-dev.txt", "requirements_dev.txt")
# Of these, in a directory `requirements`, the first that is there: it includes what the others share.
IN_REQUIREMENTS = (
    "dev.txt", "development.txt", "local.txt", "requirements.txt", "main.txt", "base.txt", "common.txt", "prod.txt",
    "production.txt",
)  # fmt: skip

# Lock files with the tool that writes each (PEP 751: any tool). From the first, a virtual environment is made.
VENV_LOCKS = {
    "pylock.toml": "",
    "uv.lock": "uv",
    "poetry.lock": "poetry",
    "pdm.lock": "pdm",
    "Pipfile.lock": "pipenv",
}
OTHER_LOCKS = {"pixi.lock": "pixi", "conda-lock.yml": "conda-lock"}
LOCKS = {**VENV_LOCKS, **OTHER_LOCKS}
# Without the file that it is made from, its tool takes a lock file for nothing: that file, and what makes it.
SOURCES = {
    "uv.lock": (PYPROJECT, "uv init"),
    "poetry.lock": (PYPROJECT, "poetry init"),
    "pdm.lock": (PYPROJECT, "pdm init"),
    "Pipfile.lock": ("Pipfile", "pipenv install"),
    "pixi.lock": (PIXI[0], "pixi init"),
}

# By which a person recognises a project; where it has no environment, the first is named.
RECOGNISED = (*REQUIREMENTS, PYPROJECT, *VENV_LOCKS, "Pipfile", *OTHER_LOCKS, *RECIPES, SETUP[0])
# With which a directory is a project of its own, so that a version pinned there is not for a part of the one above.
# Usual names: a project's directory, which may be of any size, is not listed on the way of a `cd`.
_USES = ("base", "ci", "dev", "docs", "lint", "prod", "test", "tests")
_ENDS = (".txt", ".in")  # the second for pip-compile
_MORE_REQUIREMENTS = tuple(f"requirements{between}{use}{end}" for between in "-_" for use in _USES for end in _ENDS)
ROOT = (".git", *SETUP, *dict.fromkeys((*REQUIREMENTS, *_MORE_REQUIREMENTS, "requirements.in")), PYPROJECT)
# The same in a directory `requirements`.
ROOT_IN_REQUIREMENTS = tuple(
    f"{stem}{end}"
    for stem in dict.fromkeys((*(name.removesuffix(".txt") for name in IN_REQUIREMENTS), *_USES))
    for end in _ENDS
)

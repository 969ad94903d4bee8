"""requirements.txt as `pip freeze` writes it, from what is installed.

Source: pip (operations/freeze.py, utils/direct_url_helpers.py), PEP 610. Left out, as there: pip itself, and
setuptools, wheel and distribute where Python is older than 3.12, which put them into every environment.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Callable, NamedTuple
from urllib.parse import unquote, urlsplit, urlunsplit

from wend.formats.versions import canonical
from wend.workflow.installed import Distribution

_ALWAYS = frozenset(("pip",))
_BUILD = frozenset(("setuptools", "wheel", "distribute"))
_VARIABLES = re.compile(r"\$\{[A-Za-z0-9_-]+\}(?::\$\{[A-Za-z0-9_-]+\})?")
# Of pip's options in a requirements file, those that are about each package.
_OPTION = re.compile(
    r"(?:-[if]|--(?:index-url|extra-index-url|find-links|no-index|trusted-host|pre|prefer-binary|no-binary|only-binary))"
    r"(?:[ \t=]|\Z)"
)
_HASHES = re.compile(r"^[^#\n]*(?<!\S)--(?:require-hashes|hash[ =])", re.MULTILINE)
_ITEM = re.compile(r"(\s*)- [^\s:][^:]*")


class Checkout(NamedTuple):
    """The git work tree that an editable project lies in."""

    remote: str  # URL; empty when it has none
    commit: str
    subdirectory: str  # of the project in it; empty for its root


Git = Callable[[str], "Checkout | None"]


def requirements(found: Iterable[Distribution], minor: int, git: Git) -> str:
    """Return the text of requirements.txt for the distributions FOUND under Python 3.MINOR.

    GIT says which work tree a local directory lies in, None for none.
    """
    hidden = _ALWAYS | (_BUILD if minor < 12 else frozenset())
    kept = sorted((canonical(each.name), each) for each in found if canonical(each.name) not in hidden)
    return "".join(line + "\n" for _, each in kept for line in _lines(each, git))


def options(text: str) -> str:
    """Return the lines of the requirements file TEXT that say where packages come from, which `pip freeze -r` keeps."""
    return "".join(f"{line}\n" for line in text.splitlines() if _OPTION.match(line))


def has_hashes(text: str) -> bool:
    """Return whether the requirements file TEXT pins hashes, which nothing installed tells."""
    return bool(_HASHES.search(text))


def _lines(each: Distribution, git: Git) -> list[str]:
    plain = f"{each.name}=={each.version}"
    origin = each.origin or {}
    url = _redacted(origin.get("url"), origin)
    if not url:
        return [plain]
    directory = origin.get("dir_info")
    if isinstance(directory, dict) and directory.get("editable") is True:
        return _editable(each, url, git)
    return [_direct(each.name, url, origin) or plain]


def _editable(each: Distribution, url: str, git: Git) -> list[str]:
    path = unquote(urlsplit(url).path)
    if not path.startswith("/") or not path.isprintable():
        return [f"{each.name}=={each.version}"]
    checkout = git(path)
    if checkout is None:
        return [f"# Editable install with no version control ({each.name}=={each.version})", f"-e {path}"]
    if not checkout.remote:
        return [f"# Editable Git install with no remote ({each.name}=={each.version})", f"-e {path}"]
    egg = each.name.replace("-", "_")
    below = f"&subdirectory={checkout.subdirectory}" if checkout.subdirectory else ""
    return [f"-e {_git_url(checkout.remote)}@{checkout.commit}#egg={egg}{below}"]


def _git_url(remote: str) -> str:
    """Return REMOTE as pip spells it after `-e`: always a URL, so scp's short form is written out."""
    short = re.fullmatch(r"([\w.-]+@)?([\w.-]+):(?!/)(.*)", remote)
    if short and "://" not in remote:
        return f"git+ssh://{short[1] or ''}{short[2]}/{short[3]}"
    if remote.startswith("/"):
        return f"git+file://{remote}"
    return remote if remote.startswith("git+") else f"git+{remote}"


def _direct(name: str, url: str, origin: dict[str, Any]) -> str:
    """Return the direct reference (PEP 440) for what was installed from URL, empty when it is damaged."""
    vcs, archive = origin.get("vcs_info"), origin.get("archive_info")
    fragments = []
    if isinstance(vcs, dict):
        kind, commit = vcs.get("vcs"), vcs.get("commit_id")
        if not _word(kind) or not _word(commit):
            return ""
        url = f"{kind}+{url}@{commit}"
    elif isinstance(archive, dict):
        digest = archive.get("hash")
        hashes = archive.get("hashes")
        if not _word(digest) and isinstance(hashes, dict) and _word(hashes.get("sha256")):
            digest = f"sha256={hashes['sha256']}"
        fragments += [digest] if _word(digest) else []
    below = origin.get("subdirectory")
    fragments += [f"subdirectory={below}"] if _word(below) else []
    return f"{name} @ {url}{'#' if fragments else ''}{'&'.join(map(str, fragments))}"


def _word(value: object) -> bool:
    return isinstance(value, str) and bool(value) and value.isprintable() and " " not in value


def _redacted(url: object, origin: dict[str, Any]) -> str:
    """Return URL without a password, empty when it is not a URL on one line."""
    if not isinstance(url, str) or not _word(url):
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    user, at, host = parts.netloc.rpartition("@")
    vcs = origin.get("vcs_info")
    harmless = _VARIABLES.fullmatch(user) or (isinstance(vcs, dict) and vcs.get("vcs") == "git" and user == "git")
    if at and not harmless:
        parts = parts._replace(netloc=host)
        url = urlunsplit(parts)
    return url


def environment(exported: str) -> str:
    """Return what conda EXPORTED as it is kept: items sorted, without the prefix, which is of this machine alone."""
    lines = exported.splitlines()
    if any(re.match(r"name:\s*\S", line) for line in lines):
        lines = [line for line in lines if not line.startswith("prefix:")]
    kept: list[str] = []
    run: list[str] = []
    inside = False
    for line in [*lines, ""]:
        item = _ITEM.fullmatch(line) if inside else None
        if item and (not run or _indent(run[0]) == _indent(line)):
            run.append(line)
            continue
        kept += [*sorted(run), line] if not item else sorted(run)
        run = [line] if item else []
        if line and line[0] not in " -#":
            inside = line.startswith("dependencies:")
    return "\n".join(kept).rstrip("\n") + "\n"


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())

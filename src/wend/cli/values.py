"""The values that completion offers for arguments and options: projects, versions, settings."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

import click
from click.shell_completion import CompletionItem

from wend import settings_file
from wend.disk import mounts
from wend.engine import outcome


def projects(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the projects that were decided on or that living shells are in; any directory goes, too."""
    del ctx, param
    known = sorted({*_decided(), *_in_use()})
    found = [CompletionItem(path) for path in known if path.startswith(incomplete) and _may_be_there(path)]
    return [*found, CompletionItem(incomplete, type="dir")]


def _may_be_there(path: str) -> bool:
    """Return whether PATH is a directory. On a remote mount, which may not answer, it is taken for one."""
    return bool(mounts.read().remote(path)) or os.path.isdir(path)


def decided(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the directories that something was decided on."""
    del ctx, param
    return [CompletionItem(path, help=help_) for path, help_ in _decided().items() if path.startswith(incomplete)]


def versions(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the versions of Python on this machine, newest first: each minor version, then each version."""
    del ctx, param
    from wend.cli import context
    from wend.workflow import tools

    surroundings = context.surroundings(outcome.nothing_at_all(context.without_wend()))
    found = tools.find(surroundings).interpreters
    ordered = sorted((each for each in found if each.version), key=lambda each: tools.order(each.version), reverse=True)
    minor = {".".join(each.version.split(".")[:2]): "newest" for each in ordered}
    exact = {each.version: f"{each.implementation}, {each.source}" for each in ordered}
    return _matching({**minor, **exact}.items(), incomplete)


def pins(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return what a `.python-version` may hold: the versions, and the names in pyenv's store."""
    from wend.cli import context
    from wend.kinds import interpreters

    surroundings = context.surroundings(outcome.nothing_at_all(context.without_wend()))
    store = dict(interpreters.stores(surroundings)).get("pyenv", "")
    named = {name: "pyenv" for name in sorted(surroundings.disk.listdir(store)) if not name[:1].isdigit()}
    more = _matching({**named, "system": "the first on PATH"}.items(), incomplete)
    return [*versions(ctx, param, incomplete), *more]


def keys(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the settings."""
    del ctx, param
    return _matching(((option.key, option.expects) for option in settings_file.OPTIONS), incomplete)


def setting(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return what the setting that was typed may be: its words, or what it is now."""
    del param
    option = next((each for each in settings_file.OPTIONS if each.key == ctx.params.get("key")), None)
    if option is None:
        return []
    if option.key == "trust.roots":
        return [CompletionItem(incomplete, type="dir")]
    now = _now(option)
    if not option.words:
        return _matching([(now, "now")], incomplete)
    if not option.several:
        return _matching(((word, "now" if word == now else "") for word in option.words), incomplete)
    chosen, comma, _ = incomplete.rpartition(",")
    rest = (word for word in option.words if word not in chosen.split(","))
    return _matching(((f"{chosen}{comma}{word}", "") for word in rest), incomplete)


def _now(option: settings_file.Option) -> str:
    from wend.disk import Disk

    value = getattr(settings_file.load(os.environ, Disk())[0], option.field)
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(value) if isinstance(value, tuple) else str(value)


def _decided() -> dict[str, str]:
    from wend.cli import context
    from wend.trust import decisions

    return {each.dir: each.decision for each in decisions.decisions(context.without_wend())}


def _in_use() -> Iterator[str]:
    """Yield the roots of the environments that are active in living shells."""
    from wend import client
    from wend.errors import WendError

    try:
        shells = (client.ask(("shells",), os.environ, 0.5) or {}).get("shells") or []
    except WendError:
        return
    for shell in shells:
        if shell["env"]:
            yield shell["env"]["root"]


def _matching(pairs: Iterable[tuple[str, str]], incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(value, help=help_) for value, help_ in pairs if value.startswith(incomplete)]


# The argument DIR of most commands.
directory = click.argument("directory", required=False, metavar="[DIR]", shell_complete=projects)

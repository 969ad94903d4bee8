"""What hatch makes of its tables of environments: templates, matrices, overrides. Pure.

Source: hatch 1.18 (hatch/project/config.py, hatch/project/env.py). Of the options, only those that say where an
environment is and for which Python. Not followed: environments that plugins collect, and a regular expression that is
more than text: a file of the project must not choose how long it takes.
"""

from __future__ import annotations

from itertools import islice, product

from wend.formats import toml
from wend.patterns import pattern
from wend.system import MACOS, WINDOWS
from wend.typed import Any, Iterator, Mapping, NamedTuple

DEFAULT = "default"
_OWN = "hatch-"  # begins the names of hatch's own environments, which no table has to define
_OPTIONS = ("path", "type", "python")
_PYTHON = ("py", "python")  # variables of a matrix, of which the first stands for Python
_MOST = 500  # environments of a matrix, and templates of templates
_LONGEST = 100  # characters of a value in a matrix
_MOST_CONDITIONS = 32  # variables of a matrix, and what the overrides of one environment of it look at
_MOST_VARIABLES = 16  # that overrides depend on: a shell sends them
_VARIABLE = pattern(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_PLAIN = pattern(r"\^?[A-Za-z0-9_.-]{1,100}\$?")
PLATFORM = "windows" if WINDOWS else "macos" if MACOS else "linux"


class Environment(NamedTuple):
    """One environment, as the tables define it."""

    name: str
    options: dict[str, Any]


def variables(envs: dict[str, Any]) -> tuple[str, ...]:
    """Return the variables that overrides in the tables ENVS depend on."""
    found: dict[str, None] = {}
    for table in islice(envs, _MOST):
        overrides = toml.table(envs, table, "overrides")
        found.update(dict.fromkeys(toml.table(overrides, "env")))
        for source in overrides:
            for condition in toml.table(overrides, source).values():
                found.update(dict.fromkeys(_conditions(condition)))
    return tuple(islice(filter(_VARIABLE.fullmatch, found), _MOST_VARIABLES))


def ask_for_python(envs: dict[str, Any]) -> bool:
    """Return whether the tables ENVS ask for a version of Python."""
    for table in islice(envs, _MOST):
        matrices = toml.table(envs, table).get("matrix")
        listed = matrices if isinstance(matrices, list) else []
        tables = (toml.table(envs, table), *(each for each in listed if isinstance(each, dict)))
        if any(name in each for each in tables for name in _PYTHON):
            return True
    return False


def _conditions(options: Any) -> Iterator[str]:
    """Yield the variables that the override OPTIONS looks at beside the condition it stands under."""
    for option in _OPTIONS:
        for name in (option, f"set-{option}"):
            override = options.get(name) if isinstance(options, dict) else None
            for entry in override if isinstance(override, list) else [override]:
                listed = entry.get("env") if isinstance(entry, dict) else None
                for word in listed if isinstance(listed, list) else ():
                    yield word.partition("=")[0] if isinstance(word, str) else ""


def named(envs: dict[str, Any], name: str, env: Mapping[str, str]) -> tuple[Environment, ...]:
    """Return what NAME stands for in the tables ENVS: one, several where it is a matrix, none where it is nothing.

    ENV are the variables of the shell.
    """
    if name in envs or name == DEFAULT or name.startswith(_OWN):
        return _of_table(envs, name, env)
    for table in (DEFAULT, name.partition(".")[0]):
        found = [each for each in _of_table(envs, table, env) if each.name == name] if table in envs else []
        if found:
            return tuple(found[:1])
    return ()


def _of_table(envs: dict[str, Any], name: str, env: Mapping[str, str]) -> tuple[Environment, ...]:
    """Return the environments that the table NAME defines."""
    options = _inherited(envs, name)
    overrides = toml.table(options, "overrides")
    options = _overridden(options, toml.table(overrides, "platform"), {PLATFORM: PLATFORM}, env)
    options = _overridden(options, toml.table(overrides, "env"), env, env)
    matrices = toml.table(envs, name).get("matrix")
    if not isinstance(matrices, list):
        return (Environment(name, options),)
    prefix = "" if name == DEFAULT else f"{name}."
    found = (each for matrix in matrices for each in _of_matrix(matrix, (options, overrides), prefix, env))
    return tuple({each.name: each for each in islice(found, _MOST)}.values())


def _inherited(envs: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the options of the table NAME with those of its templates."""
    options: dict[str, Any] = {}
    seen: set[str] = set()
    while name not in seen and len(seen) < _MOST:
        seen.add(name)
        table = toml.table(envs, name)
        options = {**table, **options}
        template = DEFAULT if not name.startswith(_OWN) else name
        template = name if table.get("detached") else table.get("template", template)
        name = template if isinstance(template, str) else name
    return options


def _of_matrix(
    matrix: Any, table: tuple[dict[str, Any], dict[str, Any]], prefix: str, env: Mapping[str, str]
) -> Iterator[Environment]:
    """Yield what MATRIX makes of TABLE: one environment for each combination, that of Python first in its name.

    TABLE: the options and their overrides.
    """
    options, overrides = table
    if not isinstance(matrix, dict):
        return
    lists = {name: [each for each in values if _is_short(each)] for name, values in _ordered(matrix)}
    if len(lists) > _MOST_CONDITIONS or not all(map(_is_short, lists)):
        return
    by_name, by_variable = (
        dict(islice(toml.table(overrides, source).items(), _MOST_CONDITIONS)) for source in ("name", "matrix")
    )
    said = options.get("matrix-name-format")
    form = said if isinstance(said, str) and len(said) <= _LONGEST else "{value}"
    for values in product(*lists.values()):
        chosen = dict(zip(lists, values))
        name = "-".join(_part(at, each, form) for at, each in enumerate(chosen.items()))
        own = _overridden(options, by_variable, chosen, env)
        python = next((chosen[variable] for variable in _PYTHON if variable in chosen), "")
        own = {**own, "python": python} if python else own
        matching = {each: name for each in by_name if _matches(each, name)}
        yield Environment(prefix + name, _overridden(own, by_name, matching, env))


def _ordered(matrix: dict[str, Any]) -> list[tuple[str, Any]]:
    """Return the variables of MATRIX that are lists, in hatch's order: the one for Python is first."""
    lists = [(name, values) for name, values in matrix.items() if isinstance(values, list)]
    return sorted(lists, key=lambda each: each[0] not in _PYTHON)


def _part(at: int, each: tuple[str, str], form: str) -> str:
    """Return the part of an environment's name for EACH, (variable, value), in the place AT."""
    variable, value = each
    if at == 0 and variable in _PYTHON:
        return value if value.startswith("py") else f"py{value}"
    return form.replace("{variable}", variable).replace("{value}", value)


def _is_short(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= _LONGEST


def _matches(wanted: str, name: str) -> bool:
    return bool(_PLAIN.fullmatch(wanted) and pattern(wanted).search(name))


def _overridden(
    options: dict[str, Any], overrides: dict[str, Any], conditions: Mapping[str, str], env: Mapping[str, str]
) -> dict[str, Any]:
    """Return OPTIONS as those of OVERRIDES change them that stand under one of CONDITIONS: {condition: value}."""
    found = dict(options)
    for condition in filter(conditions.__contains__, overrides):
        for option in _OPTIONS:
            for name in (option, f"set-{option}"):
                value = _value(toml.table(overrides, condition).get(name), conditions[condition], env)
                found.update({option: value} if value is not None else {})
    return found


def _value(override: Any, condition: str, env: Mapping[str, str]) -> Any:
    """Return the text that OVERRIDE says while CONDITION is the value it stands under; None for none."""
    for entry in override[:_MOST_CONDITIONS] if isinstance(override, list) else [override]:
        if isinstance(entry, str):
            return entry
        if not isinstance(entry, dict) or not isinstance(entry.get("value"), str):
            continue
        allowed, platforms, listed = entry.get("if"), entry.get("platform"), entry.get("env")
        if isinstance(allowed, list) and condition not in allowed:
            continue
        if isinstance(platforms, list) and PLATFORM not in platforms:
            continue
        if all(_is_set(word, env) for word in (listed if isinstance(listed, list) else [])):
            return entry["value"]
    return None


def _is_set(word: Any, env: Mapping[str, str]) -> bool:
    """Return whether WORD, `NAME` or `NAME=value`, holds in ENV."""
    name, equals, value = word.partition("=") if isinstance(word, str) else ("", "", "")
    return name in env and (not equals or env[name] == value)

"""YAML, as much of it as conda's files need: text, lists and mappings, in one document.

Read from PyYAML's events, so that no tag makes an object, no alias but of a text is expanded, and size and depth are
bounded.
All scalars stay text: `3.10` and `no` are what was written.
"""

from __future__ import annotations

from wend.typed import Any, Iterator, Optional, Union

Value = Union[None, str, list[Any], dict[str, Any]]

MAX_SIZE = 1 << 20  # bytes
_MAX_DEPTH = 32
_MAX_EVENTS = 100_000
_MAX_ALIASED = 4096  # characters of a text that an alias may stand for
_NULL = ("", "~", "null", "Null", "NULL")


def mapping(text: str) -> dict[str, Value]:
    """Return the first document of TEXT, a mapping; empty for an empty document.

    An alias stands for the text that its anchor names, and is null where the anchor names no text. ValueError, with a
    sentence of one line, when TEXT is not YAML, not a mapping, repeats a key at the top, or is larger or deeper than
    such files are.
    """
    import yaml

    if len(text) > MAX_SIZE:
        raise ValueError("it is too long")
    parser = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    # libyaml takes no lone surrogates (bytes that are not UTF-8): such a name is not a name of conda's.
    plain = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    events = yaml.parse(plain, Loader=parser)
    try:
        value = _document(_limited(events))
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise ValueError(f"{line}{error.problem or 'not YAML'}") from None
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError(str(error).splitlines()[0] if str(error) else "not YAML") from None
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ValueError("it is not a list of `key: value` lines")
    return value


def _limited(events: Iterator[Any]) -> Iterator[Any]:
    for count, event in enumerate(events):
        if count > _MAX_EVENTS:
            raise ValueError("it is too long")
        yield event


def _document(events: Iterator[Any]) -> Value:
    texts: dict[str, str] = {}
    for event in events:
        name = type(event).__name__
        if name not in ("StreamStartEvent", "DocumentStartEvent"):
            return None if name == "StreamEndEvent" else _value(event, events, texts, 0)
    return None


def _value(event: Any, events: Iterator[Any], texts: dict[str, str], depth: int) -> Value:
    """Return the value that EVENT begins; the rest of it is taken from EVENTS. TEXTS keeps those with an anchor."""
    name = type(event).__name__
    if name != "AliasEvent":
        texts.pop(event.anchor, "")  # an anchor may name something else from here on
    if depth > _MAX_DEPTH:
        raise ValueError("it is nested too deep")
    if name == "ScalarEvent":
        text = None if not event.style and event.value in _NULL else str(event.value)
        if event.anchor and text is not None and len(text) <= _MAX_ALIASED:
            texts[event.anchor] = text
        return text
    if name == "SequenceStartEvent":
        return [_value(each, events, texts, depth + 1) for each in _until("SequenceEndEvent", events)]
    if name == "MappingStartEvent":
        return _mapping(events, texts, depth)
    return texts.get(event.anchor)  # an alias


def _mapping(events: Iterator[Any], texts: dict[str, str], depth: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for event in _until("MappingEndEvent", events):
        key = _value(event, events, texts, depth + 1)
        value = _value(next(events), events, texts, depth + 1)
        if not isinstance(key, str):
            continue
        if depth == 0 and key in found:
            raise ValueError(f"it repeats the key {key}")
        found[key] = value
    return found


def _until(end: str, events: Iterator[Any]) -> Iterator[Any]:
    for event in events:
        if type(event).__name__ == end:
            return
        yield event


def scalar(tree: dict[str, Value], key: str) -> Optional[str]:
    """Return the text of KEY, None when it is absent or null; ValueError when it is a list or a mapping."""
    value = tree.get(key)
    if value is None or isinstance(value, str):
        return value
    raise ValueError(f"{key} is not plain text")


def items(tree: dict[str, Value], key: str) -> list[str]:
    """Return the list of text at KEY, empty when it is absent; ValueError when it is not such a list."""
    value = tree.get(key)
    if value is None:
        return []
    if not isinstance(value, list) or not all(item is None or isinstance(item, str) for item in value):
        raise ValueError(f"{key} is not a plain list")
    return [item for item in value if item]

"""What modules take from `typing`, `collections.abc` and `functools`, without importing them.

Importing `typing`, and what it brings along, takes as long as one and a half starts of Python, and each of its
NamedTuples as long as a small module; `functools` takes half a start. Every `wend exec` and `wend env` would pay for
that. Type checkers see the real ones.
"""

from __future__ import annotations

import sys
from _collections_abc import Iterable, Iterator, Mapping, Sequence

TYPE_CHECKING = False  # type checkers take this name for true

if TYPE_CHECKING:
    from functools import lru_cache
    from typing import Any, Callable, ClassVar, NamedTuple, NoReturn, Optional, TypeVar, Union, cast

    def late(name: str) -> Any:
        """Return the module NAME, to be imported when something of it is first used."""

    def load_late() -> None:
        """Import the modules that `late` put off."""
else:

    class _Form:
        """Stands for a type in an alias; annotations are never evaluated."""

        def __getitem__(self, parts):
            return self

    Any = Callable = ClassVar = NoReturn = Optional = Union = _Form()

    def TypeVar(name):  # noqa: N802
        """Return what stands for the type NAME."""
        return name

    def cast(_, value):
        """Return VALUE."""
        return value

    def lru_cache(maxsize):
        """Remember MAXSIZE answers of a function; the one that was asked for first is forgotten first."""

        def decorate(function):
            answers = {}

            def remembering(*arguments):
                found = answers.get(arguments, answers)
                if found is answers:  # not there; threads may come here at the same time
                    found = function(*arguments)
                    if len(answers) >= maxsize:
                        answers.pop(next(iter(answers), None), None)
                    answers[arguments] = found
                return found

            remembering.cache_clear, remembering.__wrapped__ = answers.clear, function
            return remembering

        return decorate

    _LATE = []

    class late:  # noqa: N801  stands for a function
        """A module that is imported when something of it is first used. Type checkers see a plain import instead."""

        __slots__ = ("_module", "_name")

        def __init__(self, name):
            self._name, self._module = name, None
            _LATE.append(name)

        def __getattr__(self, attribute):
            """Return the ATTRIBUTE of the module."""
            if self._module is None:
                __import__(self._name)
                self._module = sys.modules[self._name]
            return getattr(self._module, attribute)

    def load_late():
        """Import the modules that `late` put off."""
        for name in _LATE:  # which grows by what these put off in turn
            __import__(name)

    class _Tuple(tuple):
        """What named tuples share."""

        __slots__ = ()

        @classmethod
        def _make(cls, values):
            made = tuple.__new__(cls, values)
            if len(made) != len(cls._fields):
                raise TypeError(f"Expected {len(cls._fields)} arguments, got {len(made)}")
            return made

        def _replace(self, /, **changes):
            made = self._make(map(changes.pop, self._fields, self))
            if changes:
                raise ValueError(f"Got unexpected field names: {list(changes)!r}")
            return made

        def _asdict(self):
            return dict(zip(self._fields, self))

        def __getnewargs__(self):
            return tuple(self)

        def __repr__(self):
            return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self._asdict().items())})"

    _FEW = 12

    def _new(cls, *values, **named):
        """Make a tuple of CLS, and after a few the function that makes the others.

        That function takes as long to make as a dozen tuples, and a command makes few of most classes.
        """
        given = {**dict(zip(cls._fields, values)), **named}
        filled = {**cls._field_defaults, **given}
        if cls._made < _FEW and len(given) == len(values) + len(named) and filled.keys() == set(cls._fields):
            cls._made += 1
            return tuple.__new__(cls, map(filled.get, cls._fields))
        names = ", ".join(cls._fields)
        function = eval(f"lambda _cls, {names}: _new(_cls, ({names},))", {"_new": tuple.__new__})  # noqa: S307
        function.__defaults__ = tuple(cls._field_defaults.values())
        cls.__new__ = staticmethod(function)
        return function(cls, *values, **named)

    try:
        from _collections import _tuplegetter
    except ImportError:

        def _tuplegetter(index, _):
            return property(lambda self: self[index])

    class _Named(type):
        """Makes a class of named tuples where `NamedTuple` is the base."""

        def __new__(cls, name, bases, members):
            if not bases:
                return type.__new__(cls, name, bases, members)
            names = tuple(members.get("__annotations__", ()))
            if not names:  # Python 3.14 shows them here only where `from __future__ import annotations` stands
                raise TypeError(f"{name} has no fields")
            defaults = {name: members[name] for name in names if name in members}
            members.update({name: _tuplegetter(index, None) for index, name in enumerate(names)})
            members.update(__slots__=(), _fields=names, _field_defaults=defaults, _made=0, __new__=_new)
            return type(name, (_Tuple,), members)

    class NamedTuple(metaclass=_Named):
        """Base of classes whose annotated names are the fields of a tuple."""


__all__ = [
    "TYPE_CHECKING",
    "Any",
    "Callable",
    "ClassVar",
    "Iterable",
    "Iterator",
    "Mapping",
    "NamedTuple",
    "NoReturn",
    "Optional",
    "Sequence",
    "TypeVar",
    "Union",
    "cast",
    "late",
    "load_late",
    "lru_cache",
]

"""watchdog over the directories on which the answers of living shells rest. Only makes things early.

One watch costs a thread (measured: about 23 KiB and 0.3 ms; one inotify instance serves all since watchdog 7, one
each before), so there are few, never recursive, the least recently wanted goes first; at the system's limit wend
goes on without.
"""

from __future__ import annotations

import os
import time
from collections import OrderedDict
from itertools import islice

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer

from wend.system import LINUX
from wend.typed import Any, Callable, Iterable

_LIMIT = 48
_TRY_EVERY = 30.0  # seconds
_EVICTIONS = 2  # for each answer: with many shells in many projects, it must not do little else
# Reads are not asked for: our own would wake us. Closing after a write stands for every modification.
_EVENTS: list[type[FileSystemEvent]] = [
    FileCreatedEvent,
    FileDeletedEvent,
    FileMovedEvent,
    FileClosedEvent if LINUX else FileModifiedEvent,
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
]


class Watcher(FileSystemEventHandler):
    """Calls `changed(path)` from a thread of watchdog's for each change in a watched directory."""

    def __init__(self, changed: Callable[[str], None]) -> None:
        self._changed = changed
        self._observer: Any = None
        self._try_at = 0.0  # by the monotonic clock, when there is none
        self._watches: OrderedDict[str, Any] = OrderedDict()
        self._gone: set[str] = set()  # watched directories that were removed or moved

    def want(self, directories: Iterable[str]) -> bool:
        """Watch DIRECTORIES, most wanted first; return whether any of them was not watched before.

        When the limit is reached, only a few of the oldest are dropped for them.
        """
        if self._observer is None and not self._observe():
            return False
        evictions, started = _EVICTIONS, False
        for directory in islice(directories, _LIMIT):
            if directory in self._gone:  # and made again, perhaps: the kernel watches the one that is gone
                self._gone.discard(directory)
                self._drop(self._watches.pop(directory, None))
            if directory in self._watches:
                self._watches.move_to_end(directory)
                continue
            if not os.path.isdir(directory):  # it would cost a thread to learn it
                continue
            if len(self._watches) >= _LIMIT:
                if not evictions:
                    continue
                evictions -= 1
                self._drop(self._watches.popitem(last=False)[1])
            try:
                watch = self._observer.schedule(self, directory, recursive=False, event_filter=_EVENTS)
            except (OSError, RuntimeError):  # no such directory, or the system's limit: on without
                continue
            self._watches[directory] = watch
            started = True
        return started

    def _observe(self) -> bool:
        """Begin to observe; False where the system's limit is reached, which may be otherwise some time later."""
        if time.monotonic() < self._try_at:
            return False
        self._try_at = time.monotonic() + _TRY_EVERY
        try:
            observer = Observer()
            observer.daemon = True
            observer.start()
        except (OSError, RuntimeError):
            return False
        self._observer = observer
        return True

    def _drop(self, watch: Any) -> None:
        try:
            self._observer.unschedule(watch)
        except (KeyError, OSError, RuntimeError):
            return

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Tell both ends of a change."""
        gone = os.fsdecode(event.src_path)
        if isinstance(event, (DirDeletedEvent, DirMovedEvent)) and gone in self._watches:
            self._gone.add(gone)
        for path in (event.src_path, event.dest_path):
            if path:
                self._changed(os.fsdecode(path))

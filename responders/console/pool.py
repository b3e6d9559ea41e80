"""Connections to the store: one a request, used again, so that threads never share one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Empty, LifoQueue

from pipeline.store.db import Store

KEPT = 8


class Stores:
    """Lends a store to whoever serves a request, and keeps a few open for the next."""

    def __init__(self, open_store: Callable[[], Store]) -> None:
        self._open = open_store
        self._idle: LifoQueue[Store] = LifoQueue()

    @contextmanager
    def lent(self) -> Iterator[Store]:
        """A store for one request; one that failed in the middle of something is closed and not lent again."""
        store = self._idle_one() or self._open()
        try:
            yield store
        except BaseException:
            store.close()
            raise
        if self._idle.qsize() < KEPT:
            self._idle.put(store)
        else:
            store.close()

    def close(self) -> None:
        """Closes whatever is idle."""
        while (store := self._idle_one()) is not None:
            store.close()

    def _idle_one(self) -> Store | None:
        try:
            return self._idle.get_nowait()
        except Empty:
            return None

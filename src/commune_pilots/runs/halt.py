"""Stopping: what ends every kernel of this process at once."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Lock


class Halt:
    """Stops every kernel of this process at once, from whatever thread notices the need."""

    def __init__(self) -> None:
        self._asked = Event()
        self._lock = Lock()
        self._kills: list[Callable[[], None]] = []

    @property
    def asked(self) -> bool:
        """Say whether execution is to stop."""
        return self._asked.is_set()

    def watch(self, kill: Callable[[], None]) -> None:
        """Keep what ends one kernel; end it now if that was asked already."""
        with self._lock:
            self._kills.append(kill)
        if self.asked:
            kill()

    def stop(self) -> None:
        """End every kernel, now and to come."""
        self._asked.set()
        with self._lock:
            kills, self._kills = self._kills, []
        for kill in kills:
            kill()

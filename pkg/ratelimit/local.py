"""The same windows in this process's memory, for the time that Redis is of no use."""

import threading
from collections import OrderedDict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from pkg.ratelimit.limit import Decision, Limit

_MILLISECOND = timedelta(milliseconds=1)


@dataclass
class _Window:
    """What was used of one limit: when in milliseconds, and how many units."""

    used: deque[tuple[int, int]] = field(default_factory=deque)
    total: int = 0

    def forget(self, until: int) -> None:
        while self.used and self.used[0][0] <= until:
            self.total -= self.used.popleft()[1]

    def freed_at(self, missing: int, window: int) -> int:
        for at, units in self.used:
            missing -= units
            if missing <= 0:
                return at + window
        raise AssertionError("fewer units are used than are missing")


class Local:
    """The limits as this process alone sees them. Usable from several threads.

    Args:
        names: of how many limits it remembers what was used; those not asked for longest go first.
    """

    def __init__(self, names: int = 10_000) -> None:
        self._names = names
        self._lock = threading.Lock()
        self._windows: OrderedDict[str, _Window] = OrderedDict()

    def take(
        self, asked: Sequence[tuple[Limit, int]], now: int, *, together: bool = True
    ) -> list[Decision]:
        """Uses the units of all limits, or of none where one has not so many left.

        Args:
            asked: the limits, and how many units of each.
            now: milliseconds, never fewer than before.
            together: if False, uses those of each limit that has so many left.
        """
        with self._lock:
            windows = [self._window(limit, now) for limit, _ in asked]
            both = list(zip(asked, windows, strict=True))
            all_there = not together or all(
                window.total + units <= limit.units for (limit, units), window in both
            )
            return [
                self._decided(limit, units, window, now, all_there)
                for (limit, units), window in both
            ]

    def _window(self, limit: Limit, now: int) -> _Window:
        window = self._windows.setdefault(limit.name, _Window())
        self._windows.move_to_end(limit.name)
        if len(self._windows) > self._names:
            self._windows.popitem(last=False)
        window.forget(now - limit.milliseconds)
        return window

    def _decided(self, limit: Limit, units: int, window: _Window, now: int, may: bool) -> Decision:
        there = window.total + units <= limit.units
        wait = 0
        if there and may and units:
            window.used.append((now, units))
            window.total += units
        elif not there:
            wait = limit.milliseconds
            if units <= limit.units:
                missing = window.total + units - limit.units
                wait = window.freed_at(missing, limit.milliseconds) - now
        remaining = max(limit.units - window.total, 0)
        return Decision(there, remaining, wait * _MILLISECOND, exact=False)

"""A shared server that a test has whole, with what the leak detector saw of it.

From a test that left nothing, the next one of the same process takes the turn over, and the last
look as its first: nobody else can have changed the server meanwhile. So a row of such tests costs
one look for each.
"""

import os
import threading
from collections.abc import Mapping
from typing import Any

from pkg.testutil.containers import leaks
from pkg.testutil.containers.parted import Parted
from pkg.testutil.containers.turns import Turn, is_awaited

_SECONDS = 0.05  # for which a turn waits: from a test to the next, pytest takes a few milliseconds


class Whole:
    """A test's hold on a server that nobody else has meanwhile."""

    def __init__(self, service: str, parted: Parted) -> None:
        """Waits for its turn, or takes over that of the test before.

        Raises:
            TurnTimeout: other tests kept it for too long.
        """
        kept = keeper.take(service, parted)
        self.service = service
        self.parted = parted
        self._turn: Turn = kept._turn if kept else Turn(service, whole=True)
        self._before: Mapping[str, Any] | None = kept._after if kept else None
        self._after: Mapping[str, Any] | None = None

    def look(self) -> None:
        """Takes stock before the test, where nobody has; under the server's `turn`."""
        if self._before is None:
            self._before = leaks.stock(self.parted)

    def compare(self) -> None:
        """Takes stock after the test.

        Raises:
            Leaked: the test has left something, or changed it.
        """
        with self.parted.turn:
            after = leaks.stock(self.parted)
        leaks.compare(self.service, self._before or {}, after)
        self._after = after

    def end(self) -> None:
        """Ends the turn, at once or when no test has taken it over soon."""
        if self._after is None:
            self._turn.end()
        else:
            keeper.keep(self)

    def let_go(self) -> None:
        """Ends the turn at once."""
        self._turn.end()


class Keeper:
    """What tests of this process have ended and nobody has taken over yet."""

    def __init__(self, seconds: float = _SECONDS) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._kept: dict[str, Whole] = {}

    def keep(self, whole: Whole) -> None:
        """Keeps one for the next test, and lets go of it if there is none soon."""
        with self._lock:
            self._kept[whole.service] = whole
        timer = threading.Timer(self._seconds, self._give_up, (whole,))
        timer.daemon = True
        try:
            timer.start()
        except RuntimeError:  # the process is ending
            self._give_up(whole)

    def take(self, service: str, parted: Parted) -> Whole | None:
        """The one that was kept, if the server is the same and nobody waits for it."""
        with self._lock:
            kept = self._kept.pop(service, None)
        if kept is None:
            return None
        if kept.parted is parted and not is_awaited(service):
            return kept
        kept.let_go()
        return None

    def let_go(self, service: str) -> None:
        """Ends the turn that was kept, if there is one: this process wants another one."""
        with self._lock:
            kept = self._kept.pop(service, None)
        if kept:
            kept.let_go()

    def forget(self) -> None:
        """In a forked child: the turns are its parent's."""
        self._lock = threading.Lock()
        kept, self._kept = self._kept, {}
        for each in kept.values():
            each.let_go()

    def _give_up(self, whole: Whole) -> None:
        with self._lock:
            if self._kept.get(whole.service) is not whole:
                return
            del self._kept[whole.service]
        whole.let_go()


keeper = Keeper()

os.register_at_fork(after_in_child=lambda: keeper.forget())

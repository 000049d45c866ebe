"""Ends what has no time left: a thread that breaks connections off at their deadlines.

The client library counts whole seconds, and begins anew with each packet. So a connection that is
in use has a deadline here, at which both its directions are shut.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pkg.clock import Clock, Event

_FOR_EVER = float("inf")


class Watch:
    """Calls functions at their times, unless they are taken back. Usable from several threads.

    Its thread begins with the first one, and sleeps while there is none.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._calls: dict[object, tuple[float, Callable[[], None]]] = {}
        self._wakes_at = _FOR_EVER
        self._wake: Event = clock.event()
        self._thread: threading.Thread | None = None
        self._closed = False

    @contextmanager
    def at(self, moment: float, call: Callable[[], None]) -> Iterator[None]:
        """Within the block, the function is called at a moment of the clock's monotonic time.

        It is called at most once, by another thread, and not after the block has ended. It must
        be quick, and raise nothing.
        """
        key = object()
        with self._lock:
            self._calls[key] = (moment, call)
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._run, name="db-watch", daemon=True)
                self._thread.start()
            if moment < self._wakes_at:
                self._wake.set()
        try:
            yield
        finally:
            with self._lock:
                self._calls.pop(key, None)

    def close(self) -> None:
        """Ends the thread. Nothing is called any more."""
        with self._lock:
            self._closed = True
            self._calls.clear()
            self._wake.set()
            thread, self._thread = self._thread, None
        if thread is not None:
            thread.join()

    def _run(self) -> None:
        while (wait := self._next()) is not None:
            event, seconds = wait
            event.wait(seconds)

    def _next(self) -> tuple[Event, float | None] | None:
        """Calls what is due; what to wait for until there is more, and how long."""
        with self._lock:
            if self._closed:
                return None
            now = self._clock.monotonic()
            for key, (moment, call) in list(self._calls.items()):
                if moment <= now:
                    del self._calls[key]
                    call()
            self._wakes_at = min((moment for moment, _ in self._calls.values()), default=_FOR_EVER)
            self._wake = self._clock.event()
            seconds = None if self._wakes_at == _FOR_EVER else self._wakes_at - now
            return self._wake, seconds

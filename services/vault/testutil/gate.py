"""A gate that a test opens, and a storage that waits at it before one of its calls."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from services.vault.storage import Storage
from services.vault.storage.wrapper import Wrapper


class Gate:
    """Where several threads wait for each other and for the test, each once.

    Args:
        threads: how many there are.
    """

    def __init__(self, threads: int) -> None:
        self._missing = threads
        self._changed = threading.Condition()
        self._opened = threading.Event()

    @contextmanager
    def expecting(self) -> Iterator[Callable[[], None]]:
        """Gives a thread what it waits with; not to do so before the block's end is as good."""
        arrived = False

        def arrive() -> None:
            nonlocal arrived
            if not arrived:
                arrived = True
                with self._changed:
                    self._missing -= 1
                    self._changed.notify_all()

        def wait() -> None:
            arrive()
            self._opened.wait()

        try:
            yield wait
        finally:
            arrive()

    def all_arrived(self, seconds: float) -> bool:
        """Waits until all threads are there, or have ended, and says whether they are."""
        with self._changed:
            return self._changed.wait_for(lambda: self._missing == 0, seconds)

    def open(self) -> None:
        """Lets all go on."""
        self._opened.set()


class StoppingStorage(Wrapper):
    """Does what one storage does until one of its calls, then waits, then does what another does.

    Args:
        before: does the first calls.
        after: does that call and the later ones.
        at: the call's number, counted from 0; None for no call.
        wait: waits.
    """

    def __init__(
        self, before: Storage, after: Storage, at: int | None, wait: Callable[[], None]
    ) -> None:
        super().__init__(before)
        self._after = after
        self._at = at
        self._wait = wait
        self._calls = 0

    def _call[T](self, call: Callable[[], T]) -> T:
        if self._calls == self._at:
            self._wait()
            self._storage = self._after
        self._calls += 1
        return call()

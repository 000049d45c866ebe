"""One load of a key at a time, whoever asks for it."""

import threading
from collections.abc import Callable
from concurrent.futures import Future


class Loads[T]:
    """Loads that go on now, by key. Usable from several threads.

    Args:
        dropped: is called with the key of a load that was dropped, when it has ended.
    """

    def __init__(self, dropped: Callable[[str], object]) -> None:
        self._dropped = dropped
        self._lock = threading.Lock()
        self._going_on: dict[str, Future[T]] = {}

    def once(self, key: str, load: Callable[[], T]) -> T:
        """What `load` returns, or a load of the key that another thread has begun.

        Raises:
            Exception: what the load has raised, to all who wait for it.
        """
        mine, is_first = self._future(key)
        if is_first:
            self._run(key, load, mine)
        return mine.result()

    def begin(self, key: str) -> Callable[[Callable[[], T]], None] | None:
        """Something that runs a load of the key, or None where one goes on already."""
        mine, is_first = self._future(key)
        return (lambda load: self._run(key, load, mine)) if is_first else None

    def drop(self, key: str) -> None:
        """Lets a load of the key that goes on be of use to nobody but those who wait for it."""
        with self._lock:
            self._going_on.pop(key, None)

    def _future(self, key: str) -> "tuple[Future[T], bool]":
        with self._lock:
            found = self._going_on.get(key)
            if found is not None:
                return found, False
            mine = self._going_on[key] = Future()
            return mine, True

    def _run(self, key: str, load: Callable[[], T], mine: "Future[T]") -> None:
        try:
            loaded = load()
            if not self._end(key, mine):
                self._dropped(key)
        except BaseException as error:
            self._end(key, mine)
            mine.set_exception(error)
        else:
            mine.set_result(loaded)

    def _end(self, key: str, mine: "Future[T]") -> bool:
        """Whether it was not dropped."""
        # First: who asks from now on wants a load that has begun after it asked.
        with self._lock:
            is_mine = self._going_on.get(key) is mine
            if is_mine:
                del self._going_on[key]
        return is_mine

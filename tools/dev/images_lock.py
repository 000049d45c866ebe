"""Keeps an image from being made twice at once."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from tools.dev.checkouts import caches
from tools.dev.progress import Progress

_held: set[str] = set()


@contextmanager
def once(name: str, progress: Progress) -> Iterator[None]:
    """Holds the lock of an image's name, between threads and processes of this user.

    Who waits for another process says so; what this one's threads do is shown already.
    """
    directory = caches() / "locks"
    directory.mkdir(parents=True, exist_ok=True)
    with open(directory / name.replace("/", "-").replace(":", "-"), "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if name in _held:
                fcntl.flock(lock, fcntl.LOCK_EX)
            else:
                with progress.step(f"wait for another dev command, which makes {name}"):
                    fcntl.flock(lock, fcntl.LOCK_EX)
        _held.add(name)
        try:
            yield
        finally:
            _held.discard(name)

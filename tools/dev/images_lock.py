"""Keeps an image from being made twice at once."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from tools.dev.checkouts import caches


@contextmanager
def once(name: str) -> Iterator[None]:
    """Holds the lock of an image's name, between threads and processes of this user."""
    directory = caches() / "locks"
    directory.mkdir(parents=True, exist_ok=True)
    with open(directory / name.replace("/", "-").replace(":", "-"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield

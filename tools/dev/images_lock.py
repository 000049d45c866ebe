"""Keeps an image from being made twice at once."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def once(name: str) -> Iterator[None]:
    """Holds the lock of an image's name, between threads and processes of this user."""
    directory = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "berth/locks"
    directory.mkdir(parents=True, exist_ok=True)
    with open(directory / name.replace("/", "-").replace(":", "-"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield

"""Owners of what is on shared servers: known by a lock that they hold, for as long as they live.

An owner is a number. Whoever is one holds a lock on that byte of a file of the checkout, which the
kernel takes back when the process is gone; a process id would be given to others, and may mean
another process in every sandbox. The byte need not exist, and the file is only read.
"""

import fcntl
import os
import secrets
import struct
from pathlib import Path

from pkg.testutil.containers import compose

_BITS = 48
# Linux's struct flock: type, whence, start, length, pid.
# https://man7.org/linux/man-pages/man2/F_OFD_SETLK.2const.html
_FLOCK = struct.Struct("hhqqi4x")


class Owner:
    """This process's claim to what it makes. Forked children are not its owners."""

    def __init__(self, number: int | None = None, file: Path = compose.TEMPLATE) -> None:
        """Takes a number that nobody else has, or a given one, which others may take, too."""
        self.number = secrets.randbits(_BITS) if number is None else number
        self._file = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
        self._process = os.getpid()
        # A lock of the open file and not of the process: to close the file elsewhere, as others do,
        # would end the latter.
        fcntl.fcntl(self._file, fcntl.F_OFD_SETLK, _lock(fcntl.F_RDLCK, self.number))
        os.register_at_fork(after_in_child=self.close)

    def close(self) -> None:
        """Gives the number up; in a forked child, its share in it."""
        file, self._file = self._file, -1
        if file >= 0:
            os.close(file)


def is_alive(number: int, file: Path = compose.TEMPLATE) -> bool:
    """Whether the owner with this number lives."""
    opened = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    try:
        found = fcntl.fcntl(opened, fcntl.F_OFD_GETLK, _lock(fcntl.F_WRLCK, number))
        kind: int = _FLOCK.unpack(found)[0]
        return kind != fcntl.F_UNLCK
    finally:
        os.close(opened)


def _lock(kind: int, number: int) -> bytes:
    return _FLOCK.pack(kind, os.SEEK_SET, number, 1, 0)

"""A process's own folder below the buffer's, and those that processes who are gone have left.

Who has a folder holds a lock on it (flock), which ends with the process, however it ends.
"""

import fcntl
import logging
import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from pkg.eventstream.errors import FolderUnusable

_log = logging.getLogger(__name__)


class Home:
    """A locked folder."""

    def __init__(self, path: Path, fd: int) -> None:
        self.path = path
        self._fd: int | None = fd

    def files(self, suffix: str) -> list[Path]:
        """Its files whose names end so, oldest first."""
        return sorted(self.path.glob(f"*{suffix}"))

    def sync(self) -> None:
        """Returns once the machine's end would lose neither it nor a name in it."""
        for folder in (self.path, self.path.parent, self.path.parent.parent):
            fd = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
            try:
                os.fsync(fd)
            finally:
                os.close(fd)

    def leave(self) -> None:
        """Gives the folder up: whoever comes next may take what is in it, or it goes if empty."""
        with suppress(OSError):  # not empty
            self.path.rmdir()
        self.forget()

    def forget(self) -> None:
        """Closes it; in a forked child, it stays its parent's alone."""
        fd, self._fd = self._fd, None
        if fd is not None:
            os.close(fd)


def new(root: Path) -> Home:
    """A folder of this process's own.

    Raises:
        FolderUnusable: it can't be made.
    """
    try:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        while True:
            path = root / secrets.token_hex(8)
            path.mkdir(mode=0o700)
            home = _locked(path)
            if home is not None:  # else taken for one that was left, before it was locked
                return home
    except OSError as error:
        raise unusable(root, error) from error


def unusable(root: Path, error: OSError) -> FolderUnusable:
    """What is raised where a folder can't be used."""
    return FolderUnusable(
        f"eventstream: the buffer's folder {root}: {error.strerror}: give one on a local disk "
        "with room, that this process may write to"
    )


def left(root: Path, own: Path) -> Iterator[Home]:
    """The folders whose processes are gone, locked; the caller leaves each."""
    try:
        found = sorted(root.iterdir())
    except OSError as error:
        _log.warning("eventstream: what is left in %s can't be sent: %s", root, error.strerror)
        return
    for path in found:
        if path != own and (home := _locked(path)) is not None:
            yield home


def _locked(path: Path) -> Home | None:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return None
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(fd), path.stat()):  # else removed before it was locked
            return Home(path, fd)
    except (BlockingIOError, FileNotFoundError):
        pass
    except BaseException:
        os.close(fd)
        raise
    os.close(fd)
    return None

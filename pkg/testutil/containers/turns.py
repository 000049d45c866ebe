"""Turns on a shared server: many tests with tenants at once, or one that has the server whole.

Locks on files of the checkout, which need only be read, are the same for all sandboxes, and the
kernel gives them back when their holder is gone.
"""

import fcntl
import os
import threading
import time
from pathlib import Path

from pkg.dockertest import DockertestError, image

_LONGEST_WAIT_SECONDS = 600.0
_LOOK_SECONDS = 0.005


class TurnTimeout(DockertestError):
    """Another test has kept a shared server for too long."""


class Turn:
    """A hold on a shared server. It ends with the process, or in `end`."""

    def __init__(
        self, service: str, *, whole: bool, seconds: float = _LONGEST_WAIT_SECONDS
    ) -> None:
        """Waits for its turn.

        Args:
            service: the service's name.
            whole: whether nobody else may have a turn meanwhile, instead of sharing it.
            seconds: how long to wait at most.

        Raises:
            TurnTimeout: the time is up.
        """
        deadline = time.monotonic() + seconds
        # Whoever wants it whole stands in the door, so that those who come later don't overtake.
        door = _locked(_door(service), whole, deadline, service)
        try:
            self._file = _locked(image.pin(service).recipe / "start.sh", whole, deadline, service)
        finally:
            os.close(door)

    def end(self) -> None:
        """Lets the next one have its turn."""
        file, self._file = self._file, -1
        if file >= 0:
            os.close(file)


def is_awaited(service: str) -> bool:
    """Whether somebody waits for a turn on a server that is had whole."""
    door = os.open(_door(service), os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(door, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(door)
    return False


class Shares:
    """This process's shared turns: taken once, however many of its tests and fixtures share.

    One that waited in the door for another one's turn, which waits for this process's, would wait
    for itself.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: dict[str, tuple[Turn, int]] = {}

    def take(self, service: str) -> None:
        """Shares a server's turn; each call asks for an `end`.

        Raises:
            TurnTimeout: another test kept it whole for too long.
        """
        if self._add(service):
            return
        turn = Turn(service, whole=False)
        if self._add(service, turn):  # another thread was faster
            turn.end()

    def forget(self) -> None:
        """In a forked child: the turns are its parent's."""
        held, self._held = self._held, {}
        self._lock = threading.Lock()
        for turn, _ in held.values():
            turn.end()

    def end(self, service: str) -> None:
        """Ends what `take` began."""
        with self._lock:
            turn, count = self._held.pop(service)
            if count > 1:
                self._held[service] = (turn, count - 1)
                return
        turn.end()

    def _add(self, service: str, new: Turn | None = None) -> bool:
        """Shares what is held, and says whether something is; else holds what is new."""
        with self._lock:
            turn, count = self._held.get(service, (new, 0))
            if turn:
                self._held[service] = (turn, count + 1)
            return count > 0


shares = Shares()

os.register_at_fork(after_in_child=lambda: shares.forget())


def _door(service: str) -> Path:
    return image.pin(service).recipe / "source.Dockerfile"


def _locked(file: Path, whole: bool, deadline: float, service: str) -> int:
    opened = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    kind = fcntl.LOCK_EX if whole else fcntl.LOCK_SH
    while True:
        try:
            fcntl.flock(opened, kind | fcntl.LOCK_NB)
            return opened
        except BlockingIOError:
            if time.monotonic() < deadline:
                time.sleep(_LOOK_SECONDS)
                continue
        except BaseException:
            os.close(opened)
            raise
        os.close(opened)
        raise TurnTimeout(
            f"another test has had the shared {service} "
            f"{'or a part of it ' if whole else 'whole '}for too long; see which tests still run "
            "with: ps, or take a server of your own with the dockertest fixture"
        )

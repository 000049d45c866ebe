"""The slots of this process that no test holds: cleared, and taken for the next server alike."""

import os
import threading
import time

from pkg.dockertest.slot import Slot

_IDLE_SECONDS = 30.0
_MOST_IDLE = 8  # an idle one is a process of 100 KiB; what it costs is the engine's patience


class Slots:
    """Idle slots, the one used last first. Usable from any thread."""

    def __init__(self, idle_seconds: float = _IDLE_SECONDS, most: int = _MOST_IDLE) -> None:
        """Keeps `most` idle slots at a time, each for `idle_seconds`."""
        self._idle_seconds = idle_seconds
        self._most = most
        self._changed = threading.Condition()
        self._idle: list[tuple[float, Slot]] = []
        self._closer: threading.Thread | None = None

    def take(self, host: str, key: str) -> Slot | None:
        """An idle slot on the engine at host whose spec has this key, or None."""
        while True:
            with self._changed:
                found = next(
                    (entry for entry in reversed(self._idle) if _is(entry[1], host, key)), None
                )
                if found is None:
                    return None
                self._idle.remove(found)
            if found[1].is_alive():
                return found[1]
            found[1].close()

    def give_back(self, slot: Slot) -> None:
        """Takes a slot that has been cleared; too many make the oldest one end."""
        with self._changed:
            self._idle.append((time.monotonic() + self._idle_seconds, slot))
            surplus, self._idle = self._idle[: -self._most], self._idle[-self._most :]
            if self._closer is None:
                self._closer = threading.Thread(
                    target=self._close_idle, name="berth-idle", daemon=True
                )
                self._closer.start()
        for _, old in surplus:
            old.close()

    def close(self) -> None:
        """Ends all idle slots."""
        with self._changed:
            idle, self._idle = self._idle, []
            self._changed.notify_all()
        for _, slot in idle:
            slot.close()

    def __len__(self) -> int:
        return len(self._idle)

    def _close_idle(self) -> None:
        """Ends slots that nobody has taken for long; ends itself with the last one."""
        while True:
            with self._changed:
                if not self._idle:
                    self._closer = None
                    return
                until, slot = self._idle[0]
                if (left := until - time.monotonic()) > 0:
                    self._changed.wait(left)
                    continue
                self._idle.pop(0)
            slot.close()

    def forget(self) -> None:
        """In a forked child: the slots are its parent's, and their leashes are closed already."""
        # Another thread may have held the lock: it is not in the child.
        self._changed = threading.Condition()
        self._idle = []
        self._closer = None


def _is(slot: Slot, host: str, key: str) -> bool:
    return slot.spec.key == key and slot.engine.endpoint.host == host


idle = Slots()

os.register_at_fork(after_in_child=idle.forget)

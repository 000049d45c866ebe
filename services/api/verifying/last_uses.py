"""When keys were used last: noted in memory, and written behind."""

import logging
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from itertools import batched, islice
from types import TracebackType
from typing import Self

from pkg.clock import Clock

EVERY_SECONDS = 5.0
# Twice as many, at most, while none can be written: some 20 MB.
_MOST_KEYS = 50_000
_KEYS_AT_ONCE = 1000

_log = logging.getLogger(__name__)


class LastUses:
    """Notes when keys were used last. Usable from several threads; begins and ends as a block.

    Nobody waits for the store: a thread writes what was noted every few seconds of the clock, and
    what is left when the block ends. A process that is killed loses what it has not written. What
    the store does not take is kept, and tried again with what comes. Of more keys than there is
    room for, those go first that were noted first.

    Args:
        write: stores the last uses of keys by their ids, unless later ones are stored.
        clock: tells when it is time to write.
        most: how many keys there is room for.
    """

    def __init__(
        self,
        write: Callable[[Mapping[str, datetime]], object],
        *,
        clock: Clock,
        most: int = _MOST_KEYS,
    ) -> None:
        self._write = write
        self._most = most
        self._lock = threading.Lock()
        self._noted: dict[str, datetime] = {}
        self._left: dict[str, datetime] = {}  # to be written, and touched by who writes alone
        self._stop = clock.event()
        self._thread = threading.Thread(target=self._run, name="last-uses", daemon=True)
        self._fails = False

    def note(self, key_id: str, at: datetime) -> None:
        """A key was used. Does not wait."""
        with self._lock:
            if key_id not in self._noted and len(self._noted) >= self._most:
                del self._noted[next(iter(self._noted))]
            self._noted[key_id] = at

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()
        self._flush()

    def _run(self) -> None:
        while not self._stop.wait(EVERY_SECONDS):
            self._flush()

    def _flush(self) -> None:
        with self._lock:
            noted, self._noted = self._noted, {}
        self._left |= noted
        for key_id in list(islice(self._left, max(0, len(self._left) - self._most))):
            del self._left[key_id]
        for piece in batched(list(self._left.items()), _KEYS_AT_ONCE, strict=False):
            if not self._is_written(dict(piece)):
                return
            for key_id, _ in piece:
                del self._left[key_id]

    def _is_written(self, piece: Mapping[str, datetime]) -> bool:
        try:
            self._write(piece)
        except Exception as error:
            if not self._fails:
                kind = type(error).__name__
                _log.warning("api: when keys were last used is not written for now (%s)", kind)
            self._fails = True
            return False
        if self._fails:
            _log.info("api: when keys were last used is written again")
        self._fails = False
        return True

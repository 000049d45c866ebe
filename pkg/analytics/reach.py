"""Whether ClickHouse serves: a line in the log when that changes."""

import logging
import threading

from pkg.analytics.errors import Unavailable

_log = logging.getLogger(__name__)


class Reach:
    """What is known of the server. Usable from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_reached = True

    def lost(self, error: Unavailable) -> None:
        """Notes that it does not serve."""
        with self._lock:
            was_reached, self._is_reached = self._is_reached, False
        if was_reached:
            _log.warning("%s; it is asked again", error)

    def found(self) -> None:
        """Notes that it does."""
        if self._is_reached:
            return
        with self._lock:
            was_reached, self._is_reached = self._is_reached, True
        if not was_reached:
            _log.info("analytics: ClickHouse serves again")

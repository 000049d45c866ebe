"""Whether the kernel's out-of-memory killer was at work in a container.

The first process sees "signal 9" only, and the engine's own note (`State.OOMKilled`) is, before
version 25, of the first process alone. Its events tell of every process, on cgroup v1 and v2.
"""

import json
import time
from datetime import datetime

from pkg.dockertest.engine import Engine, Query, filters
from pkg.dockertest.errors import DockertestError

_LATE_SECONDS = 0.25  # the event comes by another way than the server's end
_WAIT_SECONDS = 2.0  # for an engine whose clock is behind this one's
_MIB = 1 << 20


def note(at: Engine, container: str, started: str = "", ended: str = "") -> str:
    """ ", out of memory (limit 512 MiB)" if it was, else "".

    Args:
        started: when the server was, as the engine's log has it; from the beginning if empty.
        ended: likewise; until now if empty.
    """
    since = f"{_seconds(started):.6f}" if started else "1"
    until = _seconds(ended) + _LATE_SECONDS if ended else time.time()
    query: Query = {
        "since": since,
        "until": f"{until:.6f}",
        "filters": filters(container=[container], event=["oom"]),
    }
    try:
        events = at.stream("GET", "/events", query, timeout=_WAIT_SECONDS)
        is_out = any(json.loads(line).get("Action") == "oom" for line in events if line.strip())
    except (DockertestError, ValueError):
        return ""  # there is nothing to be had that would say more
    return f", out of memory{_limit(at, container)}" if is_out else ""


def _limit(at: Engine, container: str) -> str:
    try:
        about = at.request("GET", f"/containers/{container}/json")
    except DockertestError:
        return ""  # it is gone
    return f" (limit {about['HostConfig']['Memory'] // _MIB} MiB)"


def _seconds(stamp: str) -> float:
    """The engine's time of a line of the log, which has up to nine digits of a second."""
    return datetime.fromisoformat(stamp).timestamp()

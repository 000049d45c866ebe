"""Processor time of a fresh server, as the whole machine spends it.

Taken from /proc/stat, so that the engine's, the kernel's and the client's work all count: what all
processors were busy for while servers were started and ended one after the other, less what the
machine is busy for anyway, which is measured just before. On a machine with other work the
difference of the two is noise.
"""

import os
import time
from pathlib import Path

from benchmarks.dockertest.way import Way, measure

_STAT = Path("/proc/stat")
_IDLE_SECONDS = 1.0
_IDLE = (3, 4, 7)  # idle, iowait, and what another machine on the same hardware took


def busy(text: str) -> int:
    """The ticks that all processors together were busy for, of the text of /proc/stat."""
    ticks = [int(word) for word in text.split("\n", 1)[0].split()[1:9]]
    return sum(ticks) - sum(ticks[at] for at in _IDLE)


def cost(way: Way, service: str, seconds: float) -> float:
    """Milliseconds of processor time of one server: start, use, end, and what remains to be done.

    Args:
        seconds: how long servers are started; at least two are.
    """
    measure(way, service)
    began, busy_before = time.monotonic(), _now()
    time.sleep(_IDLE_SECONDS)
    baseline = (_now() - busy_before) / (time.monotonic() - began)
    began, busy_before = time.monotonic(), _now()
    count = 0
    while count < 2 or time.monotonic() - began < seconds:
        measure(way, service)
        count += 1
    time.sleep(_IDLE_SECONDS / 5)  # a slot is cleared after its server's end
    elapsed = time.monotonic() - began
    return max(0.0, (_now() - busy_before - baseline * elapsed) / count * 1000)


def _now() -> float:
    return busy(_STAT.read_text()) / os.sysconf("SC_CLK_TCK")

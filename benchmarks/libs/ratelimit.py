"""The rate limiter beside the same Lua script, called through redis-py with arguments at hand."""

import time
from datetime import timedelta
from typing import Any

from benchmarks.libs.row import Row
from pkg.clock import SystemClock
from pkg.dockertest import Scope
from pkg.dockertest.redis import Redis
from pkg.ratelimit import Limit, Limiter
from pkg.ratelimit import limiter as ours

_TIMES = 500
_LIMIT = Limit("key_1", units=100_000, window=timedelta(seconds=1))


def rows(rounds: int) -> list[Row]:
    """Microseconds of a decision."""
    taken: list[float] = []
    ratio: list[float] = []
    with Scope() as scope:
        client: Any = scope.start(Redis()).client()
        limiter = Limiter(client, clock=SystemClock())
        script = client.register_script(ours._SCRIPT)
        for number in range(rounds + 1):
            bare = _bare(script)
            began = time.perf_counter()
            for _ in range(_TIMES):
                limiter.take(_LIMIT)
            own = (time.perf_counter() - began) * 1e6 / _TIMES
            if number:  # the first round loads the script
                taken.append(own)
                ratio.append(own / bare)
    return [
        Row("ratelimit: decision", taken, "µs"),
        Row("ratelimit: decision / bare Lua call of redis-py", ratio, "x", 1.3),
    ]


def _bare(script: Any) -> float:
    keys = ["bare:used", "bare:sum"]
    began = time.perf_counter()
    for number in range(_TIMES):
        now = int(time.time() * 1000)
        script(keys=keys, args=[now, f"{number:016x}", _LIMIT.units, _LIMIT.milliseconds, 1])
    return (time.perf_counter() - began) * 1e6 / _TIMES

"""All ways side by side: each round has one server of each, in random order."""

import random
import time
from collections.abc import Callable, Sequence

from benchmarks.dockertest.way import Times, Way, measure

Say = Callable[[str], None]
LEAST_ROUNDS = 3


def rounds(
    service: str, ways: Sequence[Way], most: int, seconds: float, say: Say
) -> dict[str, list[Times]]:
    """Measures `most` rounds, or as many as begin within `seconds`, but 3 where `most` is more.

    A first round warms up; it is not counted. A way that fails is left out from then on, and the
    reason said.
    """
    measured: dict[str, list[Times]] = {way.name: [] for way in ways}
    began = time.monotonic()
    for number in range(most + 1):
        if number > min(LEAST_ROUNDS, most) and time.monotonic() - began > seconds:
            break
        for way in random.sample(ways, len(ways)):
            if way.name not in measured:
                continue
            try:
                times = measure(way, service)
            except Exception as error:
                say(f"{service}: {way.name} is left out: {type(error).__name__}: {error}")
                del measured[way.name]
                continue
            if number:
                measured[way.name].append(times)
    return measured

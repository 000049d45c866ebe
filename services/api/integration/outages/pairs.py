"""Whether requests are slowed, told apart from a machine that is slow now and then.

Requests are made in pairs, to the instance that is looked at and to a control, one right after the
other. Whatever else slows the machine down hits either as often, so the control's late requests are
taken off; and what is left must be more than chance makes of so many.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pkg.clock import Clock

# Chance alone goes beyond that once in a thousand times.
_DEVIATIONS = 3.0


@dataclass(frozen=True)
class Pair:
    """What two requests took, in seconds."""

    subject: float
    control: float


@dataclass(frozen=True)
class Late:
    """How many requests were late.

    Attributes:
        share: of all, without those that the control had as well; below 0 if it had more.
        deviation: of that share, by chance.
    """

    share: float
    deviation: float


def paired(
    subject: Callable[[], object], control: Callable[[], object], seconds: float, clock: Clock
) -> list[Pair]:
    """Makes requests for so long; by turns, each is the first."""
    until = clock.monotonic() + seconds
    made: list[Pair] = []
    while clock.monotonic() < until:
        if len(made) % 2:
            first = _seconds(subject, clock)
            made.append(Pair(first, _seconds(control, clock)))
        else:
            first = _seconds(control, clock)
            made.append(Pair(_seconds(subject, clock), first))
    return made


def late(pairs: Sequence[Pair], by: float) -> Late:
    """How many of the subject's requests took longer than the control's, by so many seconds."""
    ours = sum(each.subject - each.control > by for each in pairs)
    theirs = sum(each.control - each.subject > by for each in pairs)
    return Late((ours - theirs) / len(pairs), math.sqrt(ours + theirs) / len(pairs))


def are_slowed(before: Sequence[Pair], now: Sequence[Pair], *, by: float, share: float) -> bool:
    """Whether more requests than that share are late by so many seconds, and were not before.

    With a share of 0.01: whether they are slowed by so much at the 99th percentile.
    """
    was, found = late(before, by), late(now, by)
    chance = _DEVIATIONS * math.hypot(was.deviation, found.deviation)
    return found.share - was.share > share + chance


def _seconds(request: Callable[[], object], clock: Clock) -> float:
    began = clock.monotonic()
    request()
    return clock.monotonic() - began

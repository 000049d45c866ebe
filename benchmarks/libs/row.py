"""One line of the benchmark's table."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """What was measured.

    Attributes:
        what: in a few words.
        samples: one for each round.
        unit: such as "µs"; "x" for a ratio.
        goal: at most so much, or, for a `least`, at least; None for a figure beside others.
        least: whether more is better.
    """

    what: str
    samples: Sequence[float]
    unit: str
    goal: float | None = None
    least: bool = False

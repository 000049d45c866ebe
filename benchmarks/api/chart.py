"""The results as a picture."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks import figures
from benchmarks.api import table

_INCHES = (10.0, 4.2)
_DOTS = 120


def draw(results: Mapping[str, Any], file: Path) -> None:
    """Draws what is answered per second, and how long it takes at half of that."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    figure, (left, right) = pyplot.subplots(1, 2, figsize=_INCHES, layout="constrained")
    _bars(left, results["http"]["per_second"])
    half = figures.quartiles(results["http"]["per_second"][table.EMPTY])[1] * table.RATE_OF_EMPTY
    left.axvline(half, linestyle="--", color="black", linewidth=0.8)
    left.set_xlabel("requests per second, one processor; dashed: the aim for verifyKey")
    _bars(right, results["paced"]["p99_ms"])
    right.axvline(table.P99_MS, linestyle="--", color="black", linewidth=0.8)
    right.set_xlabel("p99 in ms at half of that; dashed: the aim for verifyKey")
    figure.savefig(file, dpi=_DOTS)
    pyplot.close(figure)


def _bars(axes: Any, values: Mapping[str, Sequence[float]]) -> None:
    spreads = [figures.quartiles(each) for each in values.values()]
    middles = [middle for _, middle, _ in spreads]
    below = [middle - low for low, middle, _ in spreads]
    above = [high - middle for _, middle, high in spreads]
    axes.barh(list(values), middles, xerr=[below, above], error_kw={"linewidth": 0.8})
    axes.invert_yaxis()
    axes.grid(axis="x", alpha=0.3)

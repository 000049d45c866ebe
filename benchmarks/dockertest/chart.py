"""The results as a picture."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks import figures
from benchmarks.dockertest.table import AHEAD, named

_INCHES = (9.0, 4.8)
_DOTS = 120


def draw(results: Mapping[str, Any], file: Path) -> None:
    """Draws how long each way takes until a server is ready, with the quartiles as bars."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    ready: Mapping[str, Mapping[str, Sequence[Mapping[str, float]]]] = results["ready"]
    ways = list(dict.fromkeys(way for of in ready.values() for way in of))
    figure, axes = pyplot.subplots(figsize=_INCHES, layout="constrained")
    width = 0.8 / len(ways)
    for number, way in enumerate(ways):
        what = "start" if way == AHEAD else "ready"
        at, middles, below, above = [], [], [], []
        for place, of in enumerate(ready.values()):
            if values := [one[what] for one in of.get(way, ())]:
                low, middle, high = figures.quartiles(values)
                at.append(place + (number - (len(ways) - 1) / 2) * width)
                middles.append(middle)
                below.append(middle - low)
                above.append(high - middle)
        axes.bar(at, middles, width, yerr=[below, above], label=way, error_kw={"linewidth": 0.8})
    axes.set_yscale("log")
    axes.set_ylabel("milliseconds until ready")
    axes.set_xticks(range(len(ready)), [named(service) for service in ready])
    figure.legend(loc="outside upper center", fontsize="small", ncols=len(ways))
    axes.grid(axis="y", alpha=0.3)
    figure.savefig(file, dpi=_DOTS)
    pyplot.close(figure)

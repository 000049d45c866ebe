"""What benchmarks have in common: medians with their quartiles, and results as JSON files."""

import argparse
import datetime
import json
import os
import platform
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pkg.dockertest import engine


def quartiles(values: Sequence[float]) -> tuple[float, float, float]:
    """The lower quartile, the median and the upper quartile; of one value itself, thrice."""
    if len(values) == 1:
        return values[0], values[0], values[0]
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, middle, high


def spread(values: Sequence[float], digits: int = 0) -> str:
    """The median and the quartiles: `265 (252–288)`; "" of nothing."""  # noqa: RUF002
    if not values:
        return ""
    low, middle, high = quartiles(values)
    return f"{middle:.{digits}f} ({low:.{digits}f}–{high:.{digits}f})"  # noqa: RUF001


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    """Each round's ratio: how often ours fits into theirs."""
    return [other / own for own, other in zip(ours, theirs, strict=True)]


def add_out(parser: argparse.ArgumentParser) -> None:
    """Gives a benchmark its option `--out`."""
    parser.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help="where results are written (./dev bench: benchmark-results in the checkout)",
    )


def write(out: Path | None, name: str, results: Mapping[str, Any]) -> Path | None:
    """Writes a benchmark's results with what they were measured on, if a folder is named.

    Returns:
        the file that was written.
    """
    if out is None:
        return None
    # Bazel runs a program in a folder of its own.
    place = Path(os.environ.get("BUILD_WORKING_DIRECTORY", "."), out)
    place.mkdir(parents=True, exist_ok=True)
    file = place / f"{name}.json"
    file.write_text(json.dumps({"benchmark": name, **machine(), **results}, indent=1) + "\n")
    return file


def machine() -> dict[str, Any]:
    """What the results were measured on, and when."""
    version = engine.connect().request("GET", "/version")
    return {
        "when": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "machine": {
            "processors": os.cpu_count(),
            "kernel": platform.release(),
            "python": platform.python_version(),
            "engine": version.get("Version", ""),
        },
    }

"""The libraries beside what they are made of: cache, limits, database, events, the harness."""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence

from benchmarks import figures
from benchmarks.libs import cache, db, events, harness, ratelimit
from benchmarks.libs.row import Row

PARTS: Mapping[str, Callable[[int], list[Row]]] = {
    "cache": cache.rows,
    "ratelimit": ratelimit.rows,
    "db": db.rows,
    "events": events.rows,
    "harness": harness.rows,
}


def line(row: Row) -> str:
    """A row as text: what, median (quartiles), unit, and the goal if it has one."""
    median = figures.quartiles(row.samples)[1]
    digits = 0 if median >= 100 else 1 if median >= 10 else 2
    goal = "" if row.goal is None else f"  {'≥' if row.least else '≤'} {row.goal:g}"
    return f"{row.what:<52} {figures.spread(row.samples, digits):>22} {row.unit}{goal}"


def main(arguments: Sequence[str]) -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--rounds", type=int, default=9, help="at least 3 (default: 9)")
    figures.add_out(parser)
    options = parser.parse_args(arguments)
    if options.rounds < 3:
        parser.error(f"--rounds {options.rounds}: at least 3")
    if unknown := set(options.parts).difference(PARTS):
        parser.error(f"{', '.join(sorted(unknown))}: the parts are {', '.join(PARTS)}")
    rows: list[Row] = []
    print(f"{options.rounds} rounds: median (quartiles)")
    for name, measure in PARTS.items():
        if name in (options.parts or PARTS):
            measured = measure(options.rounds)
            print("\n".join(map(line, measured)), flush=True)
            rows += measured
    results = [{"what": row.what, "unit": row.unit, "samples": list(row.samples)} for row in rows]
    figures.write(options.out, "libs", {"rows": results})


if __name__ == "__main__":
    main(sys.argv[1:])

"""The results as plain text, with what is aimed at beside them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from benchmarks import figures
from benchmarks.dockertest import goals
from benchmarks.dockertest.suite import FRESH, RIVAL, SHARED

OURS = "respawned slot"
AHEAD = "made ahead"
_NOTHING = "-"
_NAMES = {"redis": "Redis", "clickhouse": "ClickHouse", "mysql": "MySQL", "s3": "S3"}


def named(service: str) -> str:
    """A service's name as its makers write it."""
    return _NAMES.get(service, service.capitalize())


def lines(results: Mapping[str, Any]) -> list[str]:
    """All parts that were measured."""
    parts: Mapping[str, Callable[[Any], list[str]]] = {
        "ready": _ready,
        "processor": _processor,
        "sustained": _sustained,
        "suite": _suite,
    }
    found: list[str] = []
    for name, part in parts.items():
        if measured := results.get(name):
            found += [*part(measured), ""]
    return found


def grid(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Columns, the first to the left and the others to the right."""
    every = [list(head), *map(list, rows)]
    widths = [max(len(row[at]) for row in every) for at in range(len(head))]
    return [
        "  ".join(
            cell.rjust(width) if at else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in every
    ]


def _ready(measured: Mapping[str, Mapping[str, Sequence[Mapping[str, float]]]]) -> list[str]:
    ways = list(dict.fromkeys(way for of in measured.values() for way in of))
    rows = [
        [named(service), str(max(map(len, of.values()), default=0))]
        + [_cell(of.get(way, ()), "start" if way == AHEAD else "ready") for way in ways]
        + [f"{goals.RESPAWN_MS[service]:g}"]
        for service, of in measured.items()
    ]
    said = ["Ready, in milliseconds: median (quartiles); aim: of a respawned slot"]
    said += grid(["", "rounds", *ways, "aim"], rows)
    said += ["", f"The same, in each round as a multiple of {OURS}"]
    rows = [
        [named(service)]
        + [_times(of.get(OURS, ()), of.get(way, ())) for way in ways if way not in (OURS, AHEAD)]
        for service, of in measured.items()
    ]
    said += grid(["", *(way for way in ways if way not in (OURS, AHEAD))], rows)
    said += ["", f"What the test's end waits for, in milliseconds; aim: {goals.END_MS:g}"]
    rows = [
        [named(service), *(_cell(of.get(way, ()), "end", 1) for way in ways)]
        for service, of in measured.items()
    ]
    return said + grid(["", *ways], rows)


def _processor(measured: Mapping[str, Mapping[str, float]]) -> list[str]:
    said = ["Processor time of one server, of the whole machine, in milliseconds"]
    return said + _plain(measured, "{:.0f}")


def _sustained(measured: Mapping[str, Mapping[str, float]]) -> list[str]:
    said = [f"Fresh servers per second, all processors busy; aim: of a {OURS}"]
    return said + _plain(measured, "{:.2f}", goals.SUSTAINED)


def _plain(
    measured: Mapping[str, Mapping[str, float]],
    form: str,
    aims: Mapping[str, float] | None = None,
) -> list[str]:
    ways = list(dict.fromkeys(way for of in measured.values() for way in of))
    rows = [
        [named(service)]
        + [form.format(of[way]) if way in of else _NOTHING for way in ways]
        + ([f"{aims[service]:g}"] if aims else [])
        for service, of in measured.items()
    ]
    return grid(["", *ways, *(["aim"] if aims else [])], rows)


def _suite(measured: Mapping[str, Mapping[str, Mapping[str, float]]]) -> list[str]:
    rows = []
    for what, of in measured.items():
        for on, run in sorted(of.items(), key=lambda pair: pair[1]["scaled"]):
            is_whole = run["tests"] == run["of"]
            rows.append(
                [
                    f"{what}, {on}",
                    f"{run['scaled']:.1f}" + ("" if is_whole else "*"),
                    f"{run['scaled'] / run['of'] * 1000:.0f}",
                    f"{run['scaled'] / of[SHARED]['scaled']:.1f}" if SHARED in of else _NOTHING,
                    "" if is_whole else f"{run['tests']:g} run",
                ]
            )
    tests = max(run["of"] for of in measured.values() for run in of.values())
    said = [f"A suite of {tests:g} tests with one assertion each (* reckoned from fewer)"]
    said += grid(["", "seconds", "ms per test", "times shared", ""], rows)
    return said + _suite_aims(measured)


def _suite_aims(measured: Mapping[str, Mapping[str, Mapping[str, float]]]) -> list[str]:
    said = []
    redis, mysql = measured.get("Redis", {}), measured.get("MySQL", {})
    if SHARED in redis and FRESH in redis:
        times = redis[FRESH]["scaled"] / redis[SHARED]["scaled"]
        said.append(f"Redis: {times:.1f} times shared; aim: at most {goals.REDIS_TIMES_SHARED:g}")
    if RIVAL in mysql and FRESH in mysql:
        times = mysql[RIVAL]["scaled"] / mysql[FRESH]["scaled"]
        each = mysql[FRESH]["scaled"] / mysql[FRESH]["of"]
        said.append(
            f"MySQL: {times:.0f} times faster than {RIVAL}; aim: at least "
            f"{goals.MYSQL_TIMES_FASTER:g}; {each:.2f} s per test; aim: at most "
            f"{goals.MYSQL_SECONDS_PER_TEST:g}"
        )
    return said


def _cell(times: Sequence[Mapping[str, float]], what: str, digits: int = 0) -> str:
    values = [one[what] for one in times]
    if not values:
        return _NOTHING
    # Less than a millisecond is not nothing.
    return figures.spread(values, digits or (2 if figures.quartiles(values)[1] < 10 else 0))


def _times(ours: Sequence[Mapping[str, float]], other: Sequence[Mapping[str, float]]) -> str:
    if not ours or len(ours) != len(other):
        return _NOTHING
    pairs = figures.ratios([one["ready"] for one in ours], [one["ready"] for one in other])
    return figures.spread(pairs, 1)

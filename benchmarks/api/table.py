"""The results as plain text, with what is aimed at beside them."""

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks import figures

EMPTY, EMPTY_IN_A_THREAD = "empty route", "empty route, in a thread"
VERIFY, LIMIT, CREDITS = "verifyKey", "verifyKey, one limit", "verifyKey, credits"
ONE_SHARED, ONE_FRESH = "one instance, shared servers", "one instance, fresh servers"
EACH_SHARED, EACH_FRESH = "one each, shared servers", "one each, fresh servers"
# What is aimed at, on two processors.
RATE_OF_EMPTY, P99_MS, ROUND_TRIPS, TEST_MS = 0.5, 10.0, 2.0, 60.0
_WIDTH = 30


def lines(results: Mapping[str, Any]) -> list[str]:
    """All parts that were measured: medians (quartiles)."""
    found: list[str] = []
    if http := results.get("http"):
        found += [*_http(http), "", *_paced(results["paced"]), ""]
    if create := results.get("create"):
        found += [*_create(create), ""]
    if tests := results.get("tests"):
        found += [*_tests(tests), ""]
    return found


def _line(name: str, cells: Sequence[str]) -> str:
    return f"{name:<{_WIDTH}}" + "".join(f"{cell:>24}" for cell in cells)


def _http(http: Mapping[str, Mapping[str, Sequence[float]]]) -> list[str]:
    head = ["requests per second", "of empty", "server µs", "of empty"]
    found = [_line("one processor, 8 connections", head)]
    per_second, processor = http["per_second"], http["server_us"]
    for name, rates in per_second.items():
        seen = figures.ratios(per_second[EMPTY], rates)
        used = figures.ratios(processor[name], processor[EMPTY])
        cells = [figures.spread(rates), figures.spread(seen, 2)]
        cells += [figures.spread(processor[name]), figures.spread(used, 2)]
        found.append(_line(name, cells))
    return [*found, f"aim: {VERIFY} at least {RATE_OF_EMPTY:g} of the empty route"]


def _paced(paced: Mapping[str, Mapping[str, Sequence[float]]]) -> list[str]:
    head = ["requests per second", "median ms", "p99 ms"]
    found = [_line("at half of that", head)]
    for name, rates in paced["per_second"].items():
        cells = [figures.spread(rates)]
        cells += [figures.spread(paced[each][name], 2) for each in ("p50_ms", "p99_ms")]
        found.append(_line(name, cells))
    return [*found, f"aim: p99 of {VERIFY} at most {P99_MS:g} ms"]


def _create(create: Mapping[str, Sequence[float]]) -> list[str]:
    cells = [figures.spread(create[each], 2) for each in ("median_ms", "p99_ms", "round_trips")]
    return [
        _line("one after another", ["median ms", "p99 ms", "round trips"]),
        _line("createKey", cells),
        f"aim: at most {ROUND_TRIPS:g} round trips to MySQL beyond begin and commit",
    ]


def _tests(tests: Mapping[str, Sequence[float]]) -> list[str]:
    found = [_line("handler tests", ["tests", "ms each"])]
    found += [_line(name, [str(len(each)), figures.spread(each)]) for name, each in tests.items()]
    return [*found, f"aim: at most {TEST_MS:g} ms beyond the handler's own work"]

"""The API keys service over HTTP: verifyKey beside an empty route, createKey, handler tests.

One process on one processor serves, on MySQL, Redis and Kafka of its own, and clients on another
processor ask. Each round takes all in turn, so that whatever else the machine does hits all alike;
ratios are taken by round. The empty route is an operation of the same instance, which does nothing
behind the same root key, and needs no thread, as a warm key without limits and credits does not;
one that does nothing in a thread is beside those that need one. The rate beside the empty route's
is told as the clients saw it, and by the server's processor, which the clients may not keep busy.

`paced` asks for half of what was answered at most in the same round, at even distances, and counts
from when each request was meant to be sent. Handler tests are a pytest of their own.
"""

import argparse
import importlib.util
import statistics
import sys
import time
from collections.abc import Sequence
from typing import Any

from benchmarks import figures, load
from benchmarks.api import creating, handlers, requests, table

NAME = "api"
PARTS = ("http", "create", "tests")


def main(arguments: Sequence[str]) -> int:
    """Measures, prints, and writes the results; 1 where something could not be measured."""
    parser = argparse.ArgumentParser(prog="./dev bench api", description=__doc__)
    parser.add_argument("--rounds", type=int, default=9, help="how often each is measured (9)")
    parser.add_argument("--seconds", type=float, default=1.0, help="of load, each time (1.0)")
    parser.add_argument("--keys", type=int, default=100, help="that each round makes (100)")
    parser.add_argument("--tests", type=int, default=100, help="of handlers (100)")
    parser.add_argument("--parts", default=",".join(PARTS), help=f"default: {','.join(PARTS)}")
    figures.add_out(parser)
    options = parser.parse_args(arguments)
    parts = options.parts.split(",")
    if min(options.rounds, options.keys, options.tests) < 1 or options.seconds <= 0:
        parser.error("--rounds, --seconds, --keys and --tests must be above 0")
    if unknown := [name for name in parts if name not in PARTS]:
        parser.error(f"--parts {unknown[0]}: there are {', '.join(PARTS)}")

    began = time.monotonic()
    results: dict[str, Any] = {"failed": []}
    if {"http", "create"} & set(parts):
        with requests.serving() as asked:
            for number in range(options.rounds):
                _now(f"round {number + 1} of {options.rounds}")
                if "http" in parts:
                    _http(asked, options.seconds, results)
                if "create" in parts:
                    _create(asked, options.keys, results)
    if "create" in parts:
        with requests.serving(counting=True) as asked:
            for _ in range(options.rounds):
                trips = creating.round_trips(asked, options.keys)
                results["create"]["round_trips"].append(trips)
    if "tests" in parts:
        _tests(options.tests, results)
    print("\n".join(table.lines(results)))
    print(f"measured in {time.monotonic() - began:.0f} s")
    file = figures.write(options.out, NAME, results)
    # The chart's library comes with the program, and not with its test.
    if file and "http" in results and importlib.util.find_spec("matplotlib"):
        from benchmarks.api import chart

        chart.draw(results, file.with_suffix(".png"))
    return 1 if results["failed"] else 0


def _http(asked: requests.Requests, seconds: float, results: dict[str, Any]) -> None:
    """One round: rates, and then the pace of half of them."""
    rates = {
        table.EMPTY: asked.empty,
        table.VERIFY: asked.verify,
        table.EMPTY_IN_A_THREAD: asked.empty_in_a_thread,
        table.LIMIT: asked.verify_limit,
        table.CREDITS: asked.verify_credits,
    }
    http = results.setdefault("http", {"per_second": {}, "server_us": {}})
    for name, request in rates.items():
        found = load.answered(request, seconds)
        http["per_second"].setdefault(name, []).append(found.per_second)
        http["server_us"].setdefault(name, []).append(found.processor_us)
    paced = results.setdefault("paced", {"per_second": {}, "p50_ms": {}, "p99_ms": {}})
    for name in (table.VERIFY, table.LIMIT, table.CREDITS):
        half = http["per_second"][name][-1] / 2
        took = sorted(load.paced(rates[name], half, 2 * seconds))
        paced["per_second"].setdefault(name, []).append(half)
        paced["p50_ms"].setdefault(name, []).append(statistics.median(took))
        paced["p99_ms"].setdefault(name, []).append(took[len(took) * 99 // 100])


def _create(asked: requests.Requests, keys: int, results: dict[str, Any]) -> None:
    create = results.setdefault("create", {"median_ms": [], "p99_ms": [], "round_trips": []})
    load.once(asked.create)  # what is needed is in memory, and connected
    took = sorted(load.one_by_one(asked.create, keys))
    create["median_ms"].append(statistics.median(took))
    create["p99_ms"].append(took[len(took) * 99 // 100])


def _tests(number: int, results: dict[str, Any]) -> None:
    results["tests"] = {}
    # Fresh servers take their time: fewer will do.
    few = max(1, number // 5)
    for name, servers, times, lifetime in (
        (table.ONE_SHARED, handlers.SHARED, number, "module"),
        (table.ONE_FRESH, handlers.FRESH, number, "module"),
        (table.EACH_SHARED, handlers.SHARED, number, "function"),
        (table.EACH_FRESH, handlers.FRESH, few, "function"),
    ):
        _now(f"{times} handler tests: {name}")
        try:
            results["tests"][name] = handlers.beyond(servers, times, lifetime)
        except RuntimeError as error:
            results["failed"].append(str(error))
            _now(str(error))


def _now(text: str) -> None:
    """Says how far it is; the results alone are on standard output."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

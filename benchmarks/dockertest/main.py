"""Fresh servers: dockertest beside testcontainers, docker compose and docker run."""

import argparse
import dataclasses
import importlib.metadata
import importlib.util
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from types import FrameType
from typing import Any

from benchmarks import figures, machine
from benchmarks.dockertest import litter, ours, processor, rivals, suite, sustained, table
from benchmarks.dockertest.rounds import rounds
from benchmarks.dockertest.way import Way
from benchmarks.work import SERVICES

NAME = "dockertest"
PARTS = ("ready", "processor", "sustained", "suite")
_QUICK_ROUNDS = 2
_BEGIN_SECONDS = 780.0  # what begins by then is over within 15 minutes
_LATE = "is left out: the run has taken too long on this machine; see --only and --parts"


@dataclasses.dataclass(frozen=True)
class Size:
    """How much is measured.

    Attributes:
        rounds: servers of each way and service, at most.
        until: nothing begins after this, by the monotonic clock.
        service_seconds: no further round of a service begins after these.
        loop_seconds: of the loops that measure processor time.
        sustained_seconds: of each of the loops side by side.
        tests: of a suite; of all services together a twentieth is run.
        rival_tests: how many of them testcontainers has to run, for one service.
    """

    rounds: int
    until: float
    service_seconds: float = 40.0
    loop_seconds: float = 1.0
    sustained_seconds: float = 6.0
    tests: int = 200
    rival_tests: Mapping[str, int] = dataclasses.field(
        default_factory=lambda: {"redis": 20, "mysql": 10}
    )

    def is_over(self) -> bool:
        """Whether nothing more is to begin."""
        return time.monotonic() > self.until


def main(arguments: Sequence[str]) -> int:
    """Measures, prints, and writes the results."""
    parser = argparse.ArgumentParser(prog="./dev bench dockertest", description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="at most (default: 15)")
    parser.add_argument("--only", default=",".join(SERVICES), help="services: redis,mysql,…")
    parser.add_argument("--parts", default=",".join(PARTS), help=f"default: {','.join(PARTS)}")
    parser.add_argument("--quick", action="store_true", help="small: see that it works")
    figures.add_out(parser)
    options = parser.parse_args(arguments)
    only, parts = options.only.split(","), options.parts.split(",")
    if unknown := [name for name in only if name not in SERVICES]:
        parser.error(f"--only {unknown[0]}: there are {', '.join(SERVICES)}")
    if unknown := [name for name in parts if name not in PARTS]:
        parser.error(f"--parts {unknown[0]}: there are {', '.join(PARTS)}")
    if options.rounds < 1:
        parser.error(f"--rounds {options.rounds}: at least 1")
    until = time.monotonic() + _BEGIN_SECONDS
    size = Size(options.rounds, until)
    if options.quick:
        few = min(options.rounds, _QUICK_ROUNDS)
        size = Size(few, until, 15.0, 0.2, 1.0, 10, dict.fromkeys(only, 2))
    signal.signal(signal.SIGTERM, _terminated)
    litter.owner()
    litter.sweep()
    try:
        results = run(only, parts, size)
    finally:
        ours.close()
        litter.sweep()
    print("\n".join(table.lines(results)))
    file = figures.write(options.out, NAME, results)
    # The chart's library comes with the program, and not with its test.
    if file and "ready" in results and importlib.util.find_spec("matplotlib"):
        from benchmarks.dockertest import chart

        chart.draw(results, file.with_suffix(".png"))
    return 1 if results["failed"] else 0


def run(only: Sequence[str], parts: Sequence[str], size: Size) -> dict[str, Any]:
    """Measures these parts of these services."""
    failed: list[str] = []

    def say(text: str) -> None:
        failed.append(text)
        _now(text)

    results: dict[str, Any] = {
        "testcontainers": importlib.metadata.version("testcontainers"),
        "sources": {service: machine.source_image(service) for service in only},
        "failed": failed,
    }
    for name, part in _PARTS.items():
        if name in parts:
            began = time.monotonic()
            results[name] = part(only, size, say)
            _now(f"{name}: measured in {time.monotonic() - began:.0f} s")
    return results


def ways() -> list[Way]:
    """All that can be had here."""
    found = [ours.NEW, ours.RESPAWNED, ours.AHEAD, rivals.TESTCONTAINERS]
    found += [rivals.COMPOSE] if rivals.has_compose() else []
    found += [rivals.RUN] if rivals.has_docker() else []
    return found


def _ready(only: Sequence[str], size: Size, say: Callable[[str], None]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for service in only:
        if size.is_over():
            say(f"ready: {service} {_LATE}")
            continue
        _now(f"ready: {service}")
        measured = rounds(service, ways(), size.rounds, size.service_seconds, say)
        found[service] = {
            way: [dataclasses.asdict(times) for times in of] for way, of in measured.items()
        }
    return found


def _processor(only: Sequence[str], size: Size, say: Callable[[str], None]) -> dict[str, Any]:
    # What is made ahead costs what a respawn costs, at another time.
    found = [way for way in ways() if way is not ours.AHEAD]

    def cost(way: Way, service: str) -> float:
        _now(f"processor: {service}, {way.name}")
        return processor.cost(way, service, size.loop_seconds)

    return _each(only, found, cost, size, say)


def _sustained(only: Sequence[str], size: Size, say: Callable[[str], None]) -> dict[str, Any]:
    ours.close()
    processes = 2 * (os.cpu_count() or 1)  # while some wait, others work

    def rate(way: Way, service: str) -> float:
        _now(f"sustained: {service}, {way.name}")
        return sustained.rate(way, service, processes, size.sustained_seconds)

    return _each(only, list(sustained.WAYS.values()), rate, size, say)


def _suite(only: Sequence[str], size: Size, say: Callable[[str], None]) -> dict[str, Any]:
    ours.close()
    found: dict[str, Any] = {}
    some = max(2, size.tests // 20)
    for services in ["redis"], ["mysql"], list(SERVICES):
        if not set(services) <= set(only):
            continue
        alone = len(services) == 1
        tests = dict.fromkeys(
            (suite.SHARED, suite.FRESH, suite.NOT_AHEAD), size.tests if alone else some
        )
        tests[suite.RIVAL] = size.rival_tests[services[0]] if alone else 2
        name = table.named(services[0]) if alone else "all five"
        if size.is_over():
            say(f"suite: {name} {_LATE}")
            continue
        _now(f"suite: {name}")
        try:
            measured = suite.suite(services, size.tests, tests)
        except Exception as error:
            say(f"suite of {name}: {error}")
            continue
        found[name] = {
            on: {**dataclasses.asdict(done), "scaled": done.scaled} for on, done in measured.items()
        }
    return found


def _each(
    only: Sequence[str],
    found: Sequence[Way],
    measure: Callable[[Way, str], float],
    size: Size,
    say: Callable[[str], None],
) -> dict[str, dict[str, float]]:
    measured: dict[str, dict[str, float]] = {}
    for service in only:
        of = measured[service] = dict.fromkeys((way.name for way in found), 0.0)
        for way in random.sample(found, len(found)):
            if size.is_over():
                del of[way.name]
                say(f"{service}: {way.name} {_LATE}")
                continue
            try:
                of[way.name] = measure(way, service)
            except Exception as error:
                del of[way.name]
                say(f"{service}: {way.name} is left out: {type(error).__name__}: {error}")
    return measured


def _now(text: str) -> None:
    """Says how far it is; the results alone are on standard output."""
    print(text, file=sys.stderr, flush=True)


def _terminated(_number: int, _frame: FrameType | None) -> None:
    """Leaves by an exception, so that nothing is left behind."""
    sys.exit(128 + signal.SIGTERM)


_PARTS: Mapping[str, Callable[[Sequence[str], Size, Callable[[str], None]], dict[str, Any]]] = {
    "ready": _ready,
    "processor": _processor,
    "sustained": _sustained,
    "suite": _suite,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

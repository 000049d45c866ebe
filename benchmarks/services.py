"""Cold start of every service: a new container until the first real client operation.

What that is, service by service, is in work.py; where there is nothing else to measure, it is what
`start` itself waits for. `all` starts all services side by side and waits for all of them.
"""

import argparse
import sys
import time
from collections.abc import Sequence

from benchmarks import figures, machine, work
from pkg.dockertest import Scope


def one(name: str) -> float:
    """Milliseconds of one service's cold start."""
    machine.settle()
    began = time.perf_counter()
    with Scope() as scope:
        server = scope.start(work.SERVICES[name](new_container=True))
        work.first(name, server)
        return (time.perf_counter() - began) * 1000


def side_by_side() -> float:
    """Milliseconds until all services are ready, started in one call."""
    machine.settle()
    began = time.perf_counter()
    with Scope() as scope:
        redis, clickhouse, mysql, s3, kafka = (
            make(new_container=True) for make in work.SERVICES.values()
        )
        scope.start(redis, clickhouse, mysql, s3, kafka)
        return (time.perf_counter() - began) * 1000


def main(arguments: Sequence[str]) -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=11, help="at least 7 (default: 11)")
    figures.add_out(parser)
    options = parser.parse_args(arguments)
    rounds = options.rounds
    if rounds < 7:
        parser.error(f"--rounds {rounds}: at least 7")
    measured: dict[str, list[float]] = {name: [] for name in [*work.SERVICES, "all"]}
    for number in range(rounds + 1):
        for name in work.SERVICES:
            taken = one(name)
            if number:  # the first round warms up
                measured[name].append(taken)
        taken = side_by_side()
        if number:
            measured["all"].append(taken)
    print(f"{rounds} rounds, milliseconds: median (quartiles)")
    for name, values in measured.items():
        print(f"{name:<12} {figures.spread(values)}")
    figures.write(options.out, "services", {"milliseconds": measured})


if __name__ == "__main__":
    main(sys.argv[1:])

"""Cold start of Redis in a new container: dockertest beside testcontainers, on the same image.

Each round starts one of each, in random order, so that whatever else the machine does hits both
alike, and each when the one before is gone. Three times are taken, in milliseconds:

    ready    from the call that starts until a PING was answered, in a process that has imported
             everything
    cycle    the same until the call that ends has returned
    process  a new Python process: its imports, one start, one PING, the end

testcontainers' reaper is left out (TESTCONTAINERS_RYUK_DISABLED), which is to its advantage.
"""

import argparse
import os
import random
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

os.environ["TESTCONTAINERS_RYUK_DISABLED"] = "true"
# Measured in the toolbox, which shares the host's network: published ports are at localhost.
os.environ["TESTCONTAINERS_CONNECTION_MODE"] = "docker_host"

from benchmarks import figures, machine
from pkg.dockertest import Scope
from pkg.dockertest.redis import Redis

OURS, RIVAL = "dockertest", "testcontainers"
_ALONE = "--alone"


@dataclass(frozen=True)
class Times:
    """One start's times in milliseconds."""

    ready: float
    cycle: float


def dockertest() -> Times:
    """One server of ours, in a container that nobody has used."""
    began = time.perf_counter()
    with Scope() as scope:
        server = scope.start(Redis(new_container=True))
        server.client().ping()
        ready = time.perf_counter()
    return _times(began, ready)


def testcontainers() -> Times:
    """One of testcontainers', with a password as ours has."""
    from testcontainers.community.redis import RedisContainer

    began = time.perf_counter()
    rival = RedisContainer(machine.source_image("redis"), password=secrets.token_hex(16))
    with rival.with_kwargs(network="bridge") as container:
        container.get_client().ping()
        ready = time.perf_counter()
    return _times(began, ready)


STARTS: Mapping[str, Callable[[], Times]] = {OURS: dockertest, RIVAL: testcontainers}


def process(name: str) -> float:
    """The time of a new process that starts one server, in milliseconds."""
    began = time.perf_counter()
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, __file__, _ALONE, name], env=environ, check=True)
    return _milliseconds(began, time.perf_counter())


def table(measured: Mapping[str, Mapping[str, Sequence[float]]]) -> list[str]:
    """Medians with their quartiles, and the median of the rounds' ratios, in lines."""
    lines = [f"{'ms':<8} {OURS:>22} {RIVAL:>22} {'ratio':>22}"]
    for what, of in measured.items():
        ratios = figures.ratios(of[OURS], of[RIVAL])
        cells = [figures.spread(of[OURS]), figures.spread(of[RIVAL]), figures.spread(ratios, 2)]
        lines.append(f"{what:<8} " + " ".join(f"{cell:>22}" for cell in cells))
    return lines


def run(rounds: int) -> dict[str, dict[str, list[float]]]:
    """Measures `rounds` rounds after one that is thrown away."""
    measured: dict[str, dict[str, list[float]]] = {
        what: {name: [] for name in STARTS} for what in ("ready", "cycle", "process")
    }
    for number in range(rounds + 1):
        for name in random.sample(list(STARTS), len(STARTS)):
            machine.settle()
            times = STARTS[name]()
            machine.settle()
            alone = process(name)
            if number:
                measured["ready"][name].append(times.ready)
                measured["cycle"][name].append(times.cycle)
                measured["process"][name].append(alone)
    return measured


def main(arguments: Sequence[str]) -> None:
    """Measures and prints."""
    if arguments[:1] == [_ALONE]:
        STARTS[arguments[1]]()
        return
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=20, help="at least 5 (default: 20)")
    figures.add_out(parser)
    options = parser.parse_args(arguments)
    rounds = options.rounds
    if rounds < 5:
        parser.error(f"--rounds {rounds}: a median of fewer than 5 says nothing")
    print(f"{rounds} rounds on {machine.source_image('redis')}; median (quartiles)")
    measured = run(rounds)
    print("\n".join(table(measured)))
    figures.write(options.out, "coldstart", {"milliseconds": measured})


def _times(began: float, ready: float) -> Times:
    return Times(_milliseconds(began, ready), _milliseconds(began, time.perf_counter()))


def _milliseconds(began: float, ended: float) -> float:
    return (ended - began) * 1000


if __name__ == "__main__":
    main(sys.argv[1:])

"""How many fresh servers a second the machine gives when all its processors are busy.

Some processes, as several test runs side by side, each start a server, use it and end it, again and
again. This module is also the program of such a process.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping

from benchmarks import work
from benchmarks.dockertest import litter, ours, rivals
from benchmarks.dockertest.way import Way

WAYS: Mapping[str, Way] = {way.name: way for way in (ours.RESPAWNED, rivals.TESTCONTAINERS)}
_START_SECONDS = 120.0


def rate(way: Way, service: str, processes: int, seconds: float) -> float:
    """Servers per second over all processes.

    Each goes on for `seconds` and until its last server has ended, so that slow ones count, too.

    Raises:
        RuntimeError: a process failed.
    """
    # Its folder is not to be the first where modules are looked for.
    command = [sys.executable, "-m", __name__, way.name, service, str(seconds)]
    litter.owner()
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    loops = [
        subprocess.Popen(
            command, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(processes)
    ]
    try:
        for loop in loops:
            assert loop.stdout
            if loop.stdout.readline() != "ready\n":
                raise RuntimeError(f"{way.name}, {service}: a process could not start")
        for loop in loops:
            assert loop.stdin
            loop.stdin.write("go\n")
            loop.stdin.flush()
        said = [loop.communicate(timeout=seconds + _START_SECONDS)[0] for loop in loops]
        if any(loop.returncode for loop in loops):
            raise RuntimeError(f"{way.name}, {service}: a process failed")
    finally:
        for loop in loops:
            loop.kill()  # of one that has ended nothing
            loop.wait()
    return sum(float(json.loads(line)["rate"]) for line in said)


def main(name: str, service: str, seconds: float) -> None:
    """Loops, once told to, and prints what came of it."""
    way = WAYS[name]
    way.prepare(service)
    print("ready", flush=True)
    sys.stdin.readline()
    began = time.monotonic()
    count = 0
    while (elapsed := time.monotonic() - began) < seconds:
        started = way.start(service)
        try:
            work.first(service, started.server)
        finally:
            started.end()
        count += 1
    elapsed = time.monotonic() - began
    ours.close()
    print(json.dumps({"rate": count / elapsed}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]))

"""A suite of tests with one assertion each, in a pytest of its own: by hand, fresh, by a rival."""

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.dockertest import litter, work
from pkg.dockertest import Scope

_CASES = Path(__file__).with_name("suite_cases.py")
_SUITE_SECONDS = 300.0

SHARED = "shared, cleaned by hand"
FRESH = "dockertest"
NOT_AHEAD = "dockertest, BERTH_AHEAD=0"
RIVAL = "testcontainers"


@dataclass(frozen=True)
class Run:
    """A suite that was run.

    Attributes:
        tests: how many tests were run.
        of: how many the suite has: the rest is reckoned.
        seconds: of pytest's whole process.
    """

    tests: int
    of: int
    seconds: float

    @property
    def scaled(self) -> float:
        """The seconds that all tests would take, if they are not all run."""
        return self.seconds * self.of / self.tests


def suite(services: Sequence[str], of: int, tests: Mapping[str, int]) -> dict[str, Run]:
    """Runs the suite on everything in `tests`, each with so many tests, in random order.

    The shared servers run already and end later: neither is counted.

    Raises:
        RuntimeError: a test failed.
    """
    with Scope() as scope:
        facts = {
            name: work.facts(scope.start(work.SERVICES[name](new_container=True)))
            for name in services
        }
        return {
            on: Run(tests[on], of, _pytest(on, services, tests[on], facts))
            for on in random.sample(list(tests), len(tests))
        }


def _pytest(on: str, services: Sequence[str], tests: int, facts: Mapping[str, object]) -> float:
    litter.owner()  # testcontainers' are to be found afterwards
    environ = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(sys.path),
        "PYTHONDONTWRITEBYTECODE": "1",
        "BENCHMARK_SERVICES": ",".join(services),
        "BENCHMARK_TESTS": str(tests),
        "BENCHMARK_ON": {SHARED: "shared", RIVAL: "testcontainers"}.get(on, "fresh"),
        "BENCHMARK_SHARED": json.dumps(facts),
        "BERTH_AHEAD": "0" if on == NOT_AHEAD else "1",
    }
    # No settings but these: neither ours nor those of whoever calls.
    command = [sys.executable, "-m", "pytest", "-q", "--import-mode=importlib", "-c", os.devnull]
    command += [f"--rootdir={_CASES.parent}", "-p", "no:cacheprovider"]
    plugin = ["-p", "pkg.dockertest.plugin"] if on in (FRESH, NOT_AHEAD) else []
    began = time.monotonic()
    done = subprocess.run(
        [*command, *plugin, str(_CASES)],
        env=environ,
        capture_output=True,
        text=True,
        timeout=_SUITE_SECONDS,
        check=False,
    )
    seconds = time.monotonic() - began
    if done.returncode or f"{tests} passed" not in done.stdout:
        raise RuntimeError(f"the suite failed on {on}:\n{done.stdout[-3000:]}{done.stderr[-1000:]}")
    return seconds

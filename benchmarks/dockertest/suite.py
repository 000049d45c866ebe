"""A suite of tests with one assertion each, in a pytest of its own: by hand, fresh, by a rival."""

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from benchmarks import work
from benchmarks.dockertest import litter
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
        each: the median seconds of a test, but of the first, which imports what all need.
    """

    tests: int
    of: int
    seconds: float
    each: float

    @property
    def scaled(self) -> float:
        """The seconds of all tests: those that were not run take what one takes.

        pytest's own start and its imports would be there once.
        """
        return self.seconds + (self.of - self.tests) * self.each


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
            on: _pytest(on, services, of, tests[on], facts)
            for on in random.sample(list(tests), len(tests))
        }


def each(report: str) -> float:
    """The median seconds of the tests in a JUnit report, but of the first."""
    times = [float(case.attrib["time"]) for case in ElementTree.fromstring(report).iter("testcase")]
    return statistics.median(times[1:] or times)


def _pytest(
    on: str, services: Sequence[str], of: int, tests: int, facts: Mapping[str, object]
) -> Run:
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
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        began = time.monotonic()
        done = subprocess.run(
            [*command, *plugin, f"--junitxml={report}", str(_CASES)],
            env=environ,
            capture_output=True,
            text=True,
            timeout=_SUITE_SECONDS,
            check=False,
        )
        seconds = time.monotonic() - began
        if done.returncode or f"{tests} passed" not in done.stdout:
            said = done.stdout[-3000:] + done.stderr[-1000:]
            raise RuntimeError(f"the suite failed on {on}:\n{said}")
        return Run(tests, of, seconds, each(report.read_text()))

"""Handler tests on the service's harness: what each costs beyond the handler's own work."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

_CASES = Path(__file__).with_name("handler_cases.py")
_SECONDS = 300.0
SHARED, FRESH = "pkg.testutil.containers.plugin", "pkg.dockertest.plugin"


def beyond(servers: str, tests: int, lifetime: str = "function") -> list[float]:
    """Milliseconds of each test: of its setup, its call and its end, less the handler's request.

    Without the first, which imports what all need, and starts what they share.

    Args:
        servers: the plugin that gives them.
        lifetime: of the harness: "module" for one that all have, or "function".

    Raises:
        RuntimeError: a test failed.
    """
    environ = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(sys.path),
        "PYTHONDONTWRITEBYTECODE": "1",
        "BENCHMARK_TESTS": str(tests + 1),
        "BENCHMARK_LIFETIME": lifetime,
    }
    # No settings but these: neither ours nor those of whoever calls.
    command = [sys.executable, "-m", "pytest", "-q", "--import-mode=importlib", "-c", os.devnull]
    command += [f"--rootdir={_CASES.parent}", "-p", "no:cacheprovider"]
    command += ["-p", "pkg.testutil.plugin", "-p", servers]
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        done = subprocess.run(
            [*command, f"--junitxml={report}", str(_CASES)],
            env=environ,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
        if done.returncode or f"{tests + 1} passed" not in done.stdout:
            said = done.stdout[-3000:] + done.stderr[-1000:]
            raise RuntimeError(f"the handler tests failed on {servers}:\n{said}")
        return read(report.read_text())[1:]


def read(report: str) -> list[float]:
    """Milliseconds of each test in a JUnit report beyond the handler's own work."""
    found = []
    for case in ElementTree.fromstring(report).iter("testcase"):
        properties = {each.attrib["name"]: each.attrib["value"] for each in case.iter("property")}
        found.append((float(case.attrib["time"]) - float(properties["handler"])) * 1000)
    return found

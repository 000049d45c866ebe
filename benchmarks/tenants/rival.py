"""pytest-databases as its page has it: a container for a session of pytest, a database of it for a
worker, whose tests clean it by hand. In a pytest of its own, on our source images."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import machine
from benchmarks.dockertest import litter
from benchmarks.dockertest.plain import is_built
from pkg.dockertest import endpoint, engine

NAME = "pytest-databases"
FIRST = "first"  # beside the parts: what a session's first test waits for
LABEL = "pytest_databases"  # of its containers
_CASES = Path(__file__).with_name("rival_cases.py")
_PLUGINS = ("_service", "docker.redis", "docker.minio", "docker.mysql")
_SESSIONS = 3
_SESSION_SECONDS = 120.0


@dataclass(frozen=True)
class Image:
    """What is run where its fixtures ask for an image.

    Attributes:
        service: whose source image.
        command: in place of what the fixture asks for, where the image was built from packages.
    """

    service: str
    command: tuple[str, ...] = ()


# There is no image of MinIO's client, which only makes a bucket that no test uses: a container
# that ends at once stands for it.
IMAGES: Mapping[str, Image] = {
    "redis:latest": Image("redis", ("redis-server", "--protected-mode", "no")),
    "quay.io/minio/minio": Image("s3", ("minio", "server", "/data")),
    "minio/mc:latest": Image("s3", ("true",)),
    "mysql:8.4": Image("mysql"),
}


@dataclass
class Measured:
    """What was measured, and what was not.

    Attributes:
        milliseconds: by service and part.
        left_out: the reason by service.
    """

    milliseconds: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)


def measure(services: Mapping[str, object], rounds: int) -> Measured:
    """Runs sessions of this many tests for each service that can be had here."""
    measured = Measured()
    for service in services:
        reason = why_not(service)
        if not reason:
            try:
                measured.milliseconds[service] = _sessions(service, rounds)
            except (RuntimeError, subprocess.TimeoutExpired) as error:
                reason = str(error)
        if reason:
            measured.left_out[service] = reason
    return measured


def why_not(service: str) -> str:
    """Why a service cannot be measured; "" if it can."""
    if service not in {image.service for image in IMAGES.values()}:
        return "it has no such service"
    if service == "mysql" and is_built("mysql"):
        return (
            "it asks and grants by MySQL's client in the container, which the image that was built "
            "from packages has not"
        )
    if engine.connect().containers(LABEL):
        return (
            "containers of another session are here, which it would take for its own and end; "
            f"see them with: docker ps --filter label={LABEL}"
        )
    return ""


def _sessions(service: str, rounds: int) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    try:
        for _ in range(_SESSIONS):
            for part, values in _session(service, rounds).items():
                found.setdefault(part, []).extend(values)
    finally:
        litter.sweep()
    return found


def _session(service: str, rounds: int) -> dict[str, list[float]]:
    mine = f"berth.owner={litter.owner()}"
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder, "milliseconds.json")
        environ = {
            **os.environ,
            **endpoint.find().environ(),
            "PYTHONPATH": os.pathsep.join(sys.path),
            "PYTHONDONTWRITEBYTECODE": "1",
            # No plugins but these; its own would be loaded twice.
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "BENCHMARK_SERVICE": service,
            "BENCHMARK_TESTS": str(rounds + 1),
            "BENCHMARK_OUT": str(written),
        }
        command = [sys.executable, "-m", "pytest", "-q", "--import-mode=importlib"]
        command += ["-c", os.devnull, f"--rootdir={_CASES.parent}", "-p", "no:cacheprovider"]
        command += [word for name in _PLUGINS for word in ("-p", f"pytest_databases.{name}")]
        done = subprocess.run(
            [*command, str(_CASES)],
            env=environ,
            capture_output=True,
            text=True,
            timeout=_SESSION_SECONDS,
            check=False,
        )
        if done.returncode or not written.exists():
            raise RuntimeError(f"its tests failed:\n{done.stdout[-3000:]}{done.stderr[-1000:]}")
        # The engine removes what has ended; the next session would take it for its own.
        at = engine.connect()
        litter.wait(lambda: not at.containers(litter.ROLE, mine))
        found: dict[str, list[float]] = json.loads(written.read_text())
        return found


def substitute(image: str, command: object) -> tuple[str, object]:
    """The image that stands for one, and its command."""
    stands = IMAGES[image]
    source = machine.source_image(stands.service)
    return source, list(stands.command) if stands.command and is_built(stands.service) else command

"""`./dev demo`: the complete example on real services, and what it took."""

import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pkg.dockertest.engine import Engine
from tools.dev import cli
from tools.dev.problem import Problem
from tools.dev.session import Session

TARGET = "//services/vault/integration:coldstart_test"
SERVICES = ("s3",)
_REPORT = Path("bazel-testlogs/services/vault/integration/coldstart_test/test.outputs")
_FILE = "dockertest.jsonl"  # written by pkg/dockertest/plugin.py, as the target's env has it
# None is of the kind that other commands lack and that changes all targets, such as --test_env: the
# next command would analyse everything anew.
_OPTIONS = (
    "--test_output=streamed",
    "--nocache_test_results",  # a demo shows the thing itself each time
    "--test_arg=-v",
    "--nozip_undeclared_test_outputs",
    "--ui_event_filters=-info,-debug",
    "--noshow_progress",
)
_GONE_SECONDS = 1.0
_PAUSE_SECONDS = 0.05
_MEGABYTE = 1e6


@dataclass(frozen=True)
class Row:
    """A server that a test started.

    Attributes:
        test: the test's name.
        container: its container's name.
        ready_seconds: from the call of start() until a client operation succeeded.
        is_ahead: whether it had been started before that call.
        memory_bytes: what its container used when the test ended; None if it was gone by then.
    """

    test: str
    service: str
    container: str
    ready_seconds: float
    is_ahead: bool
    memory_bytes: int | None


def run(name: str, arguments: Sequence[str]) -> int:
    """Runs the example and prints the table; the exit status is Bazel's, or 1 for a leak."""
    cli.options(name, arguments)
    session = Session()
    session.ready(SERVICES)
    root = session.checkout.root
    print(f"running the complete example, {TARGET}:\n", flush=True)
    began = time.monotonic()
    status = session.run_bazel(["test", *_OPTIONS, TARGET], root, then=True)
    took = time.monotonic() - began
    if status:
        return status
    rows = read(root / _REPORT / _FILE)
    left = left_over(session.engine, rows)
    print("\n" + "\n".join(table(rows, took, left)), flush=True)
    return 1 if left else 0


def read(file: Path) -> list[Row]:
    """The servers that the example has reported.

    Raises:
        Problem: it has reported none.
    """
    try:
        lines = file.read_text().splitlines()
    except OSError as error:
        raise Problem(
            f"the example passed, but its report is not at {file} ({error.strerror}); is "
            "--symlink_prefix set in a bazelrc? Without it, run this command again"
        ) from error
    rows = []
    for line in lines:
        facts = json.loads(line)
        rows.append(
            Row(
                test=facts["test"].rpartition("::")[2],
                service=facts["service"],
                container=facts["container"],
                ready_seconds=facts["ready_seconds"],
                is_ahead=facts["started_ahead"],
                memory_bytes=facts["memory_bytes"],
            )
        )
    return rows


def left_over(engine: Engine, rows: Iterable[Row]) -> list[str]:
    """The names of those of the containers that are still there after one second."""
    ours = {row.container for row in rows}
    deadline = time.monotonic() + _GONE_SECONDS
    while True:
        found = engine.containers("berth.role=dynamic")
        names = sorted(ours.intersection(one["Names"][0].lstrip("/") for one in found))
        if not names or time.monotonic() > deadline:
            return names
        time.sleep(_PAUSE_SECONDS)


def table(rows: Iterable[Row], took: float, left: Sequence[str]) -> list[str]:
    """What happened, in lines."""
    rows = list(rows)
    width = max([len("test"), *(len(row.test) for row in rows)])
    lines = [f"{'test':<{width}}  {'started':<8} {'ready after':>11} {'memory':>8}"]
    for row in rows:
        ready = f"{row.ready_seconds * 1000:.0f} ms"
        used = row.memory_bytes
        memory = "-" if used is None else f"{used / _MEGABYTE:.0f} MB"
        ahead = "  started ahead of the test" if row.is_ahead else ""
        lines.append(f"{row.test:<{width}}  {row.service:<8} {ready:>11} {memory:>8}{ahead}")
    lines.append("")
    servers = "1 server" if len(rows) == 1 else f"{len(rows)} servers"
    lines.append(f"{servers} started, each fresh, in {took:.1f} s with Bazel and pytest")
    lines.append(f"dynamic containers left: {', '.join(left) if left else 'none'}")
    return lines

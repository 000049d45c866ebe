"""A service as a process of its own, for tests."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass


def start(
    module: str,
    *arguments: str,
    environ: Mapping[str, str],
    stderr: int = subprocess.PIPE,
    process_group: int | None = None,
) -> "subprocess.Popen[str]":
    """`python -m MODULE` with these arguments and variables, and this process's modules.

    Args:
        stderr: where its errors go: `subprocess.STDOUT` puts them into its output.
        process_group: 0 for one of its own, which a terminal's signals don't reach.
    """
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **environ},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        process_group=process_group,
    )


def listening(line: str) -> str:
    """Where a service listens, if this line of its log tells; else ""."""
    try:
        told = json.loads(line)
        return str(told["url"]) if told["event"] == "listening" else ""
    except (ValueError, TypeError, KeyError):
        return ""


@dataclass(frozen=True)
class Running:
    """A process that serves.

    Attributes:
        process: takes signals.
        url: where it serves.
        lines: its log so far.
    """

    process: "subprocess.Popen[str]"
    url: str
    lines: list[str]
    _reader: threading.Thread

    def wait(self) -> int:
        """Waits until it has ended, and returns its exit status; `lines` are complete then."""
        status = self.process.wait(timeout=60)
        self._reader.join()
        return status


@contextmanager
def running(module: str, environ: Mapping[str, str]) -> Iterator[Running]:
    """Starts a process that serves. It is killed when the block ends, if it still runs."""
    process = start(module, environ=environ)
    assert process.stderr
    first = process.stderr.readline()
    lines = [first]
    # A log that nobody reads would stop the process.
    reader = threading.Thread(target=lines.extend, args=(process.stderr,))
    reader.start()
    try:
        url = listening(first)
        assert url, first
        yield Running(process, url, lines, reader)
    finally:
        process.kill()
        process.wait()
        reader.join()
        assert process.stdout
        process.stdout.close()
        process.stderr.close()

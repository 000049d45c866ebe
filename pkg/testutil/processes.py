"""Python code in a process of its own, for tests of what its end leaves behind."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def python(
    code: str, *arguments: str, environ: Mapping[str, str] | None = None
) -> Iterator["subprocess.Popen[str]"]:
    """Runs code that can import what this process can, and kills it at the end if it still runs.

    Its input and output are pipes of text.

    Args:
        environ: variables beside this process's own.
    """
    process = subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **(environ or {})},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        # Not read to their ends, which children of its own may keep from coming.
        for pipe in (process.stdin, process.stdout):
            with suppress(OSError):  # what was written and not read
                if pipe:
                    pipe.close()


def line(process: "subprocess.Popen[str]") -> str:
    """The next line that a process says, without its end; empty if it has ended."""
    assert process.stdout
    return process.stdout.readline().strip()


def children(pid: int) -> set[int]:
    """The ids of the processes that a process has started, and that have not been waited for."""
    stats = Path("/proc").glob("[0-9]*/stat")
    return {int(stat.parent.name) for stat in stats if _parent(stat) == pid}


def _parent(stat: Path) -> int:
    try:
        # The program's name, in parentheses, may have any characters.
        return int(stat.read_text().rpartition(")")[2].split()[1])
    except OSError:  # it has ended
        return 0

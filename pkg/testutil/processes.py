"""Python code in a process of its own, for tests of what its end leaves behind."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def python(code: str, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """Runs code that can import what this process can, and kills it at the end if it still runs.

    Its input and output are pipes of text.
    """
    process = subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
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

"""`./dev api` as a process, for tests."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pkg.testutil.processes import children

_MODULE = "services.api.testutil.local"
_BOUND = "services.api.testutil.bound"
_LAST = "All operations"


@dataclass(frozen=True)
class ByHand:
    """The command while it runs.

    Attributes:
        process: takes signals.
        folder: its temporary files are in there.
    """

    process: "subprocess.Popen[str]"
    folder: Path
    _log: Path

    @property
    def log(self) -> str:
        """What it has said on standard error so far."""
        return self._log.read_text()

    def said(self) -> str:
        """What it prints once it serves."""
        assert self.process.stdout
        lines: list[str] = []
        for line in self.process.stdout:
            lines.append(line)
            if line.startswith(_LAST):
                return "".join(lines)
        raise AssertionError(f"it has ended: {self.log}")

    def programs(self) -> dict[str, int]:
        """The process ids of what it has started, by their modules."""
        found = {}
        for pid in children(self.process.pid):
            words = _words(pid, "cmdline")
            if _BOUND in words:
                found[words[-1]] = pid
        return found

    def told(self, module: str) -> Mapping[str, str]:
        """The variables of one of them."""
        words = _words(self.programs()[module], "environ")
        return dict(word.split("=", 1) for word in words if "=" in word)

    def wait(self) -> int:
        """Waits for its end; returns its exit status."""
        return self.process.wait(timeout=60)


def _words(pid: int, file: str) -> list[str]:
    return Path(f"/proc/{pid}/{file}").read_text().removesuffix("\0").split("\0")


@contextmanager
def started(folder: Path, **environ: str) -> Iterator[ByHand]:
    """Starts the command with these variables; it is killed when the block ends, if it still runs.

    Args:
        folder: for its log, and its temporary files.
    """
    log, temporary = folder / "log", folder / "temporary"
    temporary.mkdir()
    path = os.pathsep.join(sys.path)
    with log.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", _MODULE],
            env={**os.environ, "PYTHONPATH": path, "TMPDIR": str(temporary), **environ},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    try:
        yield ByHand(process, temporary, log)
    finally:
        process.kill()
        process.wait()
        assert process.stdout
        process.stdout.close()

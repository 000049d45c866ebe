"""Whether the process that owns a container still lives.

A container's owner is recorded as `host:pid`, the pid as that process sees it itself. It may run
in a namespace of its own (the toolbox, Bazel's sandbox), so /proc is searched for a process that
has this pid in its innermost namespace and is older than the container.
"""

import os
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LABEL = "berth.owner"
_CLOCK_SECONDS = 2.0  # the boot time is known to the second only
_START_TIME = 22 - 3  # /proc/PID/stat's field, counted behind the program's name


@dataclass(frozen=True)
class Processes:
    """The processes of this host.

    Attributes:
        host: its name.
        started: by pid as the process sees itself, when its oldest one started (seconds since
            the epoch).
    """

    host: str
    started: Mapping[int, float]

    def owner_lives(self, container: Mapping[str, Any]) -> bool | None:
        """Whether a listed container's owner lives; None where that cannot be known here."""
        host, _, pid = container["Labels"].get(LABEL, "").rpartition(":")
        if host != self.host or not pid.isdigit() or not self.started:
            return None
        started = self.started.get(int(pid))
        return started is not None and started <= container["Created"] + _CLOCK_SECONDS


def processes(proc: Path = Path("/proc"), host: str = "") -> Processes:
    """Looks at all processes; finds none where there is no /proc."""
    started: dict[int, float] = {}
    try:
        boot = re.search(r"^btime (\d+)$", (proc / "stat").read_text(), re.M)
        directories = [path for path in proc.iterdir() if path.name.isdigit()]
    except OSError:
        boot, directories = None, []
    for directory in directories if boot else []:
        try:
            status = (directory / "status").read_text(errors="replace")
            fields = (directory / "stat").read_text(errors="replace").rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        pids = re.search(r"^NSpid:\s*(.*)$", status, re.M)
        pid = int((pids[1] if pids else directory.name).split()[-1])
        ticks = int(fields[_START_TIME]) / os.sysconf("SC_CLK_TCK")
        at = int(boot[1]) + ticks if boot else 0.0
        started[pid] = min(at, started.get(pid, at))
    return Processes(host or socket.gethostname(), started)

"""Holders that are killed at random moments of respawning leave nothing at all."""

import os
import random
import secrets
import subprocess
import sys
from pathlib import Path

from pkg.dockertest import engine
from pkg.testutil import eventually

RESPAWNS = int(os.environ.get("RESPAWNS", "150"))
LONGEST_SECONDS = 2.0  # of a holder's life
HOLDER = """
import os, subprocess
from pkg.dockertest import Scope
from pkg.dockertest.redis import Redis
while True:
    with Scope() as scope:
        redis = scope.start(Redis())
        redis.client().set("x", "y")
        print("respawned", flush=True)
        if os.urandom(1)[0] < 16:
            redis.container.pause()
        elif os.urandom(1)[0] < 32 and not os.fork():
            os.closerange(1, 3)
            os.execvp("sleep", ["sleep", "3"])
"""


def with_mark(mark: str) -> list[str]:
    """The processes that have it in their environment, `sleep` aside, which ends by itself."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue  # it has ended, or is another user's
    return [one for one in found if one and not one.startswith("sleep")]


def owned(pids: list[int]) -> list[str]:
    """Containers and networks of these processes."""
    at = engine.connect()
    owners = {f"{os.uname().nodename}:{pid}" for pid in pids}
    query: engine.Query = {"filters": engine.filters(label=["berth.owner"])}
    networks = at.request("GET", "/networks", query)
    every = [*at.containers("berth.owner"), *networks]
    return [str(one["Id"]) for one in every if one["Labels"].get("berth.owner") in owners]


def unused_volumes() -> set[str]:
    """The engine's volumes that no container has: what a container leaves is one of them."""
    query: engine.Query = {"filters": engine.filters(dangling=["true"])}
    found = engine.connect().request("GET", "/volumes", query)["Volumes"] or []
    return {one["Name"] for one in found}


def test_killed_holders_leave_nothing(tmp_path: Path) -> None:
    """No container, network, volume, process or file; whatever they were doing."""
    mark = secrets.token_hex(16)
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(sys.path),
        "MARK": mark,
        "TMPDIR": str(tmp_path),
    }
    volumes = unused_volumes()
    pids: list[int] = []

    def no_volume_is_left() -> None:
        assert unused_volumes() <= volumes

    respawned = 0
    while respawned < RESPAWNS:
        process = subprocess.Popen(
            [sys.executable, "-c", HOLDER], env=environment, stdout=subprocess.PIPE, text=True
        )
        pids.append(process.pid)
        try:
            process.wait(random.uniform(0.0, LONGEST_SECONDS))
        except subprocess.TimeoutExpired:
            process.kill()
        assert process.wait() == -9
        assert process.stdout
        with process.stdout as told:
            respawned += told.read().count("respawned")
    eventually(lambda: owned(pids) == [], within=10)
    eventually(lambda: with_mark(mark) == [], within=40)
    eventually(no_volume_is_left, within=10)
    assert list(tmp_path.iterdir()) == []

"""A container's owner is found wherever it runs on this host, or known to be gone."""

import os
import socket
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tools.dev import owners
from tools.dev.owners import Processes

BOOT = 1_000_000
TICKS = os.sysconf("SC_CLK_TCK")


def container(owner: str, created: float) -> Mapping[str, Any]:
    return {"Labels": {owners.LABEL: owner}, "Created": created}


def process(proc: Path, pid: int, started: float, namespaces: str) -> None:
    directory = proc / str(pid)
    directory.mkdir()
    (directory / "status").write_text(f"Name:\tpython3\nPid:\t{pid}\nNSpid:\t{namespaces}\n")
    fields = " ".join(["S", *["0"] * 18, str(int(started * TICKS)), *["0"] * 30])
    (directory / "stat").write_text(f"{pid} (a ) b) {fields}\n")


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    (tmp_path / "stat").write_text(f"cpu 0\nbtime {BOOT}\n")
    (tmp_path / "version").touch()
    (tmp_path / "77").mkdir()  # has just ended
    return tmp_path


def test_a_process_in_a_namespace_has_the_pid_that_it_sees(proc: Path) -> None:
    process(proc, 4711, 100, "4711\t300\t2")
    assert owners.processes(proc, "here").started == {2: BOOT + 100}


def test_of_two_with_the_same_pid_the_older_counts(proc: Path) -> None:
    """Every container has a process 2; the message shall not be wrong about one that lives."""
    process(proc, 10, 100, "10\t2")
    process(proc, 11, 50, "11\t2")
    assert owners.processes(proc, "here").started == {2: BOOT + 50}


@pytest.mark.parametrize(
    ("owner", "created", "expected"),
    [
        ("here:2", 150, True),
        ("here:2", 100, True),
        ("here:2", 50, False),  # the pid was used again
        ("here:3", 150, False),
        ("there:2", 150, None),
        ("here:x", 150, None),
        ("", 150, None),
    ],
)
def test_an_owner_lives_if_it_is_older_than_its_container(
    owner: str, created: float, expected: bool | None
) -> None:
    here = Processes("here", {2: 100.0})
    assert here.owner_lives(container(owner, created)) is expected


def test_without_proc_nothing_is_known(tmp_path: Path) -> None:
    here = owners.processes(tmp_path / "none", "here")
    assert here.owner_lives(container("here:2", 150)) is None


def test_this_test_lives() -> None:
    """The real /proc of whatever this runs in."""
    mine = container(f"{socket.gethostname()}:{os.getpid()}", time.time())
    assert owners.processes().owner_lives(mine) is True

"""What ticks.so promises: each call of times(2) is one tick, in a program of any C library."""

import ctypes
import io
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from pkg.dockertest import Scope, engine
from pkg.dockertest.redis import Redis

FIELDS = 4
TWICE = """\
import os
one, two = os.times(), os.times()
print(two.elapsed - one.elapsed, sum(two[:4]))
"""


@pytest.fixture(scope="module")
def ticks(dockertest_module: Scope, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library as every prepared image has it."""
    name = dockertest_module.start(Redis()).container.name
    path = {"path": "/berth/ticks.so"}
    pieces = engine.connect().stream("GET", f"/containers/{name}/archive", dict(path))
    folder = tmp_path_factory.mktemp("ticks")
    with tarfile.open(fileobj=io.BytesIO(b"".join(pieces))) as archive:
        file = archive.extractfile("ticks.so")
        assert file
        (folder / "ticks.so").write_bytes(file.read())
    return folder / "ticks.so"


def test_each_call_is_one_tick(ticks: Path) -> None:
    """With a buffer, all of which is zero then, or without."""
    times = ctypes.CDLL(str(ticks)).times
    times.restype = ctypes.c_long
    buffer = (ctypes.c_long * (FIELDS + 1))(*[7] * (FIELDS + 1))
    first = times(None)
    assert times(buffer) == first + 1
    assert list(buffer) == [0] * FIELDS + [7]
    assert times(None) == first + 2


def test_a_program_that_preloads_it_sees_its_clock(ticks: Path) -> None:
    """As mysqld does; the program's own C library has nothing to say."""
    said = subprocess.run(
        [sys.executable, "-S", "-c", TWICE],
        env={**os.environ, "LD_PRELOAD": str(ticks)},
        capture_output=True,
        text=True,
        check=True,
    )
    elapsed, used = map(float, said.stdout.split())
    assert elapsed == pytest.approx(1 / os.sysconf("SC_CLK_TCK"))
    assert used == 0
    assert said.stderr == ""


def test_it_needs_no_library(ticks: Path) -> None:
    """None is named: it can be loaded beside the C library of Debian or of a published image."""
    assert b".so" not in ticks.read_bytes()

"""Processes that are killed: what was taken is there, and the next one sends it."""

import random
import signal
from pathlib import Path

import pytest

from pkg.clock import FakeClock
from pkg.eventstream.buffer import Buffer, Limits
from pkg.testutil import processes

LIMITS = Limits(bytes=64 << 20, segment_bytes=64 << 10, event_bytes=1000)
# Says of each event that it was taken, and how many were taken over by then; goes on until it is
# killed. On a busy machine the next file may not be made in time: then an event is turned away.
ADDING = """
import os, sys, threading
from pathlib import Path
from pkg.clock import SystemClock
from pkg.eventstream.buffer import Buffer, Limits
from pkg.eventstream.errors import BufferFull

buffer = Buffer(Path(sys.argv[1]), clock=SystemClock(), limits=Limits(64 << 20, 64 << 10, 1000))

def tend():
    while True:
        buffer.tend()
        buffer.wait(1)

threading.Thread(target=tend, daemon=True).start()
number = 0
while True:
    value = b"%s %d " % (sys.argv[2].encode(), number) + bytes(number % 900)
    try:
        buffer.append(b"orders", None, value)
    except BufferFull:
        continue
    os.write(1, b"%d %d\\n" % (number, buffer.counts.adopted))
    number += 1
"""


def rest(folder: Path, clock: FakeClock) -> list[bytes]:
    """What the next process finds."""
    buffer = Buffer(folder, clock=clock, limits=LIMITS)
    buffer.tend()
    values: list[bytes] = []
    while (given := buffer.give(1 << 20)) is not None:
        values += [one.value for one in given[1]]
        buffer.acknowledge(given[0], given[0].given)
    assert buffer.shelf.damaged == 0
    buffer.close()
    return values


@pytest.mark.parametrize("seed", range(10))
def test_a_killed_process_loses_nothing_that_it_has_taken(
    tmp_path: Path, clock: FakeClock, seed: int
) -> None:
    """Killed at any moment: all is there that it said was taken, in its order, and once."""
    with processes.python(ADDING, str(tmp_path), "x") as process:
        for _ in range(random.Random(seed).randrange(1, 1000)):
            processes.line(process)
        process.send_signal(signal.SIGKILL)
        assert process.stdout
        said = [line for line in process.stdout.read().splitlines(True) if line.endswith("\n")]
    found = [int(value.split()[1]) for value in rest(tmp_path, clock)]
    assert found == list(range(len(found)))
    if said:
        assert len(found) > int(said[-1].split()[0])


def test_who_takes_over_and_is_killed_loses_nothing(tmp_path: Path, clock: FakeClock) -> None:
    """Each has begun to take over what the ones before have left. All is there once; the order is
    none any more, since who takes over may be killed between two files of one process."""
    said: dict[str, int] = {}
    for name in "abcd":
        with processes.python(ADDING, str(tmp_path), name) as process:
            taken = adopted = 0
            while taken < 300 or (name != "a" and not adopted):
                taken, adopted = map(int, processes.line(process).split())
            said[name] = taken
    found = [value.split()[:2] for value in rest(tmp_path, clock)]
    for name, last in said.items():
        mine = sorted(int(number) for whose, number in found if whose == name.encode())
        assert mine == list(range(len(mine)))
        assert len(mine) > last


def test_a_folder_is_locked_as_long_as_its_process_lives(tmp_path: Path, clock: FakeClock) -> None:
    """Another process takes nothing of it until then."""
    with processes.python(ADDING, str(tmp_path), "x") as process:
        processes.line(process)
        assert rest(tmp_path, clock) == []
    assert rest(tmp_path, clock)

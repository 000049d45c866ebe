"""The buffer: its bound, its rests, and who may have them."""

import logging
import multiprocessing
import os
import resource
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pkg.clock import FakeClock
from pkg.eventstream.buffer import Buffer, Limits
from pkg.eventstream.buffer import buffer as module
from pkg.eventstream.errors import BufferFull, Closed, FolderUnusable, TooLarge

SMALL = Limits(bytes=16384, segment_bytes=4096, event_bytes=3000)
KB = bytes(1000)


def new(folder: Path, clock: FakeClock, limits: Limits = SMALL) -> Buffer:
    made = Buffer(folder, clock=clock, limits=limits)
    made.tend()
    return made


def add(buffer: Buffer, *values: bytes) -> None:
    for value in values:
        buffer.append(b"orders", None, value)
        buffer.tend()


def fill(buffer: Buffer, why: str) -> int:
    """How many events were taken, until one is turned away."""
    with pytest.raises(BufferFull, match=why):
        add(buffer, *[KB] * 100)
    return buffer.counts.added


def sent(buffer: Buffer) -> list[bytes]:
    """All that waits, acknowledged."""
    values: list[bytes] = []
    while (given := buffer.give(1500)) is not None:
        values += [one.value for one in given[1]]
        buffer.acknowledge(given[0], given[0].given)
    return values


def test_events_are_given_in_their_order(tmp_path: Path, clock: FakeClock) -> None:
    """Over several files, which go when all of them was acknowledged."""
    buffer = new(tmp_path, clock)
    values = [b"%d" % number * 500 for number in range(10)]
    add(buffer, *values)
    assert len(buffer.shelf.listed()) == 2
    assert sent(buffer) == values
    assert len(buffer.shelf.listed()) == 1
    assert (buffer.waiting_bytes(), buffer.has_more()) == (0, False)


def test_the_bound_is_kept(
    tmp_path: Path, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    """Who publishes is told, at once; nothing that was taken is lost; the log says it once."""
    caplog.set_level(logging.INFO)
    buffer = new(tmp_path, clock)
    taken = fill(buffer, "16384 bytes wait for the broker")
    assert taken == 12
    assert sum(path.stat().st_size for path in tmp_path.rglob("*.seg")) == SMALL.bytes
    with pytest.raises(BufferFull):
        add(buffer, KB)
    assert buffer.counts.turned_away == 2
    assert caplog.text.count("events are turned away") == 1
    assert sent(buffer) == [KB] * taken
    buffer.tend()
    add(buffer, KB)
    assert sent(buffer) == [KB]
    assert caplog.text.count("has room again") == 1


def test_a_disk_that_hangs_is_not_waited_for_long(tmp_path: Path, clock: FakeClock) -> None:
    """Nobody makes a new file: who publishes is told after a second."""
    buffer = new(tmp_path, clock)
    for _ in range(6):
        buffer.append(b"orders", None, KB)
    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(buffer.append, b"orders", None, KB)
        clock.until_waiting()
        clock.advance(module.PATIENCE_SECONDS)
        with pytest.raises(BufferFull, match=r"no new file in .* for 1 s"):
            late.result(10)
    with pytest.raises(BufferFull):  # at once: nobody waits for what another one waited for
        buffer.append(b"orders", None, KB)
    buffer.tend()
    add(buffer, b"it moves")
    assert sent(buffer)[-1] == b"it moves"


def test_who_waits_for_a_file_goes_on_when_it_is_made(tmp_path: Path, clock: FakeClock) -> None:
    """Without time passing."""
    buffer = new(tmp_path, clock)
    for _ in range(6):
        buffer.append(b"orders", None, KB)
    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(buffer.append, b"orders", None, KB)
        clock.until_waiting()
        buffer.tend()
        late.result(10)
    assert sent(buffer) == [KB] * 7


def test_what_is_offered_waits_for_no_file(tmp_path: Path, clock: FakeClock) -> None:
    """It is taken as long as there is room, in the next file, too; then it is told, at once."""
    buffer = new(tmp_path, clock)
    taken = 0
    while buffer.offer(b"orders", None, KB):
        taken += 1
    assert taken == 6
    assert buffer.counts.added == taken
    buffer.tend()
    assert buffer.offer(b"orders", None, b"room")
    assert sent(buffer) == [*[KB] * taken, b"room"]


def test_what_is_offered_waits_for_nobody(tmp_path: Path, clock: FakeClock) -> None:
    """Not for a thread that waits for a file either; what never fits is refused as ever."""
    buffer = new(tmp_path, clock)
    while buffer.offer(b"orders", None, KB):
        pass
    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(buffer.append, b"orders", None, KB)
        clock.until_waiting()
        assert not buffer.offer(b"orders", None, b"small")
        buffer.tend()
        late.result(10)
    with pytest.raises(TooLarge):
        buffer.offer(b"orders", None, bytes(3001))
    buffer.refuse("the producer was closed")
    with pytest.raises(Closed):
        buffer.offer(b"orders", None, b"late")


def test_a_full_disk_is_told_and_outlived(tmp_path: Path, clock: FakeClock) -> None:
    """What was taken before is sent; when there is room, events are taken again."""
    buffer = new(tmp_path, clock)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2048, before[1]))
    try:
        taken = fill(buffer, "File too large")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert taken == 6
    clock.advance(module.LOOK_SECONDS)
    buffer.tend()
    add(buffer, b"room")
    assert sent(buffer) == [*[KB] * taken, b"room"]


def test_what_never_fits_is_too_large(tmp_path: Path, clock: FakeClock) -> None:
    """An event by its size, its key by its own."""
    buffer = new(tmp_path, clock)
    with pytest.raises(TooLarge, match="an event of orders has 3001 bytes"):
        buffer.append(b"orders", None, bytes(2995))
    buffer.append(b"orders", None, bytes(2994))
    large = new(tmp_path / "large", clock, Limits())
    with pytest.raises(TooLarge, match="65535 of them its key"):
        large.append(b"orders", bytes(65535), b"")
    large.append(b"orders", bytes(65534), b"")


def test_limits_fit_one_another() -> None:
    """A bound has room for some files, a file for the largest event."""
    with pytest.raises(ValueError, match="are not 4 files of 4096"):
        Limits(bytes=16383, segment_bytes=4096, event_bytes=100)
    with pytest.raises(ValueError, match="does not fit a file of 4096"):
        Limits(bytes=16384, segment_bytes=4096, event_bytes=4096 - 64 - 23)
    Limits(bytes=16384, segment_bytes=4096, event_bytes=4096 - 64 - 24)


def test_what_one_has_left_the_next_one_sends(tmp_path: Path, clock: FakeClock) -> None:
    """Before its own, but for what was acknowledged; nothing of it stays on the disk."""
    one = new(tmp_path, clock)
    add(one, b"sent")
    assert sent(one) == [b"sent"]
    add(one, b"left", KB, KB, KB, b"left, too")
    one.close()
    next_one = new(tmp_path, clock)
    add(next_one, b"own")
    assert sent(next_one) == [b"left", KB, KB, KB, b"left, too", b"own"]
    assert next_one.counts.adopted == 5
    next_one.close()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_use_is_left_alone(tmp_path: Path, clock: FakeClock) -> None:
    """Several producers share a folder; each has its own events, until it ends."""
    one, other = new(tmp_path, clock), new(tmp_path, clock)
    add(one, b"one's")
    clock.advance(module.LOOK_SECONDS)
    other.tend()
    assert sent(other) == []
    one.close()
    other.tend()
    assert sent(other) == []
    clock.advance(module.LOOK_SECONDS)
    other.tend()
    assert sent(other) == [b"one's"]


def test_no_more_is_taken_over_than_half_of_the_bound(tmp_path: Path, clock: FakeClock) -> None:
    """The rest when there is room: a process that starts has room for its own."""
    one = new(tmp_path, clock)
    taken = fill(one, "wait for the broker")
    one.close()
    next_one = new(tmp_path, clock)
    assert len(next_one.shelf.listed()) == 2
    add(next_one, *[KB] * 4)
    total = 0
    for _ in range(5):
        total += len(sent(next_one))
        clock.advance(module.LOOK_SECONDS)
        next_one.tend()
    assert total == taken + 4


def test_foreign_files_are_left_and_named(
    tmp_path: Path, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    """What is no segment is said once, and removed by nobody; half-made ones are."""
    left = tmp_path / "left"
    left.mkdir()
    (left / "1.seg").write_bytes(b"something else")
    (left / "2.new").write_bytes(b"half made")
    (tmp_path / "a file").write_bytes(b"")
    buffer = new(tmp_path, clock)
    clock.advance(module.LOOK_SECONDS)
    buffer.tend()
    assert [path.name for path in left.iterdir()] == ["1.seg"]
    assert caplog.text.count("1.seg: 14 bytes are no segment") == 1


def test_damage_is_counted_and_passed_over(
    tmp_path: Path, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    """What is whole is sent."""
    one = new(tmp_path, clock)
    add(one, b"first", b"second", b"third")
    one.close()
    [path] = tmp_path.rglob("*.seg")
    path.write_bytes(path.read_bytes().replace(b"second", b"SECOND"))
    next_one = new(tmp_path, clock)
    assert sent(next_one) == [b"first", b"third"]
    assert next_one.shelf.damaged == 1
    assert "damaged in 1 places" in caplog.text


def test_its_age_is_that_of_the_oldest(tmp_path: Path, clock: FakeClock) -> None:
    """By the clock, in seconds; 0 when nothing waits."""
    buffer = new(tmp_path, clock)
    assert buffer.oldest_seconds() == 0
    add(buffer, b"old")
    clock.advance(2.5)
    add(buffer, b"new")
    assert buffer.oldest_seconds() == 2.5
    sent(buffer)
    assert buffer.oldest_seconds() == 0


def test_a_fork_leaves_it_to_the_parent(tmp_path: Path, clock: FakeClock) -> None:
    """The child is told; that it lives does not keep the folder."""
    buffer = new(tmp_path, clock)
    add(buffer, b"the parent's")

    def child() -> None:
        buffer.forget()
        try:
            buffer.append(b"orders", None, b"the child's")
        except Closed as error:
            os._exit(7 if "before a fork" in str(error) else 1)

    process = multiprocessing.get_context("fork").Process(target=child)
    process.start()
    process.join(10)
    assert process.exitcode == 7
    assert len(list(tmp_path.rglob("*.seg"))) == 2
    add(buffer, b"the parent's, too")
    assert sent(buffer) == [b"the parent's", b"the parent's, too"]


def test_forgetting_one_that_was_closed_closes_nobody_elses_file(
    tmp_path: Path, clock: FakeClock
) -> None:
    """Its descriptor's number may be another file's by then."""
    buffer = new(tmp_path, clock)
    buffer.close()
    with (tmp_path / "another").open("w") as another:
        buffer.forget()
        another.write("still open")


def test_after_its_end_nothing_is_taken(tmp_path: Path, clock: FakeClock) -> None:
    """Who publishes is told."""
    buffer = new(tmp_path, clock)
    buffer.refuse("the producer was closed")
    buffer.close()
    with pytest.raises(Closed, match="was closed: the event was not published"):
        buffer.append(b"orders", None, b"late")


def test_a_folder_that_is_none_is_told(tmp_path: Path, clock: FakeClock) -> None:
    """With its name and what to do."""
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(FolderUnusable, match=r"folder .*file: .*: give one on a local disk"):
        new(tmp_path / "file", clock)


def test_a_folder_that_is_gone_ends_nothing(
    tmp_path: Path, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    """What was taken is sent; new events are taken as long as there is a file."""
    folder = tmp_path / "events"
    buffer = new(folder, clock)
    add(buffer, KB)
    shutil.rmtree(folder)
    clock.advance(module.LOOK_SECONDS)
    buffer.tend()
    assert "No such file or directory" in caplog.text
    taken = fill(buffer, "No such file or directory")
    assert sent(buffer) == [KB] * taken
    buffer.close()


def test_threads_lose_nothing(tmp_path: Path, clock: FakeClock) -> None:
    """Each one's events keep their order."""
    buffer = new(tmp_path, clock, Limits(bytes=1 << 20, segment_bytes=8192, event_bytes=100))

    def run(thread: int) -> None:
        for number in range(500):
            buffer.append(b"orders", None, b"%d %d" % (thread, number))

    values: list[bytes] = []
    with ThreadPoolExecutor(4) as pool:
        runs = [pool.submit(run, thread) for thread in range(4)]
        while not all(one.done() for one in runs):
            buffer.tend()
            values += sent(buffer)
        for one in runs:
            one.result()
    values += sent(buffer)
    for thread in range(4):
        mine = [value for value in values if value.startswith(b"%d " % thread)]
        assert mine == [b"%d %d" % (thread, number) for number in range(500)]

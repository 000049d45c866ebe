"""Segments: files that outlive who writes them."""

import errno
import resource
import stat
from pathlib import Path

import pytest

from pkg.eventstream.buffer import record, segment
from pkg.eventstream.buffer.segment import Segment

SIZE = 4096


def create(folder: Path) -> Segment:
    return segment.create(folder / f"1{segment.FINISHED}", SIZE)


def values(one: Segment) -> list[bytes]:
    return [found.value for found in one.read(one.given, one.end, SIZE)]


def test_another_process_finds_what_was_added(tmp_path: Path) -> None:
    """Without a flush or a close of the first."""
    mine = create(tmp_path)
    assert mine.append(b"orders", b"a", b"one", 1)
    assert mine.append(b"orders", None, b"two", 2)
    found, scan = segment.open_left(mine.path)
    assert values(found) == [b"one", b"two"]
    assert (scan.records, scan.holes, scan.cut) == (2, 0, False)
    assert (found.end, found.waiting) == (mine.end, mine.waiting)
    assert found.oldest() == 1


def test_what_was_sent_is_not_found(tmp_path: Path) -> None:
    """Nor does the next process send it."""
    mine = create(tmp_path)
    mine.append(b"orders", None, b"one", 1)
    mine.mark_sent(mine.end)
    mine.append(b"orders", None, b"two", 2)
    found, scan = segment.open_left(mine.path)
    assert scan.records == 1
    assert values(found) == [b"two"]
    found.mark_sent(found.end)
    assert found.oldest() is None


def test_a_full_one_takes_no_more(tmp_path: Path) -> None:
    """And what is in it stays: to the last byte of the file."""
    mine = create(tmp_path)
    room = SIZE - record.HEADER_BYTES - record.RECORD_BYTES - len("orders")
    assert not mine.append(b"orders", None, bytes(room + 1), 1)
    assert mine.append(b"orders", None, bytes(room), 1)
    assert not mine.append(b"", None, b"", 1)
    assert values(segment.open_left(mine.path)[0]) == [bytes(room)]


def test_reading_goes_on_behind_a_limit(tmp_path: Path) -> None:
    """A part at a time, and never less than one record."""
    mine = create(tmp_path)
    for number in range(10):
        mine.append(b"orders", None, b"%d" % number * 100, number)
    offset, parts = mine.given, 0
    seen: list[int] = []
    while found := mine.read(offset, mine.end, 300):
        seen += [one.at for one in found]
        offset, parts = found[-1].end, parts + 1
    assert seen == list(range(10))
    assert parts == 5
    assert len(mine.read(mine.given, mine.end, 1)) == 10


def test_it_is_nobody_elses(tmp_path: Path) -> None:
    """Events are not for everybody on the machine."""
    assert stat.S_IMODE(create(tmp_path).path.stat().st_mode) == 0o600


def test_no_room_on_the_disk_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told when the file is made, and not when an event is added."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (SIZE // 2, before[1]))
    try:
        with pytest.raises(OSError, match="File too large") as refused:
            create(tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert refused.value.errno == errno.EFBIG
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("data", [b"", b"x" * 10, bytes(SIZE), b"BERTHEV2" + bytes(SIZE)])
def test_what_is_no_segment_is_told(tmp_path: Path, data: bytes) -> None:
    """Empty, short, without a header, of another version."""
    path = tmp_path / "1.seg"
    path.write_bytes(data)
    with pytest.raises(segment.NoSegment, match=r"1\.seg"):
        segment.open_left(path)


def test_it_is_removed_with_its_file(tmp_path: Path) -> None:
    """Whoever reads it then is told."""
    mine = create(tmp_path)
    mine.remove()
    assert not mine.path.exists()
    with pytest.raises(ValueError, match="closed"):
        mine.sync()

"""The format of a segment: what is whole is read, whatever else there is."""

from hypothesis import given
from hypothesis import strategies as st

from pkg.eventstream.buffer import record
from pkg.eventstream.buffer.record import HEADER_BYTES, Record

SALT = 0x5A17_5A17
AT = 1_767_225_600_000

type Some = list[tuple[bytes, bytes | None, bytes, int]]

events = st.tuples(
    st.binary(min_size=1, max_size=20),
    st.none() | st.binary(max_size=20),
    st.binary(max_size=60),
    st.integers(0, 2**62),
)


def written(some: Some, salt: int = SALT) -> bytes:
    data = record.header(salt)
    for topic, key, value, at in some:
        data += record.encode(salt, len(data), topic, key, value, at)
    return data


def read(data: bytes) -> list[Record]:
    return list(record.records(data, SALT, HEADER_BYTES))


THREE = [(b"orders", b"a", b"one", AT), (b"orders", None, b"", AT), (b"bills", b"", b"3", AT + 1)]


@given(st.lists(events, max_size=5), st.integers(0, 100))
def test_what_was_written_is_read(some: Some, zeros: int) -> None:
    """Any events, in their order, also from a file whose rest is not used."""
    data = written(some) + bytes(zeros)
    assert [(one.topic, one.key, one.value, one.at) for one in read(data)] == some
    found = record.scan(data, SALT, HEADER_BYTES)
    assert (found.records, found.end) == (len(some), len(data) - zeros)
    assert (found.holes, found.cut) == (0, False)


def test_a_record_is_laid_out_as_documented() -> None:
    """Byte by byte."""
    data = record.encode(SALT, HEADER_BYTES, b"orders", b"a", b"one", AT)
    assert data[:4] == b"\xb3REC"
    assert data[8:12] == (10).to_bytes(4, "little")
    assert data[12:14] == (6).to_bytes(2, "little")
    assert data[14:16] == (1).to_bytes(2, "little")
    assert data[16:24] == AT.to_bytes(8, "little")
    assert data[24:] == b"ordersaone"


def test_a_file_that_ends_anywhere_has_what_is_whole() -> None:
    """Cut at every byte: records before are read, the torn one is not."""
    data, ends = written(THREE), [HEADER_BYTES, *(one.end for one in read(written(THREE)))]
    for size in range(HEADER_BYTES, len(data) + 1):
        for torn in (data[:size], data[:size].ljust(len(data) + 9, b"\0")):
            found = record.scan(torn, SALT, HEADER_BYTES)
            whole = sum(end <= size for end in ends[1:])
            # An end of zeros was written, or not: nobody can tell, and it makes no difference.
            if found.records != whole:
                assert data[size : ends[whole + 1]].strip(b"\0") == b""
            assert found.records >= whole
            assert found.holes == 0


def test_a_byte_that_has_changed_costs_its_record_alone() -> None:
    """Every bit of every byte: the others are read, and the damage is counted."""
    data = written(THREE)
    expected = read(data)
    for place in range(HEADER_BYTES, len(data)):
        for bit in range(8):
            damaged = bytearray(data)
            damaged[place] ^= 1 << bit
            hit = sum(place >= one.end for one in expected)
            left = [one for number, one in enumerate(expected) if number != hit]
            assert read(bytes(damaged)) == left
            found = record.scan(bytes(damaged), SALT, HEADER_BYTES)
            assert found.holes == (hit < 2)
            assert found.cut == (hit == 2)


def test_lost_pages_cost_what_was_in_them() -> None:
    """Zeros where records were, as after the machine's end: those behind are read."""
    data = written(THREE)
    first = read(data)[0].end
    lost = data[:HEADER_BYTES] + bytes(first - HEADER_BYTES) + data[first:]
    assert [one.value for one in read(lost)] == [b"", b"3"]
    assert record.scan(lost, SALT, HEADER_BYTES).holes == 1


def test_an_event_that_contains_a_record_is_not_taken_for_two() -> None:
    """Also when it is damaged: records of another segment, or of another place, are none here."""
    for salt in (SALT, SALT + 1):
        inner = written(THREE, salt)
        data = bytearray(written([(b"orders", None, inner, AT), *THREE[:1]]))
        data[HEADER_BYTES + record.RECORD_BYTES] ^= 1
        assert [one.value for one in read(bytes(data))] == [b"one"]


@given(st.binary(max_size=300))
def test_noise_is_no_record(noise: bytes) -> None:
    """Nothing is read from it, and nothing is raised."""
    data = record.header(SALT) + noise + written(THREE)[HEADER_BYTES:]
    assert all(one not in read(data) for one in read(written(THREE)) if noise)
    assert record.salt_of(noise) is None


def test_a_header_says_whose_it_is() -> None:
    """And a damaged one says nothing."""
    header = record.header(SALT)
    assert len(header) == HEADER_BYTES
    assert record.salt_of(header) == SALT
    for place in range(16):
        damaged = bytearray(header)
        damaged[place] ^= 1
        assert record.salt_of(bytes(damaged)) is None
    assert record.salt_of(header[:-1]) is None


def test_what_was_sent_is_noted() -> None:
    """A damaged note means that nothing was: events are sent twice rather than not."""
    header = bytearray(record.header(SALT))
    assert record.sent_of(bytes(header), SALT) == HEADER_BYTES
    header[record.SENT_AT : record.SENT_AT + 12] = record.sent(SALT, 12345)
    assert record.sent_of(bytes(header), SALT) == 12345
    for place in range(record.SENT_AT, record.SENT_AT + 12):
        damaged = bytearray(header)
        damaged[place] ^= 1
        assert record.sent_of(bytes(damaged), SALT) == HEADER_BYTES

"""What the format of an entry promises."""

from datetime import UTC, datetime, timedelta

import pytest

from pkg.cache.entry import BadEntry, decode, encode

NOW = datetime(2030, 6, 1, 12, tzinfo=UTC)
SOON = NOW + timedelta(seconds=1)


@pytest.mark.parametrize("value", [b"", b"x", bytes(range(256)), b"\0" * 100_000])
def test_any_bytes_come_back(value: bytes) -> None:
    """Empty values and zeros are values like any other."""
    assert decode(encode(value, SOON), NOW) == value


def test_the_bytes_are_as_documented() -> None:
    """A change of the format needs a new version: caches of two releases share one Redis."""
    instant = datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)
    assert encode(b"abc", instant).hex(" ") == (
        "42 43 01 00 00 00 00 00 00 03 e8 f5 89 3a 3b 61 62 63"
    )


def test_an_entry_is_valid_until_just_before_its_expiry() -> None:
    """At the instant of its expiry, an entry is expired."""
    stored = encode(b"value", SOON)
    assert decode(stored, SOON - timedelta(milliseconds=1)) == b"value"
    assert decode(stored, SOON) is None


@pytest.mark.parametrize("stored", [b"", b"BC", b"BC\x01", b"value", b"BC\x02" + b"\0" * 20])
def test_what_is_no_entry_of_this_version_is_bad(stored: bytes) -> None:
    """What other programs or other releases have stored is told from an entry."""
    with pytest.raises(BadEntry, match="not an entry of this version"):
        decode(stored, NOW)


def test_each_flipped_bit_is_noticed() -> None:
    """No damage to a single bit gives a wrong value or a wrong expiry."""
    stored = encode(b"value", SOON)
    for bit in range(len(stored) * 8):
        damaged = bytearray(stored)
        damaged[bit // 8] ^= 1 << bit % 8
        with pytest.raises(BadEntry):
            decode(bytes(damaged), NOW)


def test_each_truncation_is_noticed() -> None:
    """An entry that was cut off is bad, wherever the cut is."""
    stored = encode(b"value", SOON)
    for length in range(len(stored)):
        with pytest.raises(BadEntry):
            decode(stored[:length], NOW)

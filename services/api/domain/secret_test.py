"""Keys are unguessable, tell nothing of themselves, and are found by their digest."""

import hashlib
import re
import secrets

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.api.domain import secret

steady = settings(derandomize=True, database=None, deadline=None, max_examples=200)
PREFIXES = st.text("abcXYZ019_", max_size=16)
LENGTHS = st.integers(16, 255)


@steady
@given(PREFIXES, LENGTHS)
def test_a_key_is_its_prefix_and_random_digits(prefix: str, byte_length: int) -> None:
    """Of one length for all keys of so many bytes, and short enough to be verified."""
    one, other = secret.new(prefix, byte_length), secret.new(prefix, byte_length)
    before = f"{prefix}_" if prefix else ""
    assert re.fullmatch(re.escape(before) + r"[1-9A-HJ-NP-Za-km-z]{22,}", one.text)
    assert len(one.text) == len(other.text) <= 512
    assert one.text != other.text
    assert one.start == one.text[: len(before) + 4]


@steady
@given(PREFIXES, LENGTHS)
def test_the_prefix_is_told_by_the_start(prefix: str, byte_length: int) -> None:
    """So that a successor gets it: also one with underscores."""
    assert secret.prefix(secret.new(prefix, byte_length).start) == prefix


def test_the_smallest_number_is_as_long_as_the_largest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leading zeros are digits like others; the largest number fits."""
    texts = []
    for byte in (b"\0", b"\xff"):
        monkeypatch.setattr(secrets, "token_bytes", lambda n, byte=byte: byte * n)
        texts.append(secret.new("", 16).text)
    assert texts[0] == "1" * 22
    assert len(texts[1]) == 22


def test_the_digest_is_sha256_of_the_whole_text() -> None:
    """The prefix included, whatever characters a stranger sends."""
    made = secret.new("prod", 16)
    assert made.digest == hashlib.sha256(made.text.encode()).digest()
    assert secret.digest("ä\ud800") != secret.digest("ä")


def test_the_text_is_in_no_log() -> None:
    """Of a secret, the start is shown."""
    made = secret.new("prod", 16)
    assert made.text not in repr(made)
    assert made.start in repr(made)

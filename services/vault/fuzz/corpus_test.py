"""What the fuzzer has found interesting holds in each run, without the fuzzer."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from services.vault.fuzz.targets import DATA_KEY, read_ciphertext, read_record
from services.vault.keyring import DataKey

CORPUS = Path(__file__).parent / "corpus"


def outcomes(corpus: str, target: Callable[[bytes], str]) -> Counter[str]:
    """How often the target came to which end over a corpus."""
    return Counter(target(each.read_bytes()) for each in sorted((CORPUS / corpus).iterdir()))


def test_each_ciphertext_of_the_corpus_is_read_rightly() -> None:
    """Among them are such that decrypt, and such that fail at each check."""
    found = outcomes("envelope", read_ciphertext)
    assert set(found) == {"no ciphertext", "refused", "decrypted"}


def test_each_record_of_the_corpus_is_read_rightly() -> None:
    """Among them are such that open, and such that fail at each check."""
    found = outcomes("record", read_record)
    assert set(found) == {"no record", "refused", "of another master key", "opened"}


def test_a_reader_that_takes_anything_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The targets have an opinion of their own of what the formats are."""
    whole = DataKey("payments", "0f" * 16, DATA_KEY).encrypt(b"a secret")
    assert read_ciphertext(whole) == "decrypted"
    monkeypatch.setattr(DataKey, "decrypt", lambda *_: b"a secret")
    with pytest.raises(AssertionError, match="it is not what the vault writes"):
        read_ciphertext(whole[:-1] + bytes([whole[-1] ^ 1]))

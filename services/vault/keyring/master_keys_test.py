"""Several master keys at once: which one wraps, and which ones open."""

import pytest

from services.vault.errors import InvalidInput, WrongMasterKey
from services.vault.keyring import MasterKey, MasterKeys

OLD, NEW = MasterKey(b"o" * 32), MasterKey(b"n" * 32)


def test_the_last_one_wraps_and_all_open() -> None:
    """So that one can take over from another."""
    keys = MasterKeys([OLD, NEW])
    assert keys.newest == NEW
    assert keys.get(OLD.id, "a record") == OLD
    assert keys.get(NEW.id, "a record") == NEW
    assert keys.ids == (OLD.id, NEW.id)


def test_one_that_is_missing_is_named() -> None:
    """With the record that needs it, and what is there; no secret is shown."""
    with pytest.raises(WrongMasterKey) as refused:
        MasterKeys([NEW]).get(OLD.id, "keyrings/payments/current")
    assert (refused.value.needed, refused.value.given) == (OLD.id, (NEW.id,))
    assert f"keyrings/payments/current: wrapped with master key {OLD.id}" in str(refused.value)
    assert OLD.reveal() not in str(refused.value)
    assert NEW.reveal() not in f"{refused.value} {MasterKeys([NEW])!r}"


def test_none_and_the_same_twice_are_refused() -> None:
    """Which one would wrap?"""
    with pytest.raises(InvalidInput, match="give at least one"):
        MasterKeys([])
    with pytest.raises(InvalidInput, match="one stands twice"):
        MasterKeys([OLD, NEW, OLD])

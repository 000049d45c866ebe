"""The storage in memory promises what the one in S3 does."""

from collections.abc import Callable

import pytest

from services.vault.storage import MemoryStorage, Storage
from services.vault.storage.contract import CHECKS


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: str(check.__name__))
def test_the_contract_holds(check: Callable[[Storage], None]) -> None:
    """All that a vault relies on."""
    check(MemoryStorage())


def test_a_removed_object_is_gone() -> None:
    """For tests of what happens then."""
    storage = MemoryStorage()
    storage.create("a", b"first")
    storage.remove("a")
    assert storage.get("a") is None
    assert storage.create("a", b"second")

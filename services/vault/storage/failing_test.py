"""The storage that fails when it is told to does so, and otherwise does its work."""

import pytest

from services.vault.errors import StorageUnavailable
from services.vault.storage import MemoryStorage
from services.vault.storage.failing import FailingStorage, Lost


@pytest.mark.parametrize("lost", Lost)
def test_a_call_fails_by_its_number(lost: Lost) -> None:
    """With the answer lost it is done, with the request lost it is not; the next one works."""
    below = MemoryStorage()
    storage = FailingStorage(below, fail={1}, lost=lost)
    assert storage.create("a", b"1")
    with pytest.raises(StorageUnavailable, match="call 1 fails"):
        storage.create("b", b"2")
    assert below.names() == (["a", "b"] if lost is Lost.ANSWER else ["a"])
    found = storage.get("a")
    assert found is not None
    assert storage.replace("a", b"3", found.version)
    assert storage.names("", "", 1) == ["a"]
    assert storage.calls == 5

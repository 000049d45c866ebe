"""The storage fails at any of an operation's calls, or at two of them, whatever got lost."""

from collections.abc import Sequence
from itertools import combinations, product

import pytest

from services.vault.errors import StorageUnavailable
from services.vault.storage import MemoryStorage, Storage
from services.vault.storage.failing import FailingStorage, Lost
from services.vault.testutil.kept import Kept
from services.vault.testutil.operations import BOTH, OPERATIONS, Operation, check_whole, seeded
from services.vault.vault import Vault

COLD = [operation for operation in OPERATIONS if not operation.warm]
WARM = [operation for operation in OPERATIONS if operation.warm]
# So that the pairs of a roll's don't take all the time.
MOST_CALLS = 14


@pytest.mark.parametrize("operation", COLD, ids=str)
def test_an_operation_takes_as_many_calls_as_it_says(operation: Operation) -> None:
    """So that the tests below know all of them."""
    counting, kept = prepared()
    operation.run(Vault(counting, BOTH), kept)
    assert counting.calls == operation.requests


@pytest.mark.parametrize("operation", WARM, ids=str)
def test_a_warm_operation_needs_no_storage(operation: Operation) -> None:
    """It goes on while there is none."""
    storage, kept = MemoryStorage(), list[Kept]()
    kept += seeded(storage)
    warm = Vault(FailingStorage(storage, fail=range(operation.requests, 1000)), BOTH)
    operation.run(warm, kept)
    kept += operation.run(warm, kept)
    check_whole(storage, kept)


@pytest.mark.parametrize("lost", Lost)
@pytest.mark.parametrize("operation", COLD, ids=str)
def test_a_call_that_fails_leaves_all_whole(operation: Operation, lost: Lost) -> None:
    """Each call alone: the operation fails with the storage's own error, another instance finds
    all whole, and the same instance does it the next time."""
    for call in range(operation.requests):
        storage = MemoryStorage()
        kept = seeded(storage)
        vault = Vault(FailingStorage(storage, fail={call}, lost=lost), BOTH)
        with pytest.raises(StorageUnavailable, match=f"call {call} fails, as it was told to"):
            operation.run(vault, kept)
        check_whole(storage, kept)
        kept += operation.run(vault, kept)
        check_whole(storage, kept)


@pytest.mark.parametrize("operation", COLD, ids=str)
def test_two_calls_that_fail_leave_all_whole(operation: Operation) -> None:
    """Each two calls of three tries, with the request or the answer lost of each: the third try
    succeeds at the latest, and after each another instance can encrypt and decrypt."""
    calls = range(min(2 * operation.requests, MOST_CALLS))
    for (first, second), (lost, also_lost) in product(
        combinations(calls, 2), product(Lost, repeat=2)
    ):
        storage = MemoryStorage()
        kept = seeded(storage)
        # Below, a call whose request was lost is not counted.
        at = second - 1 if lost is Lost.REQUEST else second
        below = FailingStorage(storage, fail={at}, lost=also_lost)
        vault = Vault(FailingStorage(below, fail={first}, lost=lost), BOTH)
        kept += tried(vault, operation, storage, kept)
        check_whole(storage, kept)


def prepared() -> tuple[FailingStorage, list[Kept]]:
    """A storage with the keyring in it, that counts its calls from now on."""
    storage = MemoryStorage()
    kept = seeded(storage)
    return FailingStorage(storage), kept


def tried(vault: Vault, operation: Operation, storage: Storage, kept: Sequence[Kept]) -> list[Kept]:
    """What the operation has acknowledged when it has succeeded, within three tries."""
    for _ in range(2):
        try:
            return operation.run(vault, kept)
        except StorageUnavailable:
            other = Vault(storage, BOTH)
            assert other.decrypt(kept[0].keyring, kept[0].ciphertext) == kept[0].plaintext
            other.encrypt(kept[0].keyring, b"by another instance")
    return operation.run(vault, kept)

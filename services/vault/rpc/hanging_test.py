"""A storage that hangs costs those who need it their deadline, and nobody else."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed

import pytest

from pkg.testutil import eventually
from services.vault.keyring import MasterKey, MasterKeys
from services.vault.rpc.limits import Limits
from services.vault.storage import MemoryStorage
from services.vault.testutil.hanging import HangingStorage
from services.vault.testutil.service import Service, serving
from services.vault.vault import Vault


@pytest.fixture
def storage() -> Iterator[HangingStorage]:
    storage = HangingStorage(MemoryStorage())
    yield storage
    storage.go_on()


@pytest.fixture
def vault(storage: HangingStorage) -> Vault:
    """A vault whose keyring "warm" needs the storage no more; from then on, that hangs."""
    vault = Vault(storage, MasterKeys([MasterKey.generate()]))
    vault.encrypt("warm", b"")
    storage.hang()
    return vault


def encrypted(service: Service, keyring: str) -> tuple[int, str]:
    """Status, and the code of an error."""
    answer = service.post("/v1/encrypt", keyring=keyring, plaintext="")
    return answer.status_code, answer.json().get("error", {}).get("code", "")


def test_a_request_ends_by_its_deadline(storage: HangingStorage, vault: Vault) -> None:
    """With a code of its own; what is warm is served meanwhile, and all is when it goes on."""
    with serving(vault, Limits(deadline=1, stop_delay=0)) as service:
        assert encrypted(service, "cold") == (504, "deadline_exceeded")
        assert encrypted(service, "warm") == (200, "")
        assert service.http.get("/health/live").status_code == 200
        storage.go_on()
        eventually(lambda: encrypted(service, "cold") == (200, ""))


def test_those_who_wait_for_the_storage_leave_places_to_the_others(
    storage: HangingStorage, vault: Vault
) -> None:
    """What is warm is served, however many ask for what is cold."""
    limits = Limits(deadline=10, max_requests=4, threads=1, stop_delay=0)
    with serving(vault, limits) as service, ThreadPoolExecutor(4) as clients:
        cold = [clients.submit(encrypted, service, f"cold{number}") for number in range(4)]
        assert next(as_completed(cold)).result() == (503, "overloaded")
        assert encrypted(service, "warm") == (200, "")
        storage.go_on()
        assert sorted(each.result()[0] for each in cold) == [200, 200, 200, 503]

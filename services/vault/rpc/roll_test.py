"""A roll over HTTP, page by page."""

import threading
from typing import Any

import pytest

from services.vault.keyring import MasterKey, MasterKeys
from services.vault.rpc.limits import Limits
from services.vault.storage import MemoryStorage
from services.vault.storage.storage import Stored
from services.vault.testutil.service import serving
from services.vault.vault import Vault

OLD, NEW = MasterKey.generate(), MasterKey.generate()


def filled() -> tuple[MemoryStorage, dict[str, bytes]]:
    """A storage with keyrings under the old master key, and a ciphertext of each."""
    storage = MemoryStorage()
    vault = Vault(storage, MasterKeys([OLD]))
    return storage, {name: vault.encrypt(name, name.encode()) for name in ("a", "b", "c")}


def test_page_by_page_all_is_wrapped_anew() -> None:
    """Afterwards the old master key is not needed any more."""
    storage, ciphertexts = filled()
    pages: list[dict[str, Any]] = []
    with serving(Vault(storage, MasterKeys([OLD, NEW]))) as service:
        while not pages or pages[-1]["next"]:
            after = pages[-1]["next"] if pages else ""
            answer = service.post("/v1/roll", after=after, limit=1)
            assert answer.status_code == 200
            pages.append(answer.json())
    assert all(set(page) == {"seen", "rewrapped", "damaged", "next"} for page in pages)
    assert sum(page["rewrapped"] for page in pages) == len(storage.names("", "", 1000))
    new = Vault(storage, MasterKeys([NEW]))
    assert {name: new.decrypt(name, each).decode() for name, each in ciphertexts.items()} == {
        name: name for name in ciphertexts
    }


def test_what_cannot_be_opened_is_named_and_left() -> None:
    """The others are rolled nevertheless."""
    storage, _ = filled()
    with serving(Vault(storage, MasterKeys([NEW]))) as service:
        page = service.post("/v1/roll").json()
    assert (page["rewrapped"], page["next"]) == (0, "")
    assert sorted(page["damaged"]) == storage.names("", "", 1000)


class Slow(MemoryStorage):
    """Takes its time for each object that is read.

    Attributes:
        seconds: how much.
    """

    seconds = 0.0

    def get(self, name: str) -> Stored | None:
        threading.Event().wait(self.seconds)
        return super().get(name)


def test_it_gives_up_before_its_deadline_and_says_where_to_go_on() -> None:
    """So that a large storage is rolled by as many requests as it takes."""
    storage = Slow()
    vault = Vault(storage, MasterKeys([OLD]))
    for name in "abcdefghijkl":
        vault.create_data_key(name)
    storage.seconds = 0.1
    with serving(Vault(storage, MasterKeys([OLD, NEW])), Limits(deadline=3, stop_delay=0)) as it:
        seen, after, pages = 0, "", 0
        while after or not pages:
            answer = it.post("/v1/roll", after=after)
            assert answer.status_code == 200
            seen, after, pages = seen + answer.json()["seen"], answer.json()["next"], pages + 1
    assert pages > 1
    assert seen == len(storage.names("", "", 1000))


@pytest.mark.parametrize("below", ["a/current.bak", "é 1", "x" * 900])
def test_it_goes_on_after_what_is_no_vaults(below: str) -> None:
    """A page may end at it: it is named as damaged, and what comes after it is rolled."""
    storage, _ = filled()
    foreign = f"keyrings/{below}"
    storage.create(foreign, b"a copy")
    names, after, damaged = storage.names("", "", 1000), "", []
    with serving(Vault(storage, MasterKeys([OLD, NEW]))) as service:
        for name in names:
            page = service.post("/v1/roll", after=after, limit=1).json()
            damaged += page["damaged"]
            after = page["next"]
            assert after == name
    assert damaged == [foreign]


@pytest.mark.parametrize(
    "after",
    ["../x", "keyring", "keyrings/", "keyrings/\0", "keyrings/\n", "keyrings/x" + "x" * 1015],
)
def test_it_goes_on_only_after_a_name(after: str) -> None:
    """Nothing else reaches the storage."""
    with serving(Vault(MemoryStorage(), MasterKeys([OLD]))) as service:
        answer = service.post("/v1/roll", after=after)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_request")
    assert "'after'" in answer.json()["error"]["message"]

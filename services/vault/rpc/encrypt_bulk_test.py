"""Encryption of several plaintexts over HTTP."""

import os
from base64 import b64decode, b64encode

from services.vault.testutil.service import memory_vault, serving
from services.vault.wire import MAX_ITEMS


def test_the_ciphertexts_are_in_the_plaintexts_order() -> None:
    """None, one, and many."""
    vault = memory_vault()
    with serving(vault) as service:
        for count in (0, 1, 1000):
            plaintexts = [os.urandom(number % 50) for number in range(count)]
            encoded = [b64encode(each).decode() for each in plaintexts]
            answer = service.post("/v1/encryptBulk", keyring="a", plaintexts=encoded)
            assert answer.status_code == 200
            ciphertexts = [b64decode(each) for each in answer.json()["ciphertexts"]]
            assert [vault.decrypt("a", each) for each in ciphertexts] == plaintexts


def test_one_that_is_refused_refuses_all() -> None:
    """No ciphertext without its neighbours."""
    with serving(memory_vault()) as service:
        answer = service.post("/v1/encryptBulk", keyring="a", plaintexts=["AAAA", "?"])
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_request")
        assert list(answer.json()) == ["error"]


def test_more_than_the_most_items_are_refused() -> None:
    with serving(memory_vault()) as service:
        for count, status in ((MAX_ITEMS, 200), (MAX_ITEMS + 1, 400)):
            answer = service.post("/v1/encryptBulk", keyring="a", plaintexts=[""] * count)
            assert answer.status_code == status

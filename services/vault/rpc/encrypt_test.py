"""Encryption over HTTP."""

import os
from base64 import b64decode, b64encode
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.vault.rpc.workers import INLINE_BYTES
from services.vault.testutil.service import Service, memory_vault, serving
from services.vault.vault import MAX_PLAINTEXT_BYTES, Vault

VAULT = memory_vault()


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with serving(VAULT) as running:
        yield running


@given(st.binary(max_size=2000))
@settings(max_examples=50, deadline=None)
def test_what_is_encrypted_over_http_the_vault_decrypts(service: Service, plaintext: bytes) -> None:
    assert VAULT.decrypt("a", encrypt(service, "a", plaintext)) == plaintext


@pytest.mark.parametrize("size", [0, INLINE_BYTES, INLINE_BYTES + 1, MAX_PLAINTEXT_BYTES])
def test_every_size_is_encrypted(service: Service, size: int) -> None:
    """In the event loop, in a thread, and up to the longest."""
    plaintext = os.urandom(size)
    assert VAULT.decrypt("a", encrypt(service, "a", plaintext)) == plaintext


def test_one_byte_more_is_out_of_range(service: Service) -> None:
    plaintext = b64encode(bytes(MAX_PLAINTEXT_BYTES + 1)).decode()
    answer = service.post("/v1/encrypt", keyring="a", plaintext=plaintext)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_input")


def test_a_warm_keyring_needs_no_thread() -> None:
    """The storage is asked in a thread once; from then on the event loop encrypts."""
    vault = Counting(memory_vault())
    with serving(vault) as service:
        for _ in range(5):
            encrypt(service, "a", b"hush")
        assert vault.in_threads == 1
        encrypt(service, "a", bytes(INLINE_BYTES + 1))
        assert vault.in_threads == 2


class Counting(Vault):
    """Counts what threads do. Borrows another's storage and keys."""

    def __init__(self, other: Vault) -> None:
        self.__dict__.update(other.__dict__)
        self.in_threads = 0

    def encrypt(self, keyring: str, plaintext: bytes) -> bytes:
        self.in_threads += 1
        return super().encrypt(keyring, plaintext)


def encrypt(service: Service, keyring: str, plaintext: bytes) -> bytes:
    """The ciphertext that the service answers with."""
    answer = service.post("/v1/encrypt", keyring=keyring, plaintext=b64encode(plaintext).decode())
    assert answer.status_code == 200, answer.text
    assert list(answer.json()) == ["ciphertext"]
    return b64decode(answer.json()["ciphertext"], validate=True)

"""Decryption over HTTP, and that all refusals look alike."""

import os
from base64 import b64decode, b64encode
from collections.abc import Iterator

import pytest

from services.vault.rpc.workers import INLINE_BYTES
from services.vault.testutil.service import Service, memory_vault, serving

VAULT = memory_vault()
CIPHERTEXT = VAULT.encrypt("a", b"hush")


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with serving(VAULT) as running:
        yield running


@pytest.mark.parametrize("size", [0, 1, INLINE_BYTES, INLINE_BYTES + 1, 1 << 20])
def test_what_the_vault_encrypted_is_decrypted_over_http(service: Service, size: int) -> None:
    """In the event loop and in a thread."""
    plaintext = os.urandom(size)
    answer = decrypt(service, "a", VAULT.encrypt("a", plaintext))
    assert b64decode(answer["plaintext"], validate=True) == plaintext


@pytest.mark.parametrize(
    ("keyring", "ciphertext"),
    [
        ("other", CIPHERTEXT),
        ("never-used", b""),
        ("a", b""),
        ("a", b"B"),
        ("a", b"no ciphertext at all, but long enough to be one of them"),
        ("a", CIPHERTEXT[:-1]),
        ("a", CIPHERTEXT[:20]),
        ("a", CIPHERTEXT + b"\0"),
        ("a", bytes([CIPHERTEXT[0] ^ 1]) + CIPHERTEXT[1:]),
        ("a", CIPHERTEXT[:2] + b"\xff" + CIPHERTEXT[3:]),
        ("a", CIPHERTEXT[:3] + bytes([CIPHERTEXT[3] ^ 1]) + CIPHERTEXT[4:]),
        ("a", CIPHERTEXT[:-1] + bytes([CIPHERTEXT[-1] ^ 1])),
        ("a", memory_vault().encrypt("a", b"hush")),
    ],
)
def test_all_that_does_not_decrypt_is_answered_alike(
    service: Service, keyring: str, ciphertext: bytes
) -> None:
    """Whether the key, the keyring, the form or a bit is wrong."""
    answer = service.http.post(
        "/v1/decrypt",
        json={"keyring": keyring, "ciphertext": b64encode(ciphertext).decode()},
        headers={"x-request-id": "r1"},
    )
    assert answer.status_code == 400
    assert answer.json() == {
        "error": {
            "code": "ciphertext_refused",
            "message": "the ciphertext cannot be decrypted in this keyring",
            "request_id": "r1",
        }
    }


def decrypt(service: Service, keyring: str, ciphertext: bytes) -> dict[str, str]:
    """The answer's body."""
    answer = service.post("/v1/decrypt", keyring=keyring, ciphertext=b64encode(ciphertext).decode())
    assert answer.status_code == 200, answer.text
    body: dict[str, str] = answer.json()
    assert list(body) == ["plaintext"]
    return body

"""The client, through HTTP, a vault and S3; on a fresh server and on a shared one alike."""

import pytest

from services.vault.client import CiphertextRefused
from services.vault.keyring.envelope import key_id
from services.vault.keyring.keyrings import TTL
from services.vault.testutil.harness import VaultHarness


def test_what_one_instance_encrypts_another_decrypts(h: VaultHarness) -> None:
    """The bytes are the same, and another instance knows them, too."""
    plaintext = bytes(range(256))
    ciphertext = h.client.encrypt("payments", plaintext)
    assert h.client.decrypt("payments", ciphertext) == plaintext
    assert h.another().decrypt("payments", ciphertext) == plaintext


def test_another_keyring_is_refused(h: VaultHarness) -> None:
    ciphertext = h.client.encrypt("payments", b"a secret")
    h.client.encrypt("sessions", b"another")
    with pytest.raises(CiphertextRefused):
        h.client.decrypt("sessions", ciphertext)


def test_many_at_once_are_one_call(h: VaultHarness) -> None:
    """In their order."""
    plaintexts = [b"%d" % number for number in range(100)]
    ciphertexts = h.client.encrypt_bulk("payments", plaintexts)
    assert h.client.decrypt_bulk("payments", ciphertexts) == plaintexts
    assert [line["route"] for line in h.logs.of("request")] == [
        "/v1/encryptBulk",
        "/v1/decryptBulk",
    ]


def test_a_data_key_that_another_instance_has_made_is_used_in_time(h: VaultHarness) -> None:
    """What an instance has read is read anew after five minutes of the clock."""
    old = key_id(h.client.encrypt("payments", b"a secret"))
    new = h.another().create_data_key("payments")
    assert key_id(h.client.encrypt("payments", b"a secret")) == old
    h.clock.advance(TTL)
    assert key_id(h.client.encrypt("payments", b"a secret")) == new


def test_secrets_are_in_no_log(h: VaultHarness) -> None:
    """Neither what is encrypted, nor the token, nor the master key."""
    h.client.decrypt("payments", h.client.encrypt("payments", b"the-plaintext"))
    assert h.logs.of("request")
    for secret in ("the-plaintext", h.master_key.reveal(), h.s3.secret_access_key):
        assert secret not in h.logs.text

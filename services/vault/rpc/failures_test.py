"""Each error of the vault's is one answer, and what is behind it stays in the log."""

import pytest

from pkg.logs import JsonLines
from pkg.logs.testing import captured
from services.vault.errors import (
    Damaged,
    DamagedRecord,
    InvalidConfig,
    InvalidInput,
    StorageError,
    StorageRefused,
    StorageUnavailable,
    UnknownKey,
    VaultError,
    WornOut,
    WrongMasterKey,
)
from services.vault.keyring import MasterKey, MasterKeys
from services.vault.rpc.errors import fault
from services.vault.storage import MemoryStorage
from services.vault.testutil.service import serving
from services.vault.vault import Vault

INSIDE = "bucket 'inside' of s3.inside"


class Broken(Vault):
    """Raises what it is told."""

    def __init__(self, error: Exception) -> None:
        super().__init__(MemoryStorage(), MasterKeys([MasterKey.generate()]))
        self.error = error

    def encrypt(self, keyring: str, plaintext: bytes) -> bytes:
        raise self.error


@pytest.mark.parametrize(
    ("error", "status", "code", "is_logged"),
    [
        (InvalidInput(INSIDE), 400, "invalid_input", False),
        (Damaged(INSIDE), 400, "ciphertext_refused", False),
        (UnknownKey(INSIDE), 400, "ciphertext_refused", False),
        (WornOut(INSIDE), 409, "data_key_worn_out", False),
        (DamagedRecord(INSIDE), 500, "damaged_record", True),
        (WrongMasterKey(INSIDE, needed="a", given=["b"]), 500, "wrong_master_key", True),
        (StorageUnavailable(INSIDE), 503, "storage_unavailable", True),
        (StorageRefused(INSIDE), 500, "storage_refused", True),
        (VaultError(INSIDE), 500, "internal_error", True),
    ],
)
def test_an_error_of_the_vaults(error: Exception, status: int, code: str, is_logged: bool) -> None:
    """Its message is in the log, with the request's id, if it is for who runs the vault."""
    with captured(JsonLines(error_texts=False)) as lines, serving(Broken(error)) as service:
        answer = service.post("/v1/encrypt", keyring="a", plaintext="")
    told = answer.json()["error"]
    assert (answer.status_code, told["code"]) == (status, code)
    assert "inside" not in answer.text
    assert (answer.headers.get("retry-after") == "1") == (status == 503)
    logged = [(line["reason"], line["request_id"], line["route"]) for line in lines.of("fault")]
    assert logged == ([(INSIDE, told["request_id"], "/v1/encrypt")] if is_logged else [])


def test_what_nobody_expected_is_an_internal_error() -> None:
    """The log tells where it happened, and not what the code was working on."""
    with (
        captured(JsonLines(error_texts=False)) as lines,
        serving(Broken(KeyError("hush"))) as service,
    ):
        answer = service.post("/v1/encrypt", keyring="a", plaintext="")
        assert service.post("/v1/createDataKey", keyring="a").status_code == 200
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "internal_error")
    (line,) = lines.of("fault")
    assert line["exception"] == "KeyError"
    assert any("failures_test.py" in place for place in line["trace"])
    assert "hush" not in lines.text + answer.text


def test_every_error_has_an_answer() -> None:
    """None but a wrong configuration is left to the rule for what nobody expected."""

    def kinds(of: type[VaultError]) -> list[type[VaultError]]:
        return [of, *(each for sub in of.__subclasses__() for each in kinds(sub))]

    unexpected = {
        kind for kind in kinds(VaultError) if fault(kind.__new__(kind)).code == "internal_error"
    }
    assert unexpected == {VaultError, StorageError, InvalidConfig}

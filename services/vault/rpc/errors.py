"""Errors as answers: a status, a code that stays, and a sentence.

The sentences are fixed: no value of the caller's is in them, and nothing of what is stored or
configured.
"""

import msgspec

from pkg.fault import Fault, Kind
from pkg.serving import ErrorBody, ErrorShape
from pkg.serving.faults import internal_error
from services.vault.errors import (
    CiphertextRefused,
    DamagedRecord,
    InvalidInput,
    StorageRefused,
    StorageUnavailable,
    VaultError,
    WornOut,
    WrongMasterKey,
)
from services.vault.vault import MAX_PLAINTEXT_BYTES
from services.vault.wire import ErrorResponse, Problem

UNAUTHORIZED = "the header Authorization must be Bearer and a token of this vault"
CIPHERTEXT_REFUSED = "ciphertext_refused"
NOT_DECRYPTED = "the ciphertext cannot be decrypted in this keyring"

# The most special ones first.
_FAULTS: tuple[tuple[type[VaultError], Kind, str, str], ...] = (
    (
        InvalidInput,
        Kind.INVALID,
        "invalid_input",
        "a value is out of its range: a keyring's name has 1 to 64 letters, digits, hyphens and "
        "underscores and begins with a letter or digit, a key_id has 32 lower-case hexadecimal "
        f"digits, a plaintext at most {MAX_PLAINTEXT_BYTES} bytes",
    ),
    (CiphertextRefused, Kind.INVALID, CIPHERTEXT_REFUSED, NOT_DECRYPTED),
    (
        WornOut,
        Kind.CONFLICT,
        "data_key_worn_out",
        "that data key has done all it may; name another, or none",
    ),
    (
        StorageUnavailable,
        Kind.UNAVAILABLE,
        "storage_unavailable",
        "the storage does not answer; try again later",
    ),
    (StorageRefused, Kind.INTERNAL, "storage_refused", "the storage refuses this instance"),
    (
        DamagedRecord,
        Kind.INTERNAL,
        "damaged_record",
        "what is stored of this keyring was damaged",
    ),
    (
        WrongMasterKey,
        Kind.INTERNAL,
        "wrong_master_key",
        "this instance lacks the master key that is needed",
    ),
)


def fault(error: VaultError) -> Fault:
    """The answer to an error of the vault's."""
    for kind, what, code, sentence in _FAULTS:
        if isinstance(error, kind):
            return Fault(what, code, sentence)
    return internal_error(error)


def unknown_data_key() -> Fault:
    """A data key was named that is not there."""
    return Fault(Kind.NOT_FOUND, "unknown_data_key", "the keyring has no data key of that key_id")


def _encode(fault: Fault, request_id: str) -> ErrorBody:
    problem = Problem(fault.code, fault.public, request_id)
    return ErrorBody(msgspec.json.encode(ErrorResponse(problem)))


SHAPE = ErrorShape(ErrorResponse, _encode)

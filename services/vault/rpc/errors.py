"""Errors as answers: a status, a code that stays, and a sentence.

The sentences are fixed: no value of the caller's is in them, and nothing of what is stored or
configured.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

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

RETRY_AFTER_SECONDS = 1
_LATER = {"retry-after": str(RETRY_AFTER_SECONDS)}


@dataclass(frozen=True)
class Fault:
    """An answer that is no success."""

    status: int
    code: str
    message: str
    headers: Mapping[str, str] = field(default_factory=dict)


class Refusal(Exception):
    """Ends a request with a fault.

    Attributes:
        fault: the answer.
    """

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.code)
        self.fault = fault


UNAUTHORIZED = Fault(
    401,
    "unauthorized",
    "the header Authorization must be Bearer and a token of this vault",
    {"www-authenticate": "Bearer"},
)
NOT_FOUND = Fault(404, "not_found", "there is no such path; /openapi.json has those that there are")
METHOD_NOT_ALLOWED = Fault(
    405, "method_not_allowed", "this path does not take that method; the header Allow has those"
)
UNSUPPORTED_MEDIA_TYPE = Fault(
    415, "unsupported_media_type", "the body must be JSON, with Content-Type: application/json"
)
TOO_LARGE = Fault(
    413, "too_large", "the body is longer than this instance takes; send less at a time"
)
OVERLOADED = Fault(503, "overloaded", "too many requests at once; try again later", _LATER)
DEADLINE_EXCEEDED = Fault(
    504, "deadline_exceeded", "there was no answer in time; it may have been done nevertheless"
)
BAD_REQUEST = Fault(400, "bad_request", "this is no HTTP/1.1 request, or its headers are too long")
UNKNOWN_DATA_KEY = Fault(404, "unknown_data_key", "the keyring has no data key of that key_id")
CIPHERTEXT_REFUSED = Fault(
    400, "ciphertext_refused", "the ciphertext cannot be decrypted in this keyring"
)
NOT_READY = Fault(503, "not_ready", "the instance stops, or its storage does not serve", _LATER)
# For log and metrics; nobody is there to read it.
CLIENT_GONE = Fault(499, "client_gone", "the client has closed the connection")
INTERNAL_ERROR = Fault(500, "internal_error", "the vault has a fault; its log has the request's id")

# The most special ones first.
_FAULTS: tuple[tuple[type[VaultError], Fault], ...] = (
    (
        InvalidInput,
        Fault(
            400,
            "invalid_input",
            "a value is out of its range: a keyring's name has 1 to 64 letters, digits, hyphens "
            "and underscores and begins with a letter or digit, a key_id has 32 lower-case "
            f"hexadecimal digits, a plaintext at most {MAX_PLAINTEXT_BYTES} bytes",
        ),
    ),
    (CiphertextRefused, CIPHERTEXT_REFUSED),
    (
        WornOut,
        Fault(409, "data_key_worn_out", "that data key has done all it may; name another, or none"),
    ),
    (
        StorageUnavailable,
        Fault(503, "storage_unavailable", "the storage does not answer; try again later", _LATER),
    ),
    (StorageRefused, Fault(500, "storage_refused", "the storage refuses this instance")),
    (DamagedRecord, Fault(500, "damaged_record", "what is stored of this keyring was damaged")),
    (
        WrongMasterKey,
        Fault(500, "wrong_master_key", "this instance lacks the master key that is needed"),
    ),
)


def fault(error: VaultError) -> Fault:
    """The answer to an error of the vault's."""
    for kind, answer in _FAULTS:
        if isinstance(error, kind):
            return answer
    return INTERNAL_ERROR


def invalid_request(reason: str) -> Refusal:
    """Refuses a body that is no JSON, or not of the form that the document tells."""
    return Refusal(Fault(400, "invalid_request", reason))

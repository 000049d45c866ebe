"""What goes over the wire: one struct for each request and each answer.

JSON objects; bytes are base64 (RFC 4648, section 4, with padding). Unknown fields are refused, and
no type is taken for another.
"""

from typing import Annotated

from msgspec import Meta, Struct

MAX_ITEMS = 10_000  # of one bulk request
MAX_PAGE = 1_000

_BASE64 = "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"
# Said in the OpenAPI document; what is no name or no id is refused below, in one place.
Name = Annotated[
    str, Meta(extra_json_schema={"pattern": "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$", "maxLength": 64})
]
KeyId = Annotated[str, Meta(extra_json_schema={"pattern": "^[0-9a-f]{32}$"})]
# What a bucket can have for a name there, also by others than a vault; S3 has 1024 bytes for it.
AFTER = r"^(?:keyrings/[^\x00-\x1f\x7f]{1,1015})?$"
After = Annotated[str, Meta(extra_json_schema={"pattern": AFTER})]
Bytes = Annotated[bytes, Meta(extra_json_schema={"pattern": _BASE64})]
Items = Annotated[list[Bytes], Meta(max_length=MAX_ITEMS)]


class EncryptRequest(Struct, forbid_unknown_fields=True):
    """A plaintext of at most 16 MiB, and the keyring that may read it again."""

    keyring: Name
    plaintext: Bytes


class EncryptResponse(Struct):
    """What decrypts to the plaintext, in this keyring only."""

    ciphertext: Bytes


class EncryptBulkRequest(Struct, forbid_unknown_fields=True):
    """Plaintexts for one keyring."""

    keyring: Name
    plaintexts: Items


class EncryptBulkResponse(Struct):
    """The ciphertexts, in the plaintexts' order."""

    ciphertexts: list[Bytes]


class DecryptRequest(Struct, forbid_unknown_fields=True):
    """A ciphertext, and the keyring that it was encrypted for."""

    keyring: Name
    ciphertext: Bytes


class DecryptResponse(Struct):
    """What was encrypted."""

    plaintext: Bytes


class DecryptBulkRequest(Struct, forbid_unknown_fields=True):
    """Ciphertexts of one keyring."""

    keyring: Name
    ciphertexts: Items


class Refused(Struct):
    """Why one ciphertext of several was not decrypted."""

    code: str
    message: str


class Decrypted(Struct, omit_defaults=True):
    """One ciphertext's plaintext, or its error."""

    plaintext: Bytes | None = None
    error: Refused | None = None


class DecryptBulkResponse(Struct):
    """One item for each ciphertext, in their order."""

    items: list[Decrypted]


class ReencryptRequest(Struct, forbid_unknown_fields=True):
    """A ciphertext, and the data key that it shall be encrypted with; without, the latest."""

    keyring: Name
    ciphertext: Bytes
    key_id: KeyId | None = None


class ReencryptResponse(Struct):
    """The same plaintext, encrypted anew."""

    ciphertext: Bytes


class CreateDataKeyRequest(Struct, forbid_unknown_fields=True):
    """The keyring that gets a data key."""

    keyring: Name


class CreateDataKeyResponse(Struct):
    """The new data key's id."""

    key_id: KeyId


class RollRequest(Struct, forbid_unknown_fields=True):
    """The page of stored records after a name: where to begin, and how many at most."""

    after: After = ""
    limit: Annotated[int, Meta(ge=1, le=MAX_PAGE)] = MAX_PAGE


class RollResponse(Struct):
    """What was done, and the name to give as `after` next; "" when all is done."""

    seen: int
    rewrapped: int
    damaged: list[str]
    next: str


class Problem(Struct):
    """What went wrong: a code for programs, a sentence for people, and the request's id."""

    code: str
    message: str
    request_id: str


class ErrorResponse(Struct):
    """The body of every answer that is no success."""

    error: Problem

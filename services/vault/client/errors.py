"""What the client raises, as a tree:

VaultClientError
├── Unauthorized         the token is none of the vault's
├── InvalidRequest       the vault does not take what it was given
│   └── TooLarge         there is too much of it
├── CiphertextRefused    the ciphertext does not decrypt in this keyring
├── UnknownDataKey       the keyring has no data key of that id
├── WornOut              the named data key has done all it may
├── ServerFault          the vault has a fault that trying again does not mend
└── Unavailable          there was no answer before the deadline

No message holds a plaintext, a ciphertext or the token.
"""


class VaultClientError(Exception):
    """The base of all errors of the client.

    Attributes:
        code: the vault's word for it, which stays; "" if there was no answer of the vault's.
        status: of the answer; 0 if there was none.
        request_id: names the request in the vault's log; "" if there was no answer.
    """

    def __init__(
        self, message: str, *, code: str = "", status: int = 0, request_id: str = ""
    ) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.request_id = request_id


class Unauthorized(VaultClientError):
    """The token is none of the vault's."""


class InvalidRequest(VaultClientError, ValueError):
    """The vault does not take what it was given."""


class TooLarge(InvalidRequest):
    """There is too much of it: more than one request may hold."""


class CiphertextRefused(VaultClientError):
    """The ciphertext does not decrypt in this keyring. Trying again does not help."""


class UnknownDataKey(VaultClientError):
    """The keyring has no data key of that id."""


class WornOut(VaultClientError):
    """The named data key has done all the encryptions that it may."""


class ServerFault(VaultClientError):
    """The vault has a fault, or what answers is no vault. Trying again does not help."""


class Unavailable(VaultClientError):
    """There was no answer before the deadline. It may have been done nevertheless."""


BY_CODE: dict[str, type[VaultClientError]] = {
    "unauthorized": Unauthorized,
    "too_large": TooLarge,
    "ciphertext_refused": CiphertextRefused,
    "unknown_data_key": UnknownDataKey,
    "data_key_worn_out": WornOut,
    "invalid_input": InvalidRequest,
    "invalid_request": InvalidRequest,
}

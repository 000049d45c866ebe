"""The client of the vault, for other services."""

from services.vault.client.client import VaultClient
from services.vault.client.errors import (
    CiphertextRefused,
    InvalidRequest,
    ServerFault,
    TooLarge,
    Unauthorized,
    Unavailable,
    UnknownDataKey,
    VaultClientError,
    WornOut,
)
from services.vault.wire import RollResponse

__all__ = [
    "CiphertextRefused",
    "InvalidRequest",
    "RollResponse",
    "ServerFault",
    "TooLarge",
    "Unauthorized",
    "Unavailable",
    "UnknownDataKey",
    "VaultClient",
    "VaultClientError",
    "WornOut",
]

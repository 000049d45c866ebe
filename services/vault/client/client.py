"""Speaks to a vault."""

import random
import re
from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import Self

import httpx

from pkg.clock import Clock, SystemClock
from services.vault import wire
from services.vault.client.calls import Calls
from services.vault.client.errors import CiphertextRefused, ServerFault

# In bulk these are of one data key, so they are items.
_FAULTS_OF_KEYS = {"damaged_record", "wrong_master_key"}
_TOKEN = re.compile(r"[!-~]+")


class VaultClient:
    """A client of one vault, which may have several instances behind its URL.

    Usable from several threads, and as a context manager, which closes its connections. What fails
    for a while is tried again, after pauses that grow, until the deadline. All operations are safe
    to repeat but `create_data_key`: repeated, it makes another one, so it is tried again only where
    the vault cannot have begun.

    Every method may raise `VaultClientError`; `Unavailable` says that there was no success before
    the deadline.

    Args:
        url: such as "http://127.0.0.1:7010".
        token: one of the vault's.
        deadline: seconds for one call, with all its tries. A try that has begun to receive its
            answer may take that long once more.
        clock: tells when the deadline has passed, and waits.
        jitter: a random number from 0 to 1, by which pauses are shortened, to a half at most.
        transport: what carries requests, for tests.

    Raises:
        ValueError: the URL is none, or holds credentials; or that is no token.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        deadline: float = 10.0,
        clock: Clock | None = None,
        jitter: Callable[[], float] = random.random,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        base = httpx.URL(url)
        if base.scheme not in ("http", "https") or not base.host or base.userinfo:
            raise ValueError(
                "VaultClient(url=…): give http:// or https:// and a host, without credentials"
            )
        if not _TOKEN.fullmatch(token):
            # Not shown: most of it may be the token.
            raise ValueError(
                f"VaultClient(token=…): {len(token)} characters, and not all of them are visible "
                "ASCII: give it without the end of its line"
            )
        self._url = str(base)
        self._http = httpx.Client(
            base_url=base, headers={"authorization": f"Bearer {token}"}, transport=transport
        )
        self._calls = Calls(self._http, deadline, clock or SystemClock(), jitter)

    def encrypt(self, keyring: str, plaintext: bytes) -> bytes:
        """The ciphertext of a plaintext; a keyring's first makes the keyring."""
        asked = wire.EncryptRequest(keyring, plaintext)
        return self._calls.call("/v1/encrypt", asked, wire.EncryptResponse).ciphertext

    def decrypt(self, keyring: str, ciphertext: bytes) -> bytes:
        """The plaintext of what was encrypted for the keyring.

        Raises:
            CiphertextRefused: it was not, or was changed.
        """
        asked = wire.DecryptRequest(keyring, ciphertext)
        return self._calls.call("/v1/decrypt", asked, wire.DecryptResponse).plaintext

    def encrypt_bulk(self, keyring: str, plaintexts: Sequence[bytes]) -> list[bytes]:
        """The ciphertexts of several plaintexts, in their order: all or none."""
        asked = wire.EncryptBulkRequest(keyring, list(plaintexts))
        return self._calls.call("/v1/encryptBulk", asked, wire.EncryptBulkResponse).ciphertexts

    def decrypt_bulk(
        self, keyring: str, ciphertexts: Sequence[bytes]
    ) -> list[bytes | CiphertextRefused | ServerFault]:
        """For each ciphertext, in their order, its plaintext, or why it does not decrypt.

        A `ServerFault` is its data key's: the stored one is damaged, or its master key is missing.
        """
        asked = wire.DecryptBulkRequest(keyring, list(ciphertexts))
        done = self._calls.call("/v1/decryptBulk", asked, wire.DecryptBulkResponse)
        return [_result(item) for item in done.items]

    def reencrypt(self, keyring: str, ciphertext: bytes, key_id: str | None = None) -> bytes:
        """A new ciphertext of the same plaintext, by the latest data key or a named one.

        Raises:
            CiphertextRefused: the ciphertext does not decrypt.
            UnknownDataKey: the keyring has no data key of that id.
            WornOut: that data key has done all the encryptions that it may.
        """
        asked = wire.ReencryptRequest(keyring, ciphertext, key_id)
        return self._calls.call("/v1/reencrypt", asked, wire.ReencryptResponse).ciphertext

    def create_data_key(self, keyring: str) -> str:
        """Gives the keyring a new data key, and returns its id."""
        asked = wire.CreateDataKeyRequest(keyring)
        done = self._calls.call(
            "/v1/createDataKey", asked, wire.CreateDataKeyResponse, repeatable=False
        )
        return done.key_id

    def roll(self, after: str = "", limit: int = wire.MAX_PAGE) -> Iterator[wire.RollResponse]:
        """Wraps all that is stored anew under the newest master key; yields each page's result.

        It can end after any page, and be resumed after its `next`. Each page has its own deadline.
        """
        while True:
            asked = wire.RollRequest(after, limit)
            page = self._calls.call("/v1/roll", asked, wire.RollResponse)
            yield page
            if not page.next:
                return
            after = page.next

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"VaultClient({self._url!r})"


def _result(item: wire.Decrypted) -> bytes | CiphertextRefused | ServerFault:
    if item.plaintext is not None:
        return item.plaintext
    error = item.error or wire.Refused("", "neither a plaintext nor an error")
    kind = ServerFault if error.code in _FAULTS_OF_KEYS else CiphertextRefused
    return kind(error.message, code=error.code, status=200)

"""POST /v1/encrypt"""

from litestar.handlers import HTTPRouteHandler
from litestar.params import RawBody

from services.vault.rpc.operation import operation
from services.vault.rpc.reading import reader
from services.vault.rpc.workers import Workers
from services.vault.vault import Vault
from services.vault.wire import EncryptRequest, EncryptResponse

# Up to here, the event loop does it in less time than it takes to hand it to a thread.
INLINE_BYTES = 64 << 10


def route(vault: Vault, workers: Workers) -> HTTPRouteHandler:
    """The route, on that vault."""
    read = reader(EncryptRequest)

    @operation("/v1/encrypt", EncryptRequest)
    async def encrypt(body: RawBody) -> EncryptResponse:
        """Encrypts a plaintext for a keyring. A keyring's first makes the keyring."""
        asked = read(body)
        ciphertext = None
        if len(asked.plaintext) <= INLINE_BYTES:
            ciphertext = vault.try_encrypt(asked.keyring, asked.plaintext)
        if ciphertext is None:
            ciphertext = await workers.run(vault.encrypt, asked.keyring, asked.plaintext)
        return EncryptResponse(ciphertext)

    return encrypt

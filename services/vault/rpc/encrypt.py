"""POST /v1/encrypt"""

from litestar.handlers import HTTPRouteHandler
from litestar.params import RawBody

from pkg.serving import reader
from services.vault.rpc.operation import operation
from services.vault.rpc.workers import Workers
from services.vault.vault import Vault
from services.vault.wire import EncryptRequest, EncryptResponse


def route(vault: Vault, workers: Workers) -> HTTPRouteHandler:
    """The route, on that vault."""
    read = reader(EncryptRequest)

    @operation("/v1/encrypt", EncryptRequest)
    async def encrypt(body: RawBody) -> EncryptResponse:
        """Encrypts a plaintext for a keyring. A keyring's first makes the keyring."""
        asked = read(body)
        ciphertext = await workers.run_unless_quick(
            vault.try_encrypt, vault.encrypt, asked.keyring, asked.plaintext
        )
        return EncryptResponse(ciphertext)

    return encrypt

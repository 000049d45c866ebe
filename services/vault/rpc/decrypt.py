"""POST /v1/decrypt"""

from litestar.handlers import HTTPRouteHandler
from litestar.params import RawBody

from pkg.serving import reader
from services.vault.rpc.operation import operation
from services.vault.rpc.workers import Workers
from services.vault.vault import Vault
from services.vault.wire import DecryptRequest, DecryptResponse


def route(vault: Vault, workers: Workers) -> HTTPRouteHandler:
    """The route, on that vault."""
    read = reader(DecryptRequest)

    @operation("/v1/decrypt", DecryptRequest)
    async def decrypt(body: RawBody) -> DecryptResponse:
        """Decrypts a ciphertext of a keyring."""
        asked = read(body)
        plaintext = await workers.run_unless_quick(
            vault.try_decrypt, vault.decrypt, asked.keyring, asked.ciphertext
        )
        return DecryptResponse(plaintext)

    return decrypt

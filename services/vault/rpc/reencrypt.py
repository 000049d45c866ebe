"""POST /v1/reencrypt"""

from litestar.handlers import HTTPRouteHandler
from litestar.params import RawBody

from pkg.serving import reader
from services.vault.errors import UnknownKey
from services.vault.rpc.errors import unknown_data_key
from services.vault.rpc.operation import operation
from services.vault.rpc.workers import Workers
from services.vault.vault import Vault
from services.vault.wire import ReencryptRequest, ReencryptResponse


def route(vault: Vault, workers: Workers) -> HTTPRouteHandler:
    """The route, on that vault."""
    read = reader(ReencryptRequest)

    def done(asked: ReencryptRequest) -> bytes:
        try:
            return vault.reencrypt(asked.keyring, asked.ciphertext, asked.key_id)
        except UnknownKey:
            # Which of the two: a ciphertext that is refused stays refused.
            vault.decrypt(asked.keyring, asked.ciphertext)
            raise unknown_data_key() from None

    @operation("/v1/reencrypt", ReencryptRequest, 404, 409)
    async def reencrypt(body: RawBody) -> ReencryptResponse:
        """Encrypts anew what a ciphertext holds, with the latest data key or a named one."""
        return ReencryptResponse(await workers.run(done, read(body)))

    return reencrypt

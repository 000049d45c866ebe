"""POST /v1/encryptBulk"""

from litestar.handlers import HTTPRouteHandler
from litestar.params import RawBody

from pkg.serving import reader
from services.vault.rpc.operation import operation
from services.vault.rpc.workers import Workers
from services.vault.vault import Vault
from services.vault.wire import EncryptBulkRequest, EncryptBulkResponse


def route(vault: Vault, workers: Workers) -> HTTPRouteHandler:
    """The route, on that vault."""
    read = reader(EncryptBulkRequest)

    @operation("/v1/encryptBulk", EncryptBulkRequest)
    async def encrypt_bulk(body: RawBody) -> EncryptBulkResponse:
        """Encrypts several plaintexts for a keyring: all of them, or none."""
        asked = read(body)
        done = await workers.run(vault.encrypt_bulk, asked.keyring, asked.plaintexts)
        return EncryptBulkResponse(done)

    return encrypt_bulk

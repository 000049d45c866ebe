"""POST /v1/createDataKey"""

from litestar.handlers import HTTPRouteHandler
from litestar.params import RawBody

from pkg.serving import reader
from services.vault.rpc.operation import operation
from services.vault.rpc.workers import Workers
from services.vault.vault import Vault
from services.vault.wire import CreateDataKeyRequest, CreateDataKeyResponse


def route(vault: Vault, workers: Workers) -> HTTPRouteHandler:
    """The route, on that vault."""
    read = reader(CreateDataKeyRequest)

    @operation("/v1/createDataKey", CreateDataKeyRequest)
    async def create_data_key(body: RawBody) -> CreateDataKeyResponse:
        """Gives a keyring a new data key, with which is encrypted from now on.

        Other instances take it within five minutes.
        """
        asked = read(body)
        return CreateDataKeyResponse(await workers.run(vault.create_data_key, asked.keyring))

    return create_data_key

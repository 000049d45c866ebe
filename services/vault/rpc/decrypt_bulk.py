"""POST /v1/decryptBulk"""

from datetime import timedelta

from litestar.handlers import HTTPRouteHandler
from litestar.params import RawBody

from pkg.serving import reader
from services.vault.errors import CiphertextRefused
from services.vault.rpc.errors import CIPHERTEXT_REFUSED, NOT_DECRYPTED
from services.vault.rpc.operation import operation
from services.vault.rpc.workers import Workers
from services.vault.vault import Vault
from services.vault.wire import DecryptBulkRequest, DecryptBulkResponse, Decrypted, Refused

_REFUSED = Refused(CIPHERTEXT_REFUSED, NOT_DECRYPTED)


def route(vault: Vault, workers: Workers, deadline: float) -> HTTPRouteHandler:
    """The route, on that vault; `deadline` in seconds."""
    read = reader(DecryptBulkRequest)
    # Then nobody waits any more.
    patience = timedelta(seconds=deadline)

    @operation("/v1/decryptBulk", DecryptBulkRequest)
    async def decrypt_bulk(body: RawBody) -> DecryptBulkResponse:
        """Decrypts several ciphertexts of a keyring; each item has its plaintext or its error."""
        asked = read(body)
        done = await workers.run(vault.decrypt_bulk, asked.keyring, asked.ciphertexts, patience)
        return DecryptBulkResponse([_item(each) for each in done])

    return decrypt_bulk


def _item(done: bytes | CiphertextRefused) -> Decrypted:
    return Decrypted(plaintext=done) if isinstance(done, bytes) else Decrypted(error=_REFUSED)

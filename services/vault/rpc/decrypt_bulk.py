"""POST /v1/decryptBulk"""

from datetime import timedelta

from litestar.handlers import HTTPRouteHandler
from litestar.params import RawBody

from pkg.logs import Log
from pkg.serving import reader
from services.vault.errors import CiphertextRefused
from services.vault.rpc.errors import CIPHERTEXT_REFUSED, NOT_DECRYPTED, fault
from services.vault.rpc.operation import operation
from services.vault.rpc.workers import Workers
from services.vault.vault import NotDecrypted, Vault
from services.vault.wire import DecryptBulkRequest, DecryptBulkResponse, Decrypted, Refused

_log = Log(__name__)
_PATH = "/v1/decryptBulk"
_REFUSED = Refused(CIPHERTEXT_REFUSED, NOT_DECRYPTED)


def route(vault: Vault, workers: Workers, deadline: float) -> HTTPRouteHandler:
    """The route, on that vault; `deadline` in seconds."""
    read = reader(DecryptBulkRequest)
    # Then nobody waits any more.
    patience = timedelta(seconds=deadline)

    @operation(_PATH, DecryptBulkRequest)
    async def decrypt_bulk(body: RawBody) -> DecryptBulkResponse:
        """Decrypts several ciphertexts of a keyring; each item has its plaintext or its error."""
        asked = read(body)
        done = await workers.run(vault.decrypt_bulk, asked.keyring, asked.ciphertexts, patience)
        _tell(done)
        return DecryptBulkResponse([_item(each) for each in done])

    return decrypt_bulk


def _item(done: bytes | NotDecrypted) -> Decrypted:
    if isinstance(done, bytes):
        return Decrypted(plaintext=done)
    if isinstance(done, CiphertextRefused):
        return Decrypted(error=_REFUSED)
    told = fault(done)
    return Decrypted(error=Refused(told.code, told.public))


def _tell(done: list[bytes | NotDecrypted]) -> None:
    """Logs each data key's fault once, as the answer to a single decryption would."""
    faults = {id(each): each for each in done if not isinstance(each, bytes | CiphertextRefused)}
    for each in faults.values():
        _log.error("fault", route=_PATH, error=type(each).__name__, reason=str(each))

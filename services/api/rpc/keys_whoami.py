"""POST /v2/keys.whoami"""

from services.api import shown
from services.api.domain.rights import Right
from services.api.domain.secret import digest
from services.api.ports import Keys
from services.api.rpc.call import Call, Operation
from services.api.rpc.errors import not_found
from services.api.wire.keys import WHOAMI, Key, WhoamiRequest


def operation(keys: Keys) -> Operation[WhoamiRequest, Key]:
    """The operation, on that store. It never asks a cache."""

    def run(call: Call, asked: WhoamiRequest) -> Key:
        """The key of a text. One that the root key may not read is not there for it."""
        key = keys.find_by_digest(call.workspace_id, digest(asked.key))
        if key is None or not call.may(Right.READ_KEY.on(key.api_id)):
            raise not_found("key")
        return shown.key(key)

    return Operation(WHOAMI, WhoamiRequest, run)

"""POST /v2/keys.getKey"""

from services.api import shown
from services.api.domain.rights import Right
from services.api.ports import Keys
from services.api.rpc.call import Call, Operation
from services.api.rpc.errors import not_found
from services.api.rpc.recovery import Vault, plaintext
from services.api.wire.keys import GET_KEY, GetKeyRequest, Key


def operation(keys: Keys, vault: Vault) -> Operation[GetKeyRequest, Key]:
    """The operation, on that store. It never asks a cache."""

    def run(call: Call, asked: GetKeyRequest) -> Key:
        """A key; with its text, if that is asked for and may be shown."""
        key = keys.find(call.workspace_id, asked.key_id)
        if key is None:
            raise not_found("key")
        call.require(Right.READ_KEY.on(key.api_id))
        if not asked.decrypt:
            return shown.key(key)
        call.require(Right.DECRYPT_KEY.on(key.api_id))
        return shown.key(key, plaintext(vault, keys, key))

    return Operation(GET_KEY, GetKeyRequest, run)

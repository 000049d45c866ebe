"""POST /v2/keys.deleteKey"""

from collections.abc import Callable

from pkg.clock import Clock
from services.api.domain.rights import Right
from services.api.ports import Keys
from services.api.rpc.call import Call, Operation
from services.api.rpc.changes import change
from services.api.rpc.errors import not_found
from services.api.wire.common import Empty
from services.api.wire.keys import DELETE_KEY, DeleteKeyRequest


def operation(
    keys: Keys, forget: Callable[[bytes], None], clock: Clock
) -> Operation[DeleteKeyRequest, Empty]:
    """The operation, on that store.

    Args:
        forget: tells the caches that a key of that digest has changed.
    """

    def run(call: Call, asked: DeleteKeyRequest) -> Empty:
        """Deletes a key; with `permanent`, all that is known of it."""
        key = keys.find(call.workspace_id, asked.key_id, latest=True)
        if key is None:
            raise not_found("key")
        call.require(Right.DELETE_KEY.on(key.api_id))
        row = change(call, clock, "key.delete", key.id, permanent=asked.permanent)
        forget(keys.remove(key, asked.permanent, row))
        return Empty()

    return Operation(DELETE_KEY, DeleteKeyRequest, run)

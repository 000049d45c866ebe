"""POST /v2/apis.deleteApi"""

from collections.abc import Callable, Sequence

from pkg.clock import Clock
from pkg.fault import Fault, Kind
from services.api.domain.rights import Right
from services.api.ports import Apis
from services.api.rpc.call import Call, Operation
from services.api.rpc.changes import change
from services.api.rpc.errors import not_found
from services.api.wire.apis import DELETE_API, DeleteApiRequest
from services.api.wire.common import Empty


def operation(
    apis: Apis, forget: Callable[[Sequence[bytes]], None], clock: Clock
) -> Operation[DeleteApiRequest, Empty]:
    """The operation, on that store.

    Args:
        forget: tells the caches that the keys of those digests have changed.
    """

    def run(call: Call, asked: DeleteApiRequest) -> Empty:
        """Deletes an API with all its keys, unless it is protected."""
        api = apis.find(call.workspace_id, asked.api_id, latest=True)
        if api is None:
            raise not_found("API")
        call.require(Right.DELETE_API.on(api.id))
        if api.protected:
            raise Fault(
                Kind.PROTECTED, "api_protected", "The API is protected: take that away first."
            )
        forget(apis.remove(api, change(call, clock, "api.delete", api.id, name=api.name)))
        return Empty()

    return Operation(DELETE_API, DeleteApiRequest, run)

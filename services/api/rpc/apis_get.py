"""POST /v2/apis.getApi"""

from services.api.domain.rights import Right
from services.api.ports import Apis
from services.api.rpc.call import Call, Operation
from services.api.rpc.errors import not_found
from services.api.wire.apis import GET_API, Api, GetApiRequest


def operation(apis: Apis) -> Operation[GetApiRequest, Api]:
    """The operation, on that store."""

    def run(call: Call, asked: GetApiRequest) -> Api:
        """An API's name."""
        api = apis.find(call.workspace_id, asked.api_id)
        if api is None:
            raise not_found("API")
        call.require(Right.READ_API.on(api.id))
        return Api(id=api.id, name=api.name)

    return Operation(GET_API, GetApiRequest, run)

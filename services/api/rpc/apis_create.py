"""POST /v2/apis.createApi"""

from pkg import uid
from pkg.clock import Clock
from services.api.domain.faults import invalid
from services.api.domain.rights import Right
from services.api.domain.stored import Api
from services.api.ports import Apis, Taken
from services.api.rpc.call import Call, Operation
from services.api.rpc.changes import change
from services.api.wire.apis import CREATE_API, CreateApiRequest, CreatedApi


def operation(apis: Apis, clock: Clock) -> Operation[CreateApiRequest, CreatedApi]:
    """The operation, on that store."""

    def run(call: Call, asked: CreateApiRequest) -> CreatedApi:
        """Makes a name space for keys. Its name is no other one's of the workspace."""
        call.require(Right.CREATE_API.on())
        api = Api(uid.new("api", clock), call.workspace_id, asked.name, uid.new("ks", clock))
        try:
            apis.add(api, change(call, clock, "api.create", api.id, name=api.name))
        except Taken as error:
            raise invalid("body.name", "another API has it", "Give another.") from error
        return CreatedApi(api_id=api.id)

    return Operation(CREATE_API, CreateApiRequest, run)

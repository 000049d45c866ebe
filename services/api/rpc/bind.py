"""How an operation becomes a route of the framework."""

from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import RawBody

from pkg.serving import Workers, reader, request_id
from services.api.rpc import authentication
from services.api.rpc.authentication import Authenticator
from services.api.rpc.call import Call, Listed, Operation
from services.api.wire import LIVENESS, common

_JSON = "application/json"
# Up to here, the event loop reads a body in less time than it takes to hand it to a thread.
QUICK_BYTES = 16 << 10


def bind(
    operations: Sequence[Operation[Any, Any]], authenticator: Authenticator, workers: Workers
) -> list[HTTPRouteHandler]:
    """A route for each operation, and one for liveness."""
    return [liveness(), *(_bound(each, authenticator, workers) for each in operations)]


def _bound[Q, A](
    operation: Operation[Q, A], authenticator: Authenticator, workers: Workers
) -> HTTPRouteHandler:
    read = reader(operation.request)

    def work(root_key: str, body: bytes, asked_by: str) -> bytes:
        # First who it is: a stranger learns nothing of what a body should be.
        call = Call(authenticator.root_key(root_key), asked_by)
        return encoded(operation.run(call, read(body)), asked_by)

    def quick(root_key: str, body: bytes, asked_by: str) -> bytes | None:
        """What `work` gives, or None where that would wait."""
        if operation.quick is None or len(body) > QUICK_BYTES:
            return None
        found = authenticator.try_root_key(root_key)
        if found is None:
            return None
        answer = operation.quick(Call(found, asked_by), read(body))
        return None if answer is None else encoded(answer, asked_by)

    @post(operation.route.path, status_code=200, include_in_schema=False)
    async def handle(request: Request[Any, Any, Any], body: RawBody) -> Response[bytes]:
        asked = authentication.token(request.scope), body, request_id(request)
        content = quick(*asked)
        if content is None:
            content = await workers.run(work, *asked)
        return Response(content, media_type=_JSON)

    return handle


def liveness() -> HTTPRouteHandler:
    """Tells that the process answers; for the SDK's users. Others ask /health/live."""

    @get(LIVENESS.path, include_in_schema=False)
    async def live(request: Request[Any, Any, Any]) -> Response[bytes]:
        body = encoded(common.Health(message="OK"), request_id(request))
        return Response(body, media_type=_JSON)

    return live


def encoded(answer: Any, asked_by: str) -> bytes:
    """The body of an operation's success."""
    meta = common.Meta(request_id=asked_by)
    if not isinstance(answer, Listed):
        return msgspec.json.encode(common.Success(meta=meta, data=answer))
    pagination = common.Pagination(has_more=answer.cursor is not None, cursor=answer.cursor)
    return msgspec.json.encode(
        common.Page(meta=meta, data=list(answer.items), pagination=pagination)
    )

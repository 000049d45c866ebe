"""What the framework does with an exception: an answer in the shape that all errors have."""

from collections.abc import Callable
from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.types import ExceptionHandlersMap

from pkg import fault as faults_of
from pkg.fault import Fault
from pkg.logs import Log
from pkg.serving import faults
from pkg.serving.answer import Answer
from pkg.serving.gate import ANSWER

type AnyRequest = Request[Any, Any, Any]
_log = Log(__name__)
_OURS = 500


def request_id(request: AnyRequest) -> str:
    """The request's id, which is in the answer's headers and in the log."""
    return _answer(request).request_id


def no_own(error: Exception) -> Fault | None:
    """No fault: for a service that raises faults itself, and errors that nobody has foreseen."""
    return None


def handlers(translate: Callable[[Exception], Fault | None]) -> ExceptionHandlersMap:
    """One for each kind of exception.

    Args:
        translate: the fault that an error of the service's own is to callers; None for others.
    """

    def own(request: AnyRequest, error: Exception) -> Response[bytes]:
        if translated := translate(error):
            if translated.kind.value >= _OURS:
                kind = type(error).__name__
                _log.error("fault", route=_route(request), error=kind, reason=str(error))
            return _respond(request, translated)
        found = faults_of.of(error)
        if found.__cause__ is error:
            return _unforeseen(request, error)
        if found.kind.value >= _OURS:
            _log.failure("fault", error, route=_route(request), reason=str(found))
        return _respond(request, found)

    return {HTTPException: _framework_error, Exception: own}


def _framework_error(request: AnyRequest, error: HTTPException) -> Response[bytes]:
    if error.status_code >= _OURS:
        return _unforeseen(request, error)
    made = {404: faults.not_found, 405: faults.method_not_allowed}
    response = _respond(request, made.get(error.status_code, faults.not_taken)())
    if allowed := (error.headers or {}).get("allow"):
        response.headers["allow"] = allowed
    return response


def _unforeseen(request: AnyRequest, error: Exception) -> Response[bytes]:
    _log.failure("fault", error, route=_route(request))
    return _respond(request, faults.internal_error(error))


def _respond(request: AnyRequest, fault: Fault) -> Response[bytes]:
    content, headers = _answer(request).told(fault)
    media_type = headers.pop("content-type")
    return Response(content, media_type=media_type, status_code=fault.kind.value, headers=headers)


def _route(request: AnyRequest) -> str:
    return str(request.scope["path"])


def _answer(request: AnyRequest) -> Answer:
    found = request.scope[ANSWER]  # type: ignore[literal-required]
    assert isinstance(found, Answer)
    return found

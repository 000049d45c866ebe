"""What the framework does with an exception: an answer in the shape that all errors have."""

from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.types import ExceptionHandlersMap

from pkg.logs import Log
from services.vault.errors import StorageError, VaultError
from services.vault.rpc.answer import Answer, encoded
from services.vault.rpc.errors import (
    BAD_REQUEST,
    INTERNAL_ERROR,
    METHOD_NOT_ALLOWED,
    NOT_FOUND,
    Fault,
    Refusal,
    fault,
)
from services.vault.rpc.gate import ANSWER
from services.vault.rpc.metrics import Metrics

_log = Log(__name__)
_OWN = {404: NOT_FOUND, 405: METHOD_NOT_ALLOWED}
type _Request = Request[Any, Any, Any]


def handlers(metrics: Metrics) -> ExceptionHandlersMap:
    """One for each kind of exception."""

    def vault_error(request: _Request, error: VaultError) -> Response[bytes]:
        if isinstance(error, StorageError):
            metrics.storage_error(error)
        answer = fault(error)
        if answer.status >= 500:
            # The vault's messages hold no secret.
            kind = type(error).__name__
            _log.error("fault", **_about(request), error=kind, reason=str(error))
        return _respond(request, answer)

    return {
        Refusal: lambda request, error: _respond(request, error.fault),
        VaultError: vault_error,
        HTTPException: _framework_error,
        Exception: _unexpected,
    }


def _framework_error(request: _Request, error: HTTPException) -> Response[bytes]:
    if error.status_code >= 500:
        return _unexpected(request, error)
    response = _respond(request, _OWN.get(error.status_code, BAD_REQUEST))
    if allowed := (error.headers or {}).get("allow"):
        response.headers["allow"] = allowed
    return response


def _unexpected(request: _Request, error: Exception) -> Response[bytes]:
    _log.failure("fault", error, **_about(request))
    return _respond(request, INTERNAL_ERROR)


def _respond(request: _Request, answer: Fault) -> Response[bytes]:
    sent = _answer(request)
    sent.code = answer.code
    return Response(
        encoded(answer, sent.request_id),
        media_type="application/json",
        status_code=answer.status,
        headers=dict(answer.headers),
    )


def _about(request: _Request) -> dict[str, Any]:
    return {"request_id": _answer(request).request_id, "route": request.scope["path"]}


def _answer(request: _Request) -> Answer:
    found = request.scope[ANSWER]  # type: ignore[literal-required]
    assert isinstance(found, Answer)
    return found

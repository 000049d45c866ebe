"""Errors as answers: the shape that the SDK expects, whoever finds them."""

from pkg.fault import Fault, Kind
from pkg.serving import ErrorBody, ErrorShape, InvalidBody
from services.api.domain.faults import InvalidRequest
from services.api.wire.errors import ErrorResponse, InvalidField, content_type, encoded, problem


def not_found(what: str) -> Fault:
    """There is no such thing, or it is another workspace's, which is the same to the caller.

    Args:
        what: a word such as "key".
    """
    code = f"{what.lower().replace(' ', '_')}_not_found"
    return Fault(Kind.NOT_FOUND, code, f"There is no such {what}.")


def _fields(fault: Fault) -> list[InvalidField]:
    if isinstance(fault, InvalidRequest):
        return [
            InvalidField(location=each.location, message=each.message, fix=each.fix or None)
            for each in fault.fields
        ]
    if isinstance(fault, InvalidBody):
        # Of a body that is a list, the path begins with an index.
        before = "." if fault.path and not fault.path.startswith("[") else ""
        return [InvalidField(location=f"body{before}{fault.path}", message=fault.reason)]
    return []


def _encode(fault: Fault, request_id: str) -> ErrorBody:
    status = fault.kind.value
    told = problem(status, fault.code, fault.public, _fields(fault))
    return ErrorBody(encoded(told, request_id), content_type(status).decode())


SHAPE = ErrorShape(ErrorResponse, _encode)

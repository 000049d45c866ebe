"""The shape of errors in this package's tests."""

import msgspec

from pkg.fault import Fault
from pkg.serving import ErrorBody, ErrorShape


class ErrorResponse(msgspec.Struct):
    """An error, as no service of this repository has it."""

    code: str
    sentence: str
    id: str


def _encode(fault: Fault, request_id: str) -> ErrorBody:
    return ErrorBody(msgspec.json.encode(ErrorResponse(fault.code, fault.public, request_id)))


SHAPE = ErrorShape(ErrorResponse, _encode)

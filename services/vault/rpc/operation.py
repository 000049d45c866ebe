"""How an operation becomes a route of the framework, and is described."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import ClassVar

import msgspec
from litestar import post
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import OpenAPIMediaType, Operation, Reference, RequestBody
from litestar.params import RawBody

from services.vault.wire import ErrorResponse

JSON = "application/json"
_ANY = (400, 401, 413, 415, 500, 503, 504)


def component(form: type[msgspec.Struct]) -> Reference:
    """Where the document has a struct's schema."""
    return Reference(ref=f"#/components/schemas/{form.__name__}")


def errors(*statuses: int) -> dict[int, ResponseSpec]:
    """Describes answers that are no success."""
    return {
        status: ResponseSpec(
            ErrorResponse, generate_examples=False, description=HTTPStatus(status).phrase
        )
        for status in statuses
    }


def operation[A: msgspec.Struct](
    path: str, form: type[msgspec.Struct], *more_errors: int
) -> Callable[[Callable[[RawBody], Awaitable[A]]], HTTPRouteHandler]:
    """A POST route whose handler gets the body and reads it as that form.

    Args:
        path: its last part is the operation's id.
        form: of the body.
        more_errors: statuses that it answers with beside those that all do.
    """

    @dataclass
    class Described(Operation):
        about: ClassVar = form

        def __post_init__(self) -> None:
            schema = component(self.about)
            self.request_body = RequestBody({JSON: OpenAPIMediaType(schema)}, required=True)

    return post(
        path,
        status_code=200,
        operation_class=Described,
        operation_id=path.rpartition("/")[2],
        responses=errors(*_ANY, *more_errors),
    )

"""The OpenAPI document: the framework's, with the schemas of the structs that are really read."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, ClassVar

import msgspec
from litestar import Litestar, post
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import (
    Components,
    OpenAPIMediaType,
    Operation,
    Reference,
    RequestBody,
    SecurityScheme,
)
from litestar.params import RawBody

from pkg.serving.faults import JSON

_BEARER = "bearer"


@dataclass(frozen=True, kw_only=True)
class About:
    """What the document says of a service.

    Attributes:
        title: its name.
        version: of the API.
        description: what it does.
        forms: all structs that requests and answers have, errors included.
    """

    title: str
    version: str
    description: str
    forms: Sequence[type[msgspec.Struct]]


def document(
    routes: Sequence[HTTPRouteHandler], about: About, forms: Sequence[type[msgspec.Struct]]
) -> dict[str, Any]:
    """The document of these routes, as JSON takes it.

    The framework knows neither base64 nor patterns nor that unknown fields are refused, so the
    schemas are those of the forms.
    """
    config = OpenAPIConfig(
        title=about.title,
        version=about.version,
        description=about.description,
        components=Components(
            security_schemes={_BEARER: SecurityScheme(type="http", scheme="bearer")}
        ),
        security=[{_BEARER: []}],
        use_handler_docstrings=True,
    )
    app = Litestar(routes, openapi_config=config, logging_config=None)
    made: dict[str, Any] = app.openapi_schema.to_schema()
    template = "#/components/schemas/{name}"
    _, schemas = msgspec.json.schema_components(forms, ref_template=template)
    made["components"]["schemas"] = schemas
    return made


def errors(form: type[msgspec.Struct], *statuses: int) -> dict[int, ResponseSpec]:
    """Describes answers that are no success, and whose bodies have that form."""
    return {
        status: ResponseSpec(form, generate_examples=False, description=HTTPStatus(status).phrase)
        for status in statuses
    }


def operation[A](
    path: str, form: type[msgspec.Struct], error: type[msgspec.Struct], *statuses: int
) -> Callable[[Callable[[RawBody], Awaitable[A]]], HTTPRouteHandler]:
    """A POST route whose handler gets the body and reads it as that form; see `reader`.

    Args:
        path: its last part is the operation's id.
        form: of the body.
        error: the form of errors.
        statuses: that it answers with where it is no success.
    """

    @dataclass
    class Described(Operation):
        about: ClassVar = form

        def __post_init__(self) -> None:
            schema = Reference(ref=f"#/components/schemas/{self.about.__name__}")
            self.request_body = RequestBody({JSON: OpenAPIMediaType(schema)}, required=True)

    return post(
        path,
        status_code=200,
        operation_class=Described,
        operation_id=path.rpartition("/")[2],
        responses=errors(error, *statuses),
    )

"""The OpenAPI document: the framework's, with the schemas of the structs that are really read."""

import inspect
from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme

from services.vault import wire

_BEARER = "bearer"


def document(routes: Sequence[HTTPRouteHandler]) -> dict[str, Any]:
    """The document of these routes, as JSON takes it.

    The framework knows neither base64 nor patterns nor that unknown fields are refused.
    """
    config = OpenAPIConfig(
        title="Berth vault",
        version="1",
        description="Encrypts small secrets for other services.",
        components=Components(
            security_schemes={_BEARER: SecurityScheme(type="http", scheme="bearer")}
        ),
        security=[{_BEARER: []}],
        use_handler_docstrings=True,
    )
    app = Litestar(routes, openapi_config=config, logging_config=None)
    made: dict[str, Any] = app.openapi_schema.to_schema()
    forms = [
        form
        for _, form in inspect.getmembers(wire, inspect.isclass)
        if issubclass(form, msgspec.Struct) and form is not msgspec.Struct
    ]
    _, schemas = msgspec.json.schema_components(forms, ref_template="#/components/schemas/{name}")
    made["components"]["schemas"] = schemas
    return made

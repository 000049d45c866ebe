"""The OpenAPI document: from the list of routes, and the structs that are really read."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec

from services.api.rpc.links import links
from services.api.wire import LIVENESS, ROUTES, Route
from services.api.wire.errors import ErrorResponse, content_type
from services.api.wire.route import COMMON

_BEARER = "rootKey"
_JSON = "application/json"
# What the frame around the routes refuses and breaks off, whatever the route.
_FRAME = (413, 415, 503, 504)


def document(descriptions: Mapping[str, str]) -> dict[str, Any]:
    """The document of all routes, as JSON takes it.

    Args:
        descriptions: what each operation does, by its route's name.
    """
    kinds = [kind for route in ROUTES for kind in (route.request, route.answer) if kind]
    schemas, components = msgspec.json.schema_components(
        [*kinds, ErrorResponse], ref_template="#/components/schemas/{name}"
    )
    by_kind = {id(kind): schema for kind, schema in zip(kinds, schemas, strict=False)}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Berth API keys",
            "version": "2",
            "description": "Issues and verifies API keys, and limits rates.",
        },
        "paths": {
            route.path: {
                "get" if route is LIVENESS else "post": _operation(route, by_kind, descriptions)
            }
            for route in ROUTES
        },
        "components": {
            "schemas": components,
            "securitySchemes": {_BEARER: {"type": "http", "scheme": "bearer"}},
        },
        "security": [{_BEARER: []}],
    }


def _operation(
    route: Route, schemas: Mapping[int, Any], descriptions: Mapping[str, str]
) -> dict[str, Any]:
    statuses = (503, 504) if route is LIVENESS else dict.fromkeys(COMMON + route.errors + _FRAME)
    made: dict[str, Any] = {
        "operationId": route.name,
        "description": descriptions.get(route.name, ""),
        "responses": {
            "200": _success(route, schemas[id(route.answer)]),
            **{
                str(status): _body(
                    HTTPStatus(status).phrase,
                    content_type(status).decode(),
                    {"$ref": f"#/components/schemas/{ErrorResponse.__name__}"},
                )
                for status in sorted(statuses)
            },
        },
    }
    if route.request is None:
        return made | {"security": [{}]}
    body = {"content": {_JSON: {"schema": schemas[id(route.request)]}}, "required": True}
    return made | {"requestBody": body}


def _success(route: Route, schema: Any) -> dict[str, Any]:
    made = _body("Success", _JSON, schema)
    return made | {"links": found} if (found := links(route)) else made


def _body(description: str, media_type: str, schema: Any) -> dict[str, Any]:
    return {"description": description, "content": {media_type: {"schema": schema}}}

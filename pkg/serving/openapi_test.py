"""The document is of the service's routes and forms, and of the frame's own."""

import re
from typing import Any

import pytest

from pkg.serving.example import app, serving


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    with serving(app()) as service:
        del service.http.headers["authorization"]
        found: dict[str, Any] = service.http.get("/openapi.json").json()
        return found


def test_every_route_is_in_it(document: dict[str, Any]) -> None:
    """But for the metrics and itself."""
    assert document["info"]["title"] == "Example"
    assert set(document["paths"]) == {
        "/v1/echo",
        "/v1/wait",
        "/v1/fail",
        "/v1/id",
        "/health/live",
        "/health/ready",
    }


def test_operations_tell_their_bodies_and_their_errors(document: dict[str, Any]) -> None:
    """In the service's own forms."""
    echo = document["paths"]["/v1/echo"]["post"]
    assert (echo["operationId"], echo["description"]) == ("echo", "Says what it is told.")
    body = echo["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    assert body == "#/components/schemas/Text"
    schemas = {
        status: response["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        for status, response in echo["responses"].items()
    }
    assert schemas == {"200": "Text", "400": "ErrorResponse", "401": "ErrorResponse"}


def test_health_needs_no_token(document: dict[str, Any]) -> None:
    """All else does."""
    for path, methods in document["paths"].items():
        for operation in methods.values():
            needs = operation.get("security", document["security"])
            assert needs == [{} if path.startswith("/health/") else {"bearer": []}]


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    named = set(re.findall(r"#/components/schemas/(\w+)", str(document)))
    assert named == set(document["components"]["schemas"])

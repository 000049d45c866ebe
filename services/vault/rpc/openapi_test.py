"""The document says what the routes do."""

import re
from typing import Any

import pytest

from pkg.serving.gate import OPEN
from services.vault.testutil.service import memory_vault, serving


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    with serving(memory_vault()) as service:
        del service.http.headers["authorization"]
        found: dict[str, Any] = service.http.get("/openapi.json").json()
        return found


def test_every_route_is_in_it(document: dict[str, Any]) -> None:
    """But for the metrics and itself."""
    assert document["openapi"].startswith("3.1")
    assert set(document["paths"]) == {
        "/v1/encrypt",
        "/v1/encryptBulk",
        "/v1/decrypt",
        "/v1/decryptBulk",
        "/v1/reencrypt",
        "/v1/createDataKey",
        "/v1/roll",
        "/health/live",
        "/health/ready",
    }


def test_every_operation_tells_its_answers(document: dict[str, Any]) -> None:
    """Each error with its schema; what needs a token says so."""
    for path, methods in document["paths"].items():
        ((method, operation),) = methods.items()
        is_open = path in OPEN
        assert method == ("get" if is_open else "post")
        assert operation["description"]
        assert operation.get("security", document["security"]) == [
            {} if is_open else {"bearer": []}
        ]
        statuses = set(operation["responses"])
        if not is_open:
            assert statuses >= {"200", "400", "401", "413", "415", "500", "503", "504"}
        for status, response in operation["responses"].items():
            schema = response["content"]["application/json"]["schema"]["$ref"]
            assert schema.endswith("/ErrorResponse") == (status != "200")


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    """And every schema is used."""
    named = set(re.findall(r"#/components/schemas/(\w+)", str(document)))
    assert named == set(document["components"]["schemas"])


def test_requests_are_strict_and_bytes_are_base64(document: dict[str, Any]) -> None:
    """As the routes are."""
    schemas = document["components"]["schemas"]
    for name, schema in schemas.items():
        if name.endswith("Request"):
            assert schema["additionalProperties"] is False
    plaintext = schemas["EncryptRequest"]["properties"]["plaintext"]
    assert plaintext["contentEncoding"] == "base64"
    for text, is_base64 in (("", 1), ("aHVzaA==", 1), ("aHVzaA", 0), ("a-_=", 0), ("?", 0)):
        assert bool(re.search(plaintext["pattern"], text)) == bool(is_base64)

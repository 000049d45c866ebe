"""The OpenAPI document tells what the service takes and answers, to the last field."""

from typing import Any

from services.api.rpc.links import LINKS
from services.api.rpc.openapi import document
from services.api.testutil.examples import structs
from services.api.testutil.serving import serving
from services.api.wire import ROUTES

DOCUMENT = document({"keys.verifyKey": "Verifies."})


def refs(part: Any) -> set[str]:
    """The components that a part of the document names."""
    if isinstance(part, dict):
        named = {part["$ref"].rpartition("/")[2]} if "$ref" in part else set()
        return named.union(*map(refs, part.values()))
    return set().union(*map(refs, part)) if isinstance(part, list) else set()


def test_each_route_is_in_it() -> None:
    """With its body, its success and its errors."""
    assert set(DOCUMENT["paths"]) == {route.path for route in ROUTES}
    for route in ROUTES:
        [(method, operation)] = DOCUMENT["paths"][route.path].items()
        assert ("requestBody" in operation) is (method == "post") is (route.request is not None)
        statuses = {int(status) for status in operation["responses"]}
        assert statuses >= {200, *route.errors}


def test_all_that_it_names_is_there() -> None:
    """And nothing is there that it does not name."""
    assert refs(DOCUMENT) == set(DOCUMENT["components"]["schemas"])


def test_bounds_are_in_it() -> None:
    """So that callers need not find them by trying."""
    request = DOCUMENT["components"]["schemas"]["CreateKeyRequest"]
    assert request["additionalProperties"] is False
    assert request["properties"]["byteLength"]["minimum"] == 16
    assert request["required"] == ["apiId"]
    limits = DOCUMENT["paths"]["/v2/ratelimit.multiLimit"]["post"]["requestBody"]
    assert limits["content"]["application/json"]["schema"]["maxItems"] == 100


def test_a_link_leads_from_what_is_answered_to_what_is_asked() -> None:
    """Both have the field that it names."""
    by_name = {route.name: route for route in ROUTES}
    assert set(LINKS) <= set(by_name)
    for name, links in LINKS.items():
        [data] = [each for each in structs(by_name[name].answer) if each.cls.__name__ != "Meta"][1:]
        for link in links:
            assert link.value in {field.encode_name for field in data.fields}
            for target in link.routes:
                asked = structs(target.request)[0]
                assert link.into in {field.encode_name for field in asked.fields}
    answers = DOCUMENT["paths"]["/v2/keys.createKey"]["post"]["responses"]
    assert answers["200"]["links"]["keys.getKey"] == {
        "operationId": "keys.getKey",
        "requestBody": {"keyId": "$response.body#/data/keyId"},
    }


def test_too_many_requests_have_their_media_type() -> None:
    """The one that the SDK looks for."""
    answers = DOCUMENT["paths"]["/v2/keys.verifyKey"]["post"]["responses"]
    assert list(answers["429"]["content"]) == ["application/problem+json"]


def test_it_is_served() -> None:
    """To anyone."""
    with serving([]) as api:
        served = api.served.http.get("/openapi.json").json()
    assert set(served["paths"]) == set(DOCUMENT["paths"])

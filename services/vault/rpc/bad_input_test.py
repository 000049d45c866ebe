"""Whatever is sent wrong: a status, a code, a sentence, and the same shape everywhere."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from services.vault.testutil.service import Service, memory_vault, serving

GOOD: dict[str, dict[str, Any]] = {
    "/v1/encrypt": {"keyring": "a", "plaintext": ""},
    "/v1/encryptBulk": {"keyring": "a", "plaintexts": []},
    "/v1/decrypt": {"keyring": "a", "ciphertext": ""},
    "/v1/decryptBulk": {"keyring": "a", "ciphertexts": [""]},
    "/v1/reencrypt": {"keyring": "a", "ciphertext": ""},
    "/v1/createDataKey": {"keyring": "a"},
    "/v1/roll": {},
}
OPEN = ["/health/live", "/health/ready", "/metrics", "/openapi.json"]
JSON_TYPES = ["application/json; charset=utf-8", 'Application/JSON;charset="UTF-8"']
OTHER_TYPES = [
    "",
    "text/plain",
    "application/jsonp",
    "application/json; charset=latin-1",
    "multipart/form-data",
]
UNKNOWN = [
    "/",
    "/v1",
    "/v1/",
    "/v1/nothing",
    "/v2/encrypt",
    "/health",
    "/schema",
    "/docs",
    "/v1/encrypt/x",
    "/%00",
    "/%ff",
    "/../etc/passwd",
]
KEYRINGS = [
    "",
    "../a",
    "a/b",
    "a\\b",
    "a\0",
    "a\n",
    ".",
    "-a",
    "é",
    "a" * 65,
    "a b",
    "%2e%2e",
    "\u202ea",
]


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with serving(memory_vault()) as running:
        yield running


def problem(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of an error, whose shape is checked."""
    body = answer.json()
    assert list(body) == ["error"]
    assert list(body["error"]) == ["code", "message", "request_id"]
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-request-id"] == body["error"]["request_id"]
    assert body["error"]["message"]
    for hint in ("Traceback", ".py", "Error", "Exception", "litestar", "msgspec", "keyrings/"):
        assert hint not in answer.text
    return answer.status_code, body["error"]["code"]


@pytest.mark.parametrize("path", GOOD)
@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"null", b"[]", b"7", b'"a"', b"\xff\xfe", b"<a/>", b"a=b", b"{}{}", b"[" * 10_000],
)
def test_a_body_that_is_no_json_object(service: Service, path: str, content: bytes) -> None:
    answer = service.http.post(path, content=content, headers={"content-type": "application/json"})
    assert problem(answer) == (400, "invalid_request")


@pytest.mark.parametrize("path", GOOD)
def test_unknown_fields_and_wrong_types(service: Service, path: str) -> None:
    """The field is named, its value is not shown."""
    more = service.post(path, **GOOD[path], hushhush="geheim")
    assert problem(more) == (400, "invalid_request")
    assert "hushhush" in more.text
    assert "geheim" not in more.text
    for name in GOOD[path]:
        for value in (7, True, {"geheim": 1}, ["geheim", 7], "?geheim?", None):
            if (name, type(value)) == ("keyring", str):
                continue
            wrong = service.post(path, **{**GOOD[path], name: value})
            assert problem(wrong) == (400, "invalid_request")
            assert name in wrong.text
            assert "geheim" not in wrong.text


@pytest.mark.parametrize("path", [path for path in GOOD if path != "/v1/roll"])
def test_a_missing_field(service: Service, path: str) -> None:
    for name in GOOD[path]:
        answer = service.post(path, **{k: v for k, v in GOOD[path].items() if k != name})
        assert problem(answer) == (400, "invalid_request")
        assert f"'{name}' is missing" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    "path", ["/v1/encrypt", "/v1/encryptBulk", "/v1/decryptBulk", "/v1/createDataKey"]
)
@pytest.mark.parametrize("keyring", KEYRINGS)
def test_what_is_no_name_of_a_keyring(service: Service, path: str, keyring: str) -> None:
    """Nothing of it reaches the storage, or the answer."""
    answer = service.post(path, **{**GOOD[path], "keyring": keyring})
    assert problem(answer) == (400, "invalid_input")
    assert keyring == "" or json.dumps(keyring) not in answer.text


@pytest.mark.parametrize("path", ["/v1/decrypt", "/v1/reencrypt"])
@pytest.mark.parametrize("keyring", KEYRINGS)
def test_what_is_no_name_has_no_ciphertexts(service: Service, path: str, keyring: str) -> None:
    answer = service.post(path, **{**GOOD[path], "keyring": keyring})
    status, code = problem(answer)
    assert status == 400
    assert code in ("invalid_input", "ciphertext_refused")


@pytest.mark.parametrize("path", GOOD)
def test_invalid_utf_8_in_a_name(service: Service, path: str) -> None:
    """In a value and in a field's name."""
    for content in (b'{"keyring":"a\xff"}', b'{"a\xff":1}', b'{"keyring":"\\ud800"}'):
        headers = {"content-type": "application/json"}
        answer = service.http.post(path, content=content, headers=headers)
        assert problem(answer) == (400, "invalid_request")


@pytest.mark.parametrize("path", GOOD)
@pytest.mark.parametrize(
    "kind",
    [
        "",
        "text/plain",
        "application/jsonp",
        "application/json; charset=latin-1",
        "multipart/form-data",
    ],
)
def test_another_content_type(service: Service, path: str, kind: str) -> None:
    answer = service.http.post(path, content=b"{}", headers={"content-type": kind})
    assert problem(answer) == (415, "unsupported_media_type")


@pytest.mark.parametrize("kind", JSON_TYPES)
def test_the_spellings_of_json(service: Service, kind: str) -> None:
    content = json.dumps(GOOD["/v1/encrypt"])
    answer = service.http.post("/v1/encrypt", content=content, headers={"content-type": kind})
    assert answer.status_code == 200


@pytest.mark.parametrize("path", [*GOOD, *OPEN])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"])
def test_another_method(service: Service, path: str, method: str) -> None:
    """The answer names those that are taken."""
    own = "POST" if path in GOOD else "GET"
    if method == own:
        return
    answer = service.http.request(method, path)
    assert problem(answer) == (405, "method_not_allowed")
    assert own in answer.headers["allow"].split(", ")


@pytest.mark.parametrize("path", UNKNOWN)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
def test_an_unknown_path(service: Service, path: str, method: str) -> None:
    """Whether or not it has the content type that other paths want."""
    assert problem(service.http.request(method, path)) == (404, "not_found")
    assert problem(service.http.request(method, path, json={})) == (404, "not_found")


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize("path", [*GOOD, "/nothing"])
def test_without_a_token(service: Service, path: str, method: str) -> None:
    """Before anything else is looked at."""
    request = service.http.build_request(method, path, content=b"{")
    del request.headers["authorization"]
    assert problem(service.http.send(request)) == (401, "unauthorized")

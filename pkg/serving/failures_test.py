"""Whoever finds an error, it is told in the service's shape, and the log has what is behind it."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest

from pkg.fault import Fault, Kind
from pkg.logs.testing import Lines, captured
from pkg.serving.example import app, code, serving
from pkg.serving.testing import Served

DETAIL = "row 7 of db.inside"


def missing() -> None:
    raise Fault(Kind.NOT_FOUND, "key_not_found", "There is no such key.", DETAIL)


def limited() -> None:
    raise Fault(Kind.TOO_MANY, "rate_limited", "Wait.")


def away() -> None:
    try:
        raise ConnectionError(DETAIL)
    except ConnectionError as error:
        raise Fault(Kind.UNAVAILABLE, "db_away", "Try again.", DETAIL) from error


def wrapped() -> None:
    try:
        missing()
    except Fault as fault:
        raise RuntimeError("in a library") from fault


def broken() -> None:
    raise LookupError(DETAIL)


@contextmanager
def failed(fail: Callable[[], None]) -> Iterator[tuple[httpx.Response, Lines]]:
    """The answer to a request that fails so, and the log."""
    with captured() as lines, serving(app(fail=fail)) as service:
        answer = service.post("/v1/fail", text="a")
        assert service.post("/v1/echo", text="a").status_code == 200
    yield answer, lines


@pytest.mark.parametrize(
    ("fail", "status", "told", "is_fault"),
    [
        (missing, 404, "key_not_found", False),
        (wrapped, 404, "key_not_found", False),
        (limited, 429, "rate_limited", False),
        (away, 503, "db_away", True),
        (broken, 500, "internal_error", True),
    ],
)
def test_a_fault_is_told_without_its_detail(
    fail: Callable[[], None], status: int, told: str, is_fault: bool
) -> None:
    """The log has that: of the caller's faults with the request, of ours with the place, too."""
    with failed(fail) as (answer, lines):
        assert (answer.status_code, code(answer)) == (status, told)
        assert answer.json()["request"] == answer.headers["x-request-id"]
        assert "inside" not in answer.text
    request = lines.of("request")[0]
    assert (request["status"], request["code"]) == (status, told)
    assert ("inside" in lines.text) == (fail is not limited)
    assert len(lines.of("fault")) == is_fault
    for line in lines.of("fault"):
        assert line["request_id"] == answer.headers["x-request-id"]
        assert line["route"] == "/v1/fail"
        assert any("failures_test.py" in place for place in line["trace"])


def test_what_is_behind_a_fault_of_ours_is_logged() -> None:
    with failed(away) as (_, lines):
        (line,) = lines.of("fault")
    assert line["reason"] == f"db_away: {DETAIL}"
    assert line["causes"] == [f"ConnectionError: {DETAIL}"]


def test_headers_say_what_the_kind_says() -> None:
    """And what the service adds; its media type is the answer's."""
    with failed(away) as (answer, _):
        assert answer.headers["retry-after"] == "1"
        assert answer.headers["content-type"] == "application/json"
    with failed(limited) as (answer, _):
        assert answer.headers["retry-after"] == "7"
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_services_own_errors_are_translated() -> None:
    """Their text is in the log if they are ours."""

    def translate(error: Exception) -> Fault | None:
        kinds = {LookupError: Kind.CONFLICT, OSError: Kind.INTERNAL}
        kind = kinds.get(type(error))
        return kind and Fault(kind, "translated", "It was translated.")

    def ours() -> None:
        raise OSError(DETAIL)

    for fail, status, reasons in ((broken, 409, []), (ours, 500, [DETAIL])):
        with captured() as lines, serving(app(fail=fail, translate=translate)) as service:
            answer = service.post("/v1/fail", text="a")
        assert (answer.status_code, code(answer)) == (status, "translated")
        assert [line["reason"] for line in lines.of("fault")] == reasons


@pytest.fixture(scope="module")
def service() -> Iterator[Served]:
    with serving(app()) as running:
        yield running


@pytest.mark.parametrize(
    ("method", "path", "content", "kind", "told"),
    [
        ("GET", "/nothing", b"", "", (404, "not_found")),
        ("GET", "/v1/echo", b"", "", (405, "method_not_allowed")),
        ("GET", "/v1/id?times=hush", b"", "", (400, "bad_request")),
        ("POST", "/nothing", b"", "", (404, "not_found")),
        ("POST", "/v1/id", b"", "", (405, "method_not_allowed")),
        ("POST", "/health/live", b"{}", "application/json", (405, "method_not_allowed")),
        ("POST", "/v1/echo", b"{}", "text/plain", (415, "unsupported_media_type")),
        ("POST", "/v1/echo/", b'{"text":"a"}', "", (415, "unsupported_media_type")),
        ("POST", "/v1//echo", b'{"text":"a"}', "text/plain", (415, "unsupported_media_type")),
        ("POST", "/v1/echo", b"{", "application/json", (400, "invalid_request")),
        ("POST", "/v1/echo", b" " * (2 << 20), "application/json", (413, "too_large")),
    ],
)
def test_what_the_frame_refuses_has_the_services_shape(
    service: Served, method: str, path: str, content: bytes, kind: str, told: tuple[int, str]
) -> None:
    """As what the service refuses."""
    headers = {"content-type": kind} if kind else {}
    answer = service.http.request(method, path, content=content, headers=headers)
    assert (answer.status_code, code(answer)) == told
    assert set(answer.json()) == {"request", "problem"}
    assert "hush" not in answer.text
    assert ("allow" in answer.headers) == (answer.status_code == 405)


def test_a_field_that_is_wrong_is_told_apart(service: Served) -> None:
    """Its path, for services that have a place for it."""
    problem = service.post("/v1/echo", text=7).json()["problem"]
    assert problem["location"] == "text"
    assert re.fullmatch(r"field 'text': expected `str`, got `int`", problem["detail"])

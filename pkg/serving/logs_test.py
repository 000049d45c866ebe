"""Each request is a line in the log, by whose id all that belongs to it is found."""

import pytest

from pkg.logs import Log
from pkg.logs.testing import captured
from pkg.serving.example import Hold, app, serving

log = Log(__name__)


class Talking(Hold):
    """Logs in the thread that it is called in."""

    def __call__(self) -> None:
        log.info("waited", more=1)


def test_a_request_is_one_line() -> None:
    """With its id, its route, its status and its time; an error has its code."""
    with captured() as lines, serving(app()) as service:
        service.http.headers["x-request-id"] = "r-1"
        service.post("/v1/echo", text="a")
        service.post("/v1/echo")
        service.http.get("/hush")
    good, bad, other = lines.of("request")
    assert list(good) == ["time", "level", "event", "request_id", "route", "status", "ms"]
    assert (good["request_id"], good["route"], good["status"]) == ("r-1", "/v1/echo", 200)
    assert 0 < good["ms"] < 10_000
    assert (bad["status"], bad["code"]) == (400, "invalid_request")
    assert (other["route"], other["status"]) == ("other", 404)
    assert "hush" not in lines.text


def test_what_a_request_logs_has_its_id() -> None:
    """Also in a thread of the workers, and handlers can ask for it."""
    with captured() as lines, serving(app(hold=Talking())) as service:
        service.post("/v1/wait", text="a")
        answer = service.http.get("/v1/id")
    assert lines.of("waited")[0]["request_id"] == lines.of("request")[0]["request_id"]
    assert answer.json()["text"] == answer.headers["x-request-id"]


@pytest.mark.parametrize("given", ["", "a" * 65, "a b", 'a"b', "a/b", "\u00e9"])
def test_an_ill_formed_request_id_is_replaced(given: str) -> None:
    """It would go into logs that others read."""
    with captured() as lines, serving(app()) as service:
        headers = {b"x-request-id": given.encode()}
        answer = service.http.get("/health/live", headers=headers)
    (line,) = lines.of("request")
    assert line["request_id"] == answer.headers["x-request-id"]
    assert line["request_id"] not in ("", given)


def test_start_and_stop_are_told() -> None:
    with captured() as lines, serving(app()) as service:
        pass
    assert lines.of("listening")[0]["url"] == service.url
    assert len(lines.of("stopping")) == len(lines.of("stopped")) == 1

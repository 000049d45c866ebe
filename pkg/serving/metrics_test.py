"""What is counted, and that labels stay few."""

import re

from pkg.serving.example import app, serving


def value(text: str, name: str, **labels: str) -> float:
    """A sample's value; 0 if there is none."""
    inside = ",".join(f'{key}="{value}"' for key, value in labels.items())
    sample = f"{name}{{{inside}}}" if inside else name
    found = re.search(rf"^{re.escape(sample)} (\S+)$", text, re.M)
    return float(found[1]) if found else 0.0


def test_requests_are_counted_and_timed() -> None:
    """By route and status, without a token."""
    with serving(app()) as service:
        for _ in range(3):
            service.post("/v1/echo", text="a")
        service.post("/v1/echo")
        del service.http.headers["authorization"]
        service.post("/v1/echo")
        answer = service.http.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    requests = "example_http_requests_total"
    for status, count in (("200", 3), ("400", 1), ("401", 1)):
        assert value(answer.text, requests, route="/v1/echo", status=status) == count
    assert value(answer.text, "example_http_request_seconds_count", route="/v1/echo") == 5
    assert value(answer.text, "example_http_request_seconds_sum", route="/v1/echo") > 0
    assert value(answer.text, "example_http_requests_in_flight") == 1
    assert value(answer.text, "process_resident_memory_bytes") > 1 << 20


def test_another_spelling_of_a_path_is_no_other_route() -> None:
    """What is served is counted as what it is."""
    with serving(app()) as service:
        for path in ("/v1/echo", "/v1/echo/", "/v1//echo"):
            assert service.post(path, text="a").status_code == 200
        text = service.http.get("/metrics").text
    assert value(text, "example_http_requests_total", route="/v1/echo", status="200") == 3


def test_labels_do_not_grow_with_what_clients_send() -> None:
    """All unknown paths are one route."""
    with serving(app()) as service:
        for number in range(50):
            service.http.get(f"/{number}")
            service.http.request(f"METHOD{number}", "/v1/echo")
        text = service.http.get("/metrics").text
    assert value(text, "example_http_requests_total", route="other", status="404") == 50
    assert len(re.findall(r"^example_http_requests_total\{", text, re.M)) <= 3

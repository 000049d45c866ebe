"""What is counted, and that labels stay few."""

import re

from prometheus_client import CollectorRegistry, generate_latest

from services.vault.errors import StorageRefused, StorageUnavailable
from services.vault.rpc.limits import Limits
from services.vault.rpc.storage_errors import StorageErrors
from services.vault.testutil.service import memory_vault, serving


def value(text: str, name: str, **labels: str) -> float:
    """A sample's value; 0 if there is none."""
    inside = ",".join(f'{key}="{value}"' for key, value in labels.items())
    sample = f"{name}{{{inside}}}" if inside else name
    found = re.search(rf"^{re.escape(sample)} (\S+)$", text, re.M)
    return float(found[1]) if found else 0.0


def test_requests_are_counted_and_timed() -> None:
    """By route and status, without a token."""
    with serving(memory_vault(), tokens=["some-token"]) as service:
        for _ in range(3):
            service.post("/v1/encrypt", keyring="a", plaintext="")
        service.post("/v1/encrypt", keyring="/", plaintext="")
        del service.http.headers["authorization"]
        service.post("/v1/encrypt")
        answer = service.http.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    requests = "vault_http_requests_total"
    for status, count in (("200", 3), ("400", 1), ("401", 1)):
        assert value(answer.text, requests, route="/v1/encrypt", status=status) == count
    assert value(answer.text, "vault_http_request_seconds_count", route="/v1/encrypt") == 5
    assert value(answer.text, "vault_http_request_seconds_sum", route="/v1/encrypt") > 0
    assert value(answer.text, "vault_http_requests_in_flight") == 1
    assert value(answer.text, "process_resident_memory_bytes") > 1 << 20


def test_labels_do_not_grow_with_what_clients_send() -> None:
    """All unknown paths are one route."""
    with serving(memory_vault()) as service:
        for number in range(50):
            service.http.get(f"/{number}")
            service.http.request(f"METHOD{number}", "/v1/encrypt")
        text = service.http.get("/metrics").text
    assert value(text, "vault_http_requests_total", route="other", status="404") == 50
    assert len(re.findall(r"^vault_http_requests_total\{", text, re.M)) <= 3


def test_failures_of_the_storage_are_counted_by_kind() -> None:
    """From 0 on, so that the first one shows."""
    registry = CollectorRegistry()
    errors = StorageErrors(registry)

    def text() -> str:
        return generate_latest(registry).decode()

    name = "vault_storage_errors_total"
    for kind in ("unavailable", "refused"):
        assert f'{name}{{kind="{kind}"}} 0.0' in text()
    errors.count(StorageUnavailable())
    errors.count(StorageUnavailable())
    errors.count(StorageRefused())
    assert value(text(), name, kind="unavailable") == 2
    assert value(text(), name, kind="refused") == 1


def test_they_hold_no_secret() -> None:
    with serving(memory_vault(), Limits(stop_delay=0), tokens=["some-token"]) as service:
        service.post("/v1/encrypt", keyring="a-keyring", plaintext="aHVzaA==")
        text = service.http.get("/metrics").text
    for secret in ("some-token", "aHVzaA==", "hush", "a-keyring"):
        assert secret not in text

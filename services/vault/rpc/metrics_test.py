"""What is counted beside requests."""

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

"""What is counted beside requests."""

import re

from services.vault.errors import StorageError, StorageRefused, StorageUnavailable
from services.vault.keyring import MasterKey, MasterKeys
from services.vault.rpc.limits import Limits
from services.vault.storage import MemoryStorage, Stored
from services.vault.testutil.service import memory_vault, serving
from services.vault.vault import Vault


def value(text: str, name: str, **labels: str) -> float:
    """A sample's value; 0 if there is none."""
    inside = ",".join(f'{key}="{value}"' for key, value in labels.items())
    sample = f"{name}{{{inside}}}" if inside else name
    found = re.search(rf"^{re.escape(sample)} (\S+)$", text, re.M)
    return float(found[1]) if found else 0.0


class Away(MemoryStorage):
    """Fails as it is told.

    Attributes:
        error: that each reading raises.
    """

    error: StorageError = StorageUnavailable("no answer")

    def get(self, name: str) -> Stored | None:
        raise self.error


def test_failures_of_the_storage_are_counted_by_kind() -> None:
    """From 0 on, so that the first one shows."""
    storage = Away()

    def counted(kind: str) -> float:
        text = service.http.get("/metrics").text
        assert f'vault_storage_errors_total{{kind="{kind}"}}' in text
        return value(text, "vault_storage_errors_total", kind=kind)

    with serving(Vault(storage, MasterKeys([MasterKey.generate()]))) as service:
        assert (counted("unavailable"), counted("refused")) == (0, 0)
        for _ in range(2):
            assert service.post("/v1/createDataKey", keyring="a").status_code == 503
        storage.error = StorageRefused("no such bucket")
        assert service.post("/v1/createDataKey", keyring="a").status_code == 500
        assert (counted("unavailable"), counted("refused")) == (2, 1)


def test_they_hold_no_secret() -> None:
    with serving(memory_vault(), Limits(stop_delay=0), tokens=["some-token"]) as service:
        service.post("/v1/encrypt", keyring="a-keyring", plaintext="aHVzaA==")
        text = service.http.get("/metrics").text
    for secret in ("some-token", "aHVzaA==", "hush", "a-keyring"):
        assert secret not in text

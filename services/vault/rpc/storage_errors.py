"""The metric of failures at the storage."""

from prometheus_client import CollectorRegistry, Counter

from services.vault.errors import StorageError, StorageUnavailable


class StorageErrors:
    """Counts requests that failed at the storage, from 0 on, so that the first one shows."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._errors = Counter(
            "vault_storage_errors",
            "Requests that failed at the storage.",
            ["kind"],
            registry=registry,
        )
        for kind in ("unavailable", "refused"):
            self._errors.labels(kind)

    def count(self, error: StorageError) -> None:
        """One has."""
        kind = "unavailable" if isinstance(error, StorageUnavailable) else "refused"
        self._errors.labels(kind).inc()

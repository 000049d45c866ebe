"""Metrics for Prometheus. Their labels take few values, whatever clients send."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.process_collector import ProcessCollector

from services.vault.errors import StorageError, StorageUnavailable

# Seconds: from a warm encryption to the longest deadline that one would set.
_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """Counts requests."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._requests = Counter(
            "vault_http_requests",
            "Requests that were answered; status 499: the client was gone.",
            ["route", "status"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "vault_http_request_seconds",
            "From a request's headers to the end of its answer.",
            ["route"],
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._storage_errors = Counter(
            "vault_storage_errors",
            "Requests that failed at the storage.",
            ["kind"],
            registry=self._registry,
        )
        for kind in ("unavailable", "refused"):
            self._storage_errors.labels(kind)
        self._in_flight = Gauge(
            "vault_http_requests_in_flight", "Requests at work.", registry=self._registry
        )

    def watch(self, in_flight: Callable[[], float]) -> None:
        """Lets them ask how many requests are at work."""
        self._in_flight.set_function(in_flight)

    def request(self, route: str, status: int, seconds: float) -> None:
        """One request has ended."""
        self._requests.labels(route, status).inc()
        self._seconds.labels(route).observe(seconds)

    def storage_error(self, error: StorageError) -> None:
        """One call of the storage has failed."""
        kind = "unavailable" if isinstance(error, StorageUnavailable) else "refused"
        self._storage_errors.labels(kind).inc()

    def text(self) -> bytes:
        """All metrics, in Prometheus's text format 0.0.4."""
        return generate_latest(self._registry)

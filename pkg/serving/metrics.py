"""Metrics for Prometheus. Their labels take few values, whatever clients send."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.process_collector import ProcessCollector

# Seconds: from a warm encryption to the longest deadline that one would set.
_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """Counts requests.

    Args:
        name: of the service, which begins the metrics' names.

    Attributes:
        registry: takes the service's own metrics, too.
    """

    def __init__(self, name: str) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._requests = Counter(
            f"{name}_http_requests",
            "Requests that were answered; status 499: the client was gone.",
            ["route", "status"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            f"{name}_http_request_seconds",
            "From a request's headers to the end of its answer.",
            ["route"],
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self._in_flight = Gauge(
            f"{name}_http_requests_in_flight", "Requests at work.", registry=self.registry
        )

    def watch(self, in_flight: Callable[[], float]) -> None:
        """Lets them ask how many requests are at work."""
        self._in_flight.set_function(in_flight)

    def request(self, route: str, status: int, seconds: float) -> None:
        """One request has ended."""
        self._requests.labels(route, status).inc()
        self._seconds.labels(route).observe(seconds)

    def text(self) -> bytes:
        """All metrics, in Prometheus's text format 0.0.4."""
        return generate_latest(self.registry)

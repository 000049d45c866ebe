"""Kafka: `dockertest.start(Kafka())`."""

import base64
import secrets
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from pkg.dockertest.service import Running, Server, Service

if TYPE_CHECKING:
    from confluent_kafka import KafkaError, Message
    from confluent_kafka.admin import AdminClient

_PORT = 9092
_USER = "berth"
_PROBE = "__berth_ready"  # in the prepared image
_CHECK_SECONDS = 1.0
_POLL_SECONDS = 0.02  # an error is seen no later than this


@dataclass(frozen=True, kw_only=True)
class KafkaServer(Server):
    """A Kafka broker that is ready for use.

    Attributes:
        user: who authenticates, by SASL/PLAIN, and may do everything.
        password: of that user.
    """

    user: str
    password: str = field(repr=False)

    @property
    def bootstrap_servers(self) -> str:
        """HOST:PORT of the one broker, without credentials."""
        return f"{self.host}:{self.port}"

    @property
    def config(self) -> dict[str, Any]:
        """A new dict for the constructors of confluent-kafka; it contains the password.

        A consumer also needs `group.id`.
        """
        return {
            "bootstrap.servers": self.bootstrap_servers,
            "security.protocol": "SASL_PLAINTEXT",
            "sasl.mechanism": "PLAIN",
            "sasl.username": self.user,
            "sasl.password": self.password,
        }

    def client(self) -> "AdminClient":
        """A new AdminClient of confluent-kafka."""
        from confluent_kafka.admin import AdminClient

        return AdminClient(self.config)


@dataclass(frozen=True)
class Kafka(Service[KafkaServer]):
    """A Kafka broker, its own controller, with its log in memory; topics are made on first use."""

    service: ClassVar[str] = "kafka"
    ports: ClassVar[tuple[int, ...]] = (_PORT,)
    memory_mb: ClassVar[int] = 1024
    advertises: ClassVar[bool] = True

    def environment(self, ports: Mapping[int, int]) -> dict[str, str]:
        return {
            "KAFKA_PORT": str(ports[_PORT]),
            "KAFKA_CLUSTER_ID": _cluster_id(),
            "KAFKA_USER": _USER,
            "KAFKA_PASSWORD": secrets.token_hex(16),
        }

    def result(self, running: Running) -> KafkaServer:
        return KafkaServer(
            host=running.host,
            port=running.ports[_PORT],
            container=running.container,
            user=running.environment["KAFKA_USER"],
            password=running.environment["KAFKA_PASSWORD"],
        )

    def check(self, server: KafkaServer) -> None:
        """Produces a record and consumes it."""
        import confluent_kafka as kafka

        seen = _Seen()
        config = {
            **server.config,
            # Nobody listens at first, and nothing is said about that.
            "reconnect.backoff.ms": 20,
            "reconnect.backoff.max.ms": 40,
            "log_level": 0,
            "error_cb": seen.error,
        }
        consumer = kafka.Consumer(
            {**config, "group.id": _PROBE, "enable.auto.commit": False, "fetch.wait.max.ms": 10}
        )
        producer = kafka.Producer({**config, "linger.ms": 0, "acks": 1})
        try:
            deadline = time.monotonic() + _CHECK_SECONDS
            producer.produce(_PROBE, b"ready", on_delivery=seen.delivery)
            while seen.offset is None:
                producer.poll(_POLL_SECONDS)
                seen.check(deadline)
            # Without this, the next look for the partition's leader may be a second off.
            consumer.list_topics(_PROBE, timeout=_CHECK_SECONDS)
            consumer.assign([kafka.TopicPartition(_PROBE, 0, seen.offset)])
            while (record := consumer.poll(_POLL_SECONDS)) is None or record.error():
                seen.check(deadline)
        finally:
            producer.purge()
            del producer  # ends it; versions before 2.13 have no close()
            consumer.close()

    def load(self) -> None:
        import confluent_kafka.admin  # noqa: F401


class _Seen:
    """What the callbacks of a check have been told."""

    def __init__(self) -> None:
        self.offset: int | None = None
        self._refused: str | None = None
        self._last = "no answer"

    def error(self, error: "KafkaError") -> None:
        if error.name() in ("_AUTHENTICATION", "SASL_AUTHENTICATION_FAILED"):
            self._refused = error.str()
        self._last = error.str()

    def delivery(self, error: "KafkaError | None", record: "Message") -> None:
        if error is None:
            self.offset = record.offset()
        else:
            self.error(error)

    def check(self, deadline: float) -> None:
        """Raises what there is no use in waiting for."""
        if self._refused:
            raise PermissionError(self._refused)
        if time.monotonic() >= deadline:
            raise TimeoutError(
                f"timed out after {_CHECK_SECONDS:g} s, with no record produced and consumed: "
                f"{self._last}"
            )


def _cluster_id() -> str:
    """16 bytes, as Kafka makes them; none that begins like an option."""
    name = base64.urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()
    return name.replace("-", "A", 1) if name.startswith("-") else name

"""Kafka: `dockertest.start(Kafka())`."""

import base64
import itertools
import secrets
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from pkg.dockertest.errors import InvalidOption, SchemaFailed
from pkg.dockertest.service import Running, Server, Service, matching, whole_number
from pkg.dockertest.snapshots.content import Content

if TYPE_CHECKING:
    from confluent_kafka import KafkaError, Message
    from confluent_kafka.admin import AdminClient

_PORT = 9092
ADMINISTRATOR = "berth"
PROBE = "__berth_ready"  # in the prepared image
_TOPIC = r"(?!(?:\.{1,2}|__.*)$)[a-zA-Z0-9._-]{1,249}"
_TOPIC_RULE = "1 to 249 letters, digits, dots, underscores and hyphens, with no two _ in front"
_MOST_PARTITIONS = 1000
_MAKE_SECONDS = 60.0
_CHECK_SECONDS = 1.0
_POLL_SECONDS = 0.02  # an error is seen no later than this


@dataclass(frozen=True, kw_only=True)
class KafkaServer(Server):
    """A Kafka broker that is ready for use.

    Attributes:
        user: who authenticates; on a fresh server, it may do everything.
        password: of that user.
        mechanism: how it authenticates, by SASL's names: PLAIN, or SCRAM-SHA-256 for a shared
            server's tenant.
    """

    user: str
    password: str = field(repr=False)
    mechanism: str = "PLAIN"

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
            "sasl.mechanism": self.mechanism,
            "sasl.username": self.user,
            "sasl.password": self.password,
        }

    def client(self) -> "AdminClient":
        """A new AdminClient of confluent-kafka."""
        from confluent_kafka.admin import AdminClient

        return AdminClient(self.config)


@dataclass(frozen=True)
class Topic:
    """A topic that is there from the start.

    Attributes:
        name: the topic's.
        partitions: how many it has.
        config: of the topic, by Kafka's names, such as {"cleanup.policy": "compact"}.

    Raises:
        InvalidOption: the name is none that Kafka takes, or another one is no topic's.
    """

    name: str
    partitions: int = 1
    config: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        matching("Topic", "name", self.name, _TOPIC, _TOPIC_RULE)
        whole_number("Topic", "partitions", self.partitions, 1, _MOST_PARTITIONS)
        is_dict = isinstance(self.config, Mapping)
        texts = [*self.config, *self.config.values()] if is_dict else [None]
        if not all(isinstance(text, str) for text in texts):
            raise InvalidOption(f"Topic(config={self.config!r}): config must be a dict of texts")
        object.__setattr__(self, "config", dict(self.config))


@dataclass(frozen=True)
class Kafka(Service[KafkaServer]):
    """A Kafka broker, its own controller, with its log in memory; topics are made on first use.

    Attributes:
        topics: topics that are there when the test gets the server: names, or `Topic`s, or a dict
            of names and numbers of partitions. See `docs/snapshots.md`.

    Raises:
        InvalidOption: a topic is none, or is there twice.
    """

    topics: Sequence[str | Topic] | Mapping[str, int] = ()

    service: ClassVar[str] = "kafka"
    ports: ClassVar[tuple[int, ...]] = (_PORT,)
    memory_mb: ClassVar[int] = 1024
    advertises: ClassVar[bool] = True
    server_options: ClassVar[tuple[str, ...]] = ("topics",)

    def __post_init__(self) -> None:
        topics = tuple(_topics(self.topics))
        for one, other in itertools.pairwise(sorted(topic.name for topic in topics)):
            if one == other:
                raise InvalidOption(f"Kafka(topics=…): {one} is there twice")
        object.__setattr__(self, "topics", topics)

    def content(self) -> Content | None:
        topics = tuple(_topics(self.topics))
        if not topics:
            return None
        parts = [(one.name, one.partitions, sorted(one.config.items())) for one in topics]
        return Content(
            "Kafka(topics=…)",
            ("topics", *sorted(parts)),
            lambda server: _make(server, topics),
            environment={"KAFKA_CONTROLLED_SHUTDOWN": "true"},
        )

    def environment(self, ports: Mapping[int, int]) -> dict[str, str]:
        return {
            "KAFKA_PORT": str(ports[_PORT]),
            "KAFKA_CLUSTER_ID": _cluster_id(),
            "KAFKA_USER": ADMINISTRATOR,
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
        probe = server.name(PROBE)
        config = {
            **server.config,
            # Nobody listens at first, and nothing is said about that.
            "reconnect.backoff.ms": 20,
            "reconnect.backoff.max.ms": 40,
            "log_level": 0,
            "error_cb": seen.error,
        }
        consumer = kafka.Consumer(
            {**config, "group.id": probe, "enable.auto.commit": False, "fetch.wait.max.ms": 10}
        )
        producer = kafka.Producer({**config, "linger.ms": 0, "acks": 1})
        try:
            deadline = time.monotonic() + _CHECK_SECONDS
            producer.produce(probe, b"ready", on_delivery=seen.delivery)
            while seen.offset is None:
                producer.poll(_POLL_SECONDS)
                seen.check(deadline)
            # Without this, the next look for the partition's leader may be a second off.
            consumer.list_topics(probe, timeout=_CHECK_SECONDS)
            consumer.assign([kafka.TopicPartition(probe, 0, seen.offset)])
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


def _topics(topics: object) -> Iterator[Topic]:
    """The topics, whichever way they are written."""
    if isinstance(topics, Mapping):
        yield from (Topic(name, partitions) for name, partitions in topics.items())
        return
    if isinstance(topics, str | bytes) or not isinstance(topics, Iterable):
        raise InvalidOption(
            f"Kafka(topics={topics!r}): topics must be a list of names or Topics, or a dict of "
            "names and numbers of partitions"
        )
    for one in topics:
        yield one if isinstance(one, Topic) else Topic(one)


def _make(server: KafkaServer, topics: Sequence[Topic]) -> None:
    from confluent_kafka.cimpl import NewTopic

    client = server.client()
    made = client.create_topics(
        [
            NewTopic(one.name, one.partitions, replication_factor=1, config=dict(one.config))
            for one in topics
        ],
        operation_timeout=_MAKE_SECONDS,  # until their partitions are there
        request_timeout=_MAKE_SECONDS,
    )
    for name, future in made.items():
        try:
            future.result()
        except Exception as error:
            raise SchemaFailed(f"Kafka(topics=…): the topic {name} was refused: {error}") from error


def _cluster_id() -> str:
    """16 bytes, as Kafka makes them; none that begins like an option."""
    name = base64.urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()
    return name.replace("-", "A", 1) if name.startswith("-") else name

"""A tenant of Kafka: a user with all rights on the topics, groups and transactional ids that begin
with its prefix, and no other. What Kafka lets every user do, docs/containers.md says.
"""

import dataclasses
import secrets
import time
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from pkg.dockertest import InvalidOption, SchemaFailed, Service
from pkg.dockertest.kafka import ADMINISTRATOR, Kafka, KafkaServer, Topic
from pkg.testutil.containers.tenant import Tenancy
from pkg.testutil.containers.tenants import kafka_stock
from pkg.testutil.containers.tenants.kafka_admin import Admin, Refused

_SCRAM = "SCRAM-SHA-256"
_LONGEST_TOPIC = 249
_DROP_SECONDS = 30.0
_YEAR_SECONDS = 31536000
_PROPERTIES = (
    "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    # Nobody is the node itself, whose listeners are in its container.
    f"super.users=User:{ADMINISTRATOR};User:ANONYMOUS",
    f"listener.name.client.sasl.enabled.mechanisms=PLAIN,{_SCRAM}",
    "listener.name.client.scram-sha-256.sasl.jaas.config="
    "org.apache.kafka.common.security.scram.ScramLoginModule required;",
    # The controller writes at once, which is 25 ms sooner.
    "controller.quorum.append.linger.ms=0",
    # A connection that ends tells that the broker has.
    f"connections.max.idle.ms={_YEAR_SECONDS * 1000}",
    # What was removed gives its memory back.
    "log.initial.task.delay.ms=1000",
    "log.segment.delete.delay.ms=1000",
)


class KafkaTenancy(Tenancy[KafkaServer]):
    """The tenants of one broker, over one connection that stays open."""

    service: ClassVar[str] = "kafka"
    options: ClassVar[tuple[str, ...]] = ("topics",)
    refused: ClassVar[str] = r"(?i)(topic|group|transactional.?id|cluster).?authorization.?failed"
    instead: ClassVar[str] = (
        "The names of its topics, groups and transactional ids are made by name():\n"
        "kafka.name('x'), not 'x'."
    )

    def __init__(self, whole: KafkaServer) -> None:
        super().__init__(whole)
        self._admin = Admin(whole.host, whole.port, whole.user, whole.password)

    @classmethod
    def environment(cls) -> dict[str, str]:
        # The value is written to the end of a line of the broker's properties: others may follow.
        return {"KAFKA_CONTROLLED_SHUTDOWN": "\n".join(("false", *_PROPERTIES))}

    def open(self, name: str, service: Service[KafkaServer]) -> KafkaServer:
        assert isinstance(service, Kafka)
        prefix = f"{name}-"
        topics = [one for one in service.topics if isinstance(one, Topic)]
        for topic in topics:
            if len(prefix + topic.name) > _LONGEST_TOPIC:
                raise InvalidOption(
                    f"containers.start(Kafka(topics=…)): {topic.name} is too long: with the prefix "
                    f"{prefix}, a topic's name may have {_LONGEST_TOPIC} letters"
                )
        password = secrets.token_hex(16)
        # The user first: as long as it is there, the tenant is known.
        self._admin.make_user(name, password)
        self._admin.allow(name, prefix)
        if topics:
            wanted = [(prefix + one.name, one.partitions, one.config) for one in topics]
            try:
                self._admin.make_topics(wanted)
            except Refused as error:
                raise SchemaFailed(f"containers.start(Kafka(topics=…)): {error}") from error
        return dataclasses.replace(
            self.whole, user=name, password=password, prefix=prefix, mechanism=_SCRAM
        )

    def drop(self, name: str) -> None:
        """Kafka cannot end a user's connections; they can do nothing any more."""
        self._admin.forbid(name)
        deadline = time.monotonic() + _DROP_SECONDS
        while left := self._remove(f"{name}-"):
            if time.monotonic() > deadline:
                raise TimeoutError(f"Kafka did not remove within {_DROP_SECONDS:g} s: {left}")
        self._admin.remove_user(name)

    def _remove(self, prefix: str) -> list[str]:
        """Asks for all to be removed; returns what was there."""
        transactions = [one for one in self._admin.transactions() if one.startswith(prefix)]
        for transaction in transactions:
            self._admin.abort(transaction)
        topics = [one for one in self._admin.topics() if one.startswith(prefix)]
        if topics:
            self._admin.remove_topics(topics)
        groups = {
            name: kind for name, kind in self._admin.groups().items() if name.startswith(prefix)
        }
        if groups:
            self._admin.remove_groups(groups)
        return [*transactions, *topics, *groups]

    def names(self) -> Iterable[str]:
        return self._admin.users()

    def stock(self) -> Mapping[str, Any]:
        return kafka_stock.stock(self._admin)


TENANCY = KafkaTenancy

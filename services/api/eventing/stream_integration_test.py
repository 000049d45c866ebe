"""Verifications arrive on a real broker as they were published, also ones from an outage."""

from pathlib import Path

import pytest

from pkg.clock import SystemClock
from pkg.dockertest import Scope
from pkg.dockertest.kafka import Kafka
from pkg.eventstream import Producer
from pkg.testutil import eventually
from services.api.eventing import VERIFICATIONS, Stream
from services.api.events import Events, Verified
from services.api.testutil.topic import arriving

pytestmark = pytest.mark.services(Kafka(topics={VERIFICATIONS.name: 3}))


def event(number: int) -> Verified:
    """One of two keys'."""
    return Verified(
        id=f"ver_{number}",
        time=number,
        request_id=f"req_{number}",
        workspace_id="ws_1",
        api_id="api_1",
        keyspace_id="ks_1",
        key_id=f"key_{number % 2}",
        external_id="user_1",
        outcome="VALID",
        cost=1,
        tags=("path=/ä",),
    )


def test_verifications_arrive(dockertest: Scope, tmp_path: Path) -> None:
    """Each key's in their order, with all that is in them; the broker may be away meanwhile."""
    kafka = dockertest.start(Kafka(topics={VERIFICATIONS.name: 3}))
    sent = [event(number) for number in range(200)]
    got: list[Verified] = []

    with Producer(tmp_path, kafka.config, clock=SystemClock(), prefix=kafka.prefix) as producer:
        stream: Events = Stream(producer)
        for each in sent[:50]:
            stream.publish(each)
        for each in sent[50:100]:
            assert stream.offer(each)
        kafka.container.pause()
        for each in sent[100:]:
            stream.publish(each)
        kafka.container.resume()
        with arriving(kafka, got.extend):
            eventually(lambda: {each.id for each in got} == {each.id for each in sent}, within=60)
    first_seen = list({each.id: each for each in got}.values())
    for key_id in ("key_0", "key_1"):
        assert [each for each in first_seen if each.key_id == key_id] == [
            each for each in sent if each.key_id == key_id
        ]

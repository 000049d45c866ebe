"""The whole: keys that are shown again by a vault on S3, and verifications on Kafka and from there.

By the SDK, from a verification to the query that tells it.
"""

from collections.abc import Callable
from typing import Any

import confluent_kafka
import pytest
from unkey.py import Unkey

from pkg.testutil import eventually
from services.api.consumer.relay import GROUP
from services.api.domain.secret import digest
from services.api.eventing import VERIFICATIONS
from services.api.store.tables import METADATA
from services.api.testutil.whole import WholeApiHarness
from services.api.wire.keys import CREATE_KEY, GET_KEY, CreateKeyRequest, GetKeyRequest
from services.api.wire.verification import VERIFY_KEY, VerifyKeyRequest

h = WholeApiHarness.fixture()


@pytest.fixture
def sdk(h: WholeApiHarness) -> Unkey:
    """In a workspace of its own."""
    return h.sdk()


def told(sdk: Unkey) -> list[tuple[str, int]]:
    """How often there was which outcome, as the analytics tell it."""
    rows = sdk.analytics.get_verifications(
        query="SELECT outcome, count() AS n FROM key_verifications_v1 GROUP BY outcome ORDER BY n"
    ).data
    return [(each["outcome"], each["n"]) for each in rows]


def consumed(h: WholeApiHarness) -> int:
    """How many events the consumer that has stopped last has written."""
    inserted: int = h.logs.of("stopped")[-1]["inserted"]
    return inserted


def rewind(h: WholeApiHarness) -> None:
    """Has the consumer's group begin anew with the oldest events, as if it had never committed."""
    topic = h.kafka.name(VERIFICATIONS.name)
    group = f"{h.kafka.prefix}{GROUP}"
    member = confluent_kafka.Consumer({**h.kafka.config, "group.id": group})
    parts = member.list_topics(topic, timeout=30).topics[topic].partitions
    begin = [confluent_kafka.TopicPartition(topic, number, 0) for number in parts]
    member.commit(offsets=begin, asynchronous=False)
    member.close()


def in_mysql(h: WholeApiHarness) -> str:
    """All rows of all tables."""
    with h.db.read() as connection:
        return str([connection.execute(t.select()).all() for t in METADATA.sorted_tables])


def in_redis(h: WholeApiHarness) -> str:
    """All names and values."""
    with h.redis.client() as client:
        read: dict[bytes, Callable[[bytes], Any]] = {
            b"string": client.get,
            b"hash": client.hgetall,
            b"zset": lambda name: client.zrange(name, 0, -1),
        }
        return str([(name, read[client.type(name)](name)) for name in h.redis.scan()])


def test_a_key_comes_back_from_the_vault(h: WholeApiHarness) -> None:
    """Whoever has made it; in the database there is none of it."""
    ws = h.create_workspace()
    api, root_key = h.create_api(ws.id), h.create_root_key(ws.id)
    asked = CreateKeyRequest(api_id=api.id, recoverable=True)
    made = h.call(CREATE_KEY, asked, root_key).ok.data
    seeded = h.create_key(api, recoverable=True)
    for key_id, text in ((made.key_id, made.key), (seeded.id, seeded.text)):
        told = h.call(GET_KEY, GetKeyRequest(key_id=key_id, decrypt=True), root_key).ok.data
        assert told.plaintext == text
        stored = h.keys.ciphertext(key_id)
        assert stored is not None
        assert text.encode() not in stored


def test_verifications_arrive_on_the_broker(h: WholeApiHarness) -> None:
    """Each once."""
    ws = h.create_workspace()
    key, root_key = h.create_key(h.create_api(ws.id)), h.create_root_key(ws.id)
    for _ in range(3):
        assert h.call(VERIFY_KEY, VerifyKeyRequest(key=key.text), root_key).ok.data.valid
    eventually(lambda: len(h.events) == 3, within=60)
    assert {(each.workspace_id, each.key_id) for each in h.events} == {(ws.id, key.id)}


def test_a_query_tells_each_verification_once(h: WholeApiHarness, sdk: Unkey) -> None:
    """From verifyKey by way of Kafka and the consumer; also after it had to begin anew."""
    api_id = sdk.apis.create_api(name="payments").data.api_id
    key: Any = sdk.keys.create_key(api_id=api_id, credits={"remaining": 4}).data

    def verify(code: str) -> None:
        assert sdk.keys.verify_key(key=key.key).data.code == code

    for code in ["VALID"] * 3:
        verify(code)
    with h.consuming():
        eventually(lambda: told(sdk) == [("VALID", 3)], within=60)
    assert consumed(h) == 3
    rewind(h)
    for code in ("VALID", "USAGE_EXCEEDED"):
        verify(code)
    # All are of one key, so of one partition, and what came first is written first.
    with h.consuming():
        eventually(lambda: ("USAGE_EXCEEDED", 1) in told(sdk), within=60)
    assert consumed(h) == 5
    assert told(sdk) == [("USAGE_EXCEEDED", 1), ("VALID", 4)]


def test_no_text_of_a_key_is_stored(h: WholeApiHarness) -> None:
    """Nor is a root key's: not by any server, and not in the log. MySQL has their SHA-256."""
    root_key = h.create_root_key(h.create_workspace().id)
    sdk = h.sdk(root_key)
    api_id = sdk.apis.create_api(name="payments").data.api_id
    limit: Any = {"name": "requests", "limit": 9, "duration": 60_000, "auto_apply": True}
    made: list[Any] = [
        sdk.keys.create_key(api_id=api_id, recoverable=recoverable, ratelimits=[limit]).data
        for recoverable in (True, False)
    ]
    made += [sdk.keys.reroll_key(key_id=each.key_id, expiration=None).data for each in made]
    for each in made:
        assert sdk.keys.verify_key(key=each.key).data.valid
        assert sdk.keys.whoami(key=each.key).data.key_id == each.key_id
    eventually(lambda: len(h.events) == len(made), within=60)
    with h.consuming():
        eventually(lambda: told(sdk) == [("VALID", len(made))], within=60)
    with h.clickhouse.client() as client:
        in_clickhouse = str(client.execute("SELECT * FROM verifications_v1"))
    stored = in_mysql(h)
    everything = "".join((stored, in_redis(h), str(h.events), in_clickhouse, h.logs.text))
    for text in (root_key, *(each.key for each in made)):
        assert text not in everything
        assert str(digest(text)) in stored
    assert all(each.key_id in place for each in made for place in (stored, in_clickhouse))

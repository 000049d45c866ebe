"""The consumer on a real broker: each event at least once, whoever ends."""

import itertools
import json
import signal
import threading
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException, TopicPartition
from confluent_kafka import Producer as KafkaProducer

from pkg.clock import FakeClock, SystemClock
from pkg.dockertest import Scope
from pkg.dockertest.kafka import Kafka, KafkaServer
from pkg.eventstream import Bad, Closed, Consumer, Json, Topic
from pkg.eventstream.orders import ORDERS, Order, consumer, order, running, with_topic
from pkg.testutil import eventually, processes

# Handles one batch after another and says which, until it is killed; then it is asked whether
# it may go on.
HANDLING = """
import sys, json
from pkg.clock import SystemClock
from pkg.eventstream import Consumer
from pkg.eventstream.orders import ORDERS

def handle(orders):
    print(" ".join(one.id for one in orders), flush=True)
    sys.stdin.readline()

config, prefix = json.loads(sys.argv[1]), sys.argv[2]
clock = SystemClock()
Consumer(ORDERS, config, group="shipping", clock=clock, prefix=prefix, batch=50).run(handle)
"""


@pytest.fixture(scope="module")
def broker(dockertest_module: Scope) -> KafkaServer:
    return dockertest_module.start(Kafka())


@pytest.fixture
def kafka(broker: KafkaServer) -> KafkaServer:
    """The module's broker, with a topic of this test's own."""
    return with_topic(broker, 4)


def produce(server: KafkaServer, *values: bytes | Order) -> None:
    with closing(KafkaProducer(server.config)) as client:
        for number, value in enumerate(values):
            data = value if isinstance(value, bytes) else ORDERS.codec.encode(value)
            client.produce(server.name("orders"), data, key=f"{number % 11}")
        assert client.flush(20) == 0


class Seen:
    """Handles events, and counts them."""

    def __init__(self) -> None:
        self.ids: Counter[str] = Counter()
        self.batches: list[list[Order]] = []

    def __call__(self, events: Sequence[Order]) -> None:
        self.batches.append(list(events))
        self.ids.update(one.id for one in events)

    def has(self, numbers: range) -> bool:
        return all(order(number).id in self.ids for number in numbers)


def test_events_are_handled_in_batches_and_once(kafka: KafkaServer) -> None:
    """As long as nothing fails; a member that comes later goes on where the first has ended."""
    seen = Seen()
    produce(kafka, *map(order, range(500)))
    with running(first := consumer(kafka, batch=100), seen):
        eventually(lambda: seen.has(range(500)))
    assert max(map(len, seen.batches)) <= 100
    assert first.stats.handled == 500
    produce(kafka, *map(order, range(500, 600)))
    with running(consumer(kafka), seen):
        eventually(lambda: seen.has(range(600)))
    assert set(seen.ids.values()) == {1}
    with pytest.raises(Closed, match="a consumer runs once"):
        first.run(seen)


def test_what_a_handler_has_failed_at_comes_again(kafka: KafkaServer, clock: FakeClock) -> None:
    """After a pause by the clock, twice as long each time; nothing behind it is handled before."""
    seen = Seen()
    failures: list[int] = []
    failing = threading.Event()
    failing.set()

    def handle(events: Sequence[Order]) -> None:
        if failing.is_set():
            raise ConnectionError("not now")
        seen(events)

    produce(kafka, *map(order, range(300)))
    with running(mine := consumer(kafka, clock=clock, batch=100), handle):
        for seconds in (0.1, 0.2, 0.4):
            clock.until_waiting()
            failures.append(mine.stats.failed)
            clock.advance(seconds - 0.01)
            clock.until_waiting()
            assert mine.stats.failed == failures[-1]
            clock.advance(0.01)
            eventually(lambda: mine.stats.failed > failures[-1])
        failing.clear()
        clock.until_waiting()
        clock.advance(10)
        eventually(lambda: seen.has(range(300)))
    assert set(seen.ids.values()) == {1}
    by_key: dict[int, list[int]] = {}
    for one in itertools.chain(*seen.batches):
        by_key.setdefault(one.number % 11, []).append(one.number)
    assert all(numbers == sorted(numbers) for numbers in by_key.values())


class Unseeking:
    """A client that can't go back."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.refused = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def seek(self, place: TopicPartition) -> None:
        self.refused += 1
        raise KafkaException(KafkaError(KafkaError._STATE))


def test_a_client_that_can_not_go_back_joins_anew(kafka: KafkaServer) -> None:
    """What a handler has failed at comes again all the same, and nothing is passed over."""
    seen = Seen()
    failures = iter([True, False, True])

    def handle(events: Sequence[Order]) -> None:
        if next(failures, False):
            raise ConnectionError("not now")
        seen(events)

    produce(kafka, *map(order, range(300)))
    mine = consumer(kafka, batch=50)
    client = Unseeking(mine._client)
    mine._client = client  # type: ignore[assignment]
    with running(mine, handle):
        eventually(lambda: seen.has(range(300)), within=60)
    assert client.refused


def test_a_record_that_is_no_event_is_set_aside(
    kafka: KafkaServer, caplog: pytest.LogCaptureFixture
) -> None:
    """The events around it are handled; the log has its place and not its content."""
    bad: list[Bad] = []
    seen = Seen()
    produce(kafka, *map(order, range(10)), b"{hunter2", b"", *map(order, range(10, 20)))
    with running(mine := consumer(kafka, on_bad=bad.append), seen):
        eventually(lambda: seen.has(range(20)) and mine.stats.bad == 2)
    assert {one.value for one in bad} == {b"{hunter2", b""}
    for one in bad:
        assert (
            f"{kafka.name('orders')}, partition {one.partition}, offset {one.offset} is no event"
            in caplog.text
        )
    assert "hunter2" not in caplog.text
    with running(consumer(kafka, on_bad=bad.append), seen):
        produce(kafka, order(20))
        eventually(lambda: seen.has(range(21)))
    assert len(bad) == 2


def test_what_takes_the_bad_may_fail(kafka: KafkaServer, clock: FakeClock) -> None:
    """Then they come again: nothing is passed over before it was taken."""
    tries: list[Bad] = []

    def take(record: Bad) -> None:
        tries.append(record)
        if len(tries) == 1:
            raise OSError("no room")

    produce(kafka, b"bad")
    with running(mine := consumer(kafka, clock=clock, on_bad=take), Seen()):
        clock.until_waiting()
        assert (mine.stats.bad, mine.stats.failed) == (0, 1)
        clock.advance(1)
        eventually(lambda: mine.stats.bad == 1)
    assert tries[0] == tries[1]


def test_a_member_killed_within_its_handler_loses_nothing(kafka: KafkaServer) -> None:
    """Between the handler's work and its being noted: the batch comes again, to another member."""
    seen, said = Seen(), Counter[str]()
    produce(kafka, *map(order, range(1000)))

    config = {**kafka.config, "session.timeout.ms": 6000}
    with processes.python(HANDLING, json.dumps(config), kafka.prefix) as process:
        for _ in range(3):
            said.update(processes.line(process).split())
            assert process.stdin
            process.stdin.write("on\n")
            process.stdin.flush()
        last = processes.line(process).split()
        process.send_signal(signal.SIGKILL)
    with running(consumer(kafka), seen):
        eventually(lambda: len(seen.ids | said) == 1000, within=30)
        eventually(lambda: seen.ids.keys() >= set(last), within=30)
    assert set(seen.ids.values()) == {1}


def test_members_share_and_one_that_is_killed_is_replaced(kafka: KafkaServer) -> None:
    """Both get events; what the killed one had goes to the other; nothing is lost."""
    seen, said = Seen(), set[str]()

    config = {**kafka.config, "session.timeout.ms": 6000}
    numbers = itertools.count()
    with (
        processes.python(HANDLING, json.dumps(config), kafka.prefix) as process,
        running(consumer(kafka), seen),
    ):

        def both_have_some() -> bool:
            produce(kafka, *(order(next(numbers)) for _ in range(50)))
            assert process.stdin
            process.stdin.write("on\n")
            process.stdin.flush()
            return bool(seen.ids) and bool(said)

        def read() -> None:
            for line in process.stdout or ():
                said.update(line.split())

        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        eventually(both_have_some, within=30, every=0.2)
        process.send_signal(signal.SIGKILL)
        reader.join(10)
        produce(kafka, *(order(next(numbers)) for _ in range(200)))
        total = next(numbers)
        eventually(lambda: len(seen.ids.keys() | said) == total, within=30)


def test_a_member_that_leaves_hands_over(kafka: KafkaServer) -> None:
    """At its stop, what it has handled is known: the other one does not handle it again."""
    one, other = Seen(), Seen()
    numbers = itertools.count()

    def gets_some(seen: Seen) -> bool:
        produce(kafka, *(order(next(numbers)) for _ in range(50)))
        return bool(seen.ids)

    with running(consumer(kafka, batch=20), one):
        eventually(lambda: gets_some(one), within=20, every=0.2)
        with running(consumer(kafka, batch=20), other):
            eventually(lambda: gets_some(other), within=20, every=0.2)
        produce(kafka, *(order(next(numbers)) for _ in range(200)))
        total = next(numbers)
        eventually(lambda: len(one.ids | other.ids) == total, within=20)
    assert set((one.ids + other.ids).values()) == {1}


@pytest.mark.parametrize("fault", ["killed", "paused"])
def test_a_broker_that_comes_back_is_consumed_on(dockertest: Scope, fault: str) -> None:
    """Without a restart of the consumer."""
    kafka = dockertest.start(Kafka(topics={"orders": 4}))
    seen = Seen()
    produce(kafka, *map(order, range(100)))
    with running(consumer(kafka), seen):
        eventually(lambda: seen.has(range(100)))
        if fault == "killed":
            kafka.container.kill()
            SystemClock().sleep(1)
            kafka.container.restart()
        else:
            kafka.container.pause()
            SystemClock().sleep(1)
            kafka.container.resume()
        produce(kafka, *map(order, range(100, 200)))
        eventually(lambda: seen.has(range(200)), within=60)


def test_a_consumer_ends_though_the_broker_hangs(
    kafka: KafkaServer, caplog: pytest.LogCaptureFixture
) -> None:
    """A service can be stopped during an outage; what was not noted comes again."""
    seen = Seen()
    produce(kafka, order(0))
    with running(consumer(kafka), seen):
        eventually(lambda: seen.ids)
        kafka.container.pause()
    assert "was not told that a member has left" in caplog.text


def test_a_consumer_may_come_before_its_topic(broker: KafkaServer) -> None:
    """It gets the events once there are some."""
    seen = Seen()
    config: dict[str, Any] = {**broker.config, "topic.metadata.refresh.interval.ms": 200}
    mine = Consumer(Topic("later", Json(Order)), config, group="shipping", clock=SystemClock())
    with running(mine, seen), closing(KafkaProducer(broker.config)) as client:
        client.produce("later", ORDERS.codec.encode(order(1)))
        assert client.flush(20) == 0
        eventually(lambda: seen.ids, within=30)


def test_a_config_that_is_none_is_told_at_once() -> None:
    """With what librdkafka says."""
    with pytest.raises(ValueError, match=r"the consumer's config: .*no\.such\.option"):
        Consumer(ORDERS, {"no.such.option": 1}, group="a", clock=SystemClock())

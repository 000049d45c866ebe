"""The producer on a real broker that is there, goes away, and comes back."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from pkg.clock import SystemClock
from pkg.dockertest import Scope
from pkg.dockertest.kafka import Kafka, KafkaServer
from pkg.eventstream import BufferFull, Closed, FolderUnusable, Limits, Producer, Refused
from pkg.eventstream.orders import ORDERS, Order, on_broker, order, producer, with_topic
from pkg.testutil import eventually, processes

FAULTS: dict[str, tuple[Callable[[KafkaServer], None], Callable[[KafkaServer], None]]] = {
    "paused": (lambda at: at.container.pause(), lambda at: at.container.resume()),
    "killed": (lambda at: at.container.kill(), lambda at: at.container.restart()),
    "cut off": (lambda at: at.container.cut(), lambda at: at.container.heal()),
    "deaf": (lambda at: at.container.cut(direction="up"), lambda at: at.container.heal()),
    "mute": (lambda at: at.container.cut(direction="down"), lambda at: at.container.heal()),
    "resetting": (lambda at: at.container.cut(reset=True), lambda at: at.container.heal()),
    "slow": (lambda at: at.container.slow(latency=0.2, jitter=0.1), lambda at: at.container.heal()),
}


@pytest.fixture(scope="module")
def broker(dockertest_module: Scope) -> KafkaServer:
    return dockertest_module.start(Kafka().proxied())


@pytest.fixture
def kafka(broker: KafkaServer) -> KafkaServer:
    """The module's broker, with a topic of this test's own."""
    return with_topic(broker, 3)


def all_sent(one: Producer) -> None:
    eventually(lambda: one.stats.sent == one.stats.published, within=60)


def test_events_arrive_once_and_in_order(kafka: KafkaServer, tmp_path: Path) -> None:
    """Each key's, on a broker that has no faults; and nothing is left on the disk."""
    with producer(kafka, tmp_path) as mine:
        for number in range(5000):
            mine.publish(ORDERS, order(number))
        assert mine.close()
        assert (mine.stats.sent, mine.stats.waiting_bytes) == (5000, 0)
    assert list(tmp_path.iterdir()) == []
    found = on_broker(kafka, (order(number).id for number in range(5000)))
    assert set(found.values()) == {1}


@pytest.mark.parametrize("fault", FAULTS)
def test_nothing_is_lost(kafka: KafkaServer, tmp_path: Path, fault: str) -> None:
    """Published before a fault begins, while it lasts, and when it has ended; without a restart."""
    begin, end = FAULTS[fault]
    numbers = iter(range(100_000))
    expected: list[str] = []

    def publish(count: int) -> None:
        for _ in range(count):
            one = order(next(numbers))
            mine.publish(ORDERS, one)
            expected.append(one.id)

    with producer(kafka, tmp_path) as mine:
        publish(2000)
        eventually(lambda: mine.stats.sent)
        publish(2000)  # on their way
        begin(kafka)
        publish(3000)
        SystemClock().sleep(1)
        publish(1000)
        end(kafka)
        publish(2000)
        all_sent(mine)
    on_broker(kafka, expected)


def test_a_broker_that_hangs_costs_the_caller_nothing(kafka: KafkaServer, tmp_path: Path) -> None:
    """Each event is taken while none is sent."""
    with producer(kafka, tmp_path) as mine:
        kafka.container.pause()
        for number in range(3000):
            mine.publish(ORDERS, order(number))
        stats = mine.stats
        assert (stats.published, stats.sent) == (3000, 0)
        assert stats.waiting_bytes > 3000 * 50
        assert eventually(lambda: mine.stats.oldest_seconds > 0.1)
        kafka.container.resume()
        all_sent(mine)


def test_an_outage_that_is_too_long_is_told(kafka: KafkaServer, tmp_path: Path) -> None:
    """When the buffer is full; all that was taken arrives, and then events are taken again."""
    small = Limits(bytes=64 << 10, segment_bytes=16 << 10, event_bytes=2000)
    taken: list[str] = []

    def is_taken() -> bool:
        one = order(len(taken))
        try:
            mine.publish(ORDERS, one)
        except BufferFull:
            return False
        taken.append(one.id)
        return True

    with producer(kafka, tmp_path, limits=small) as mine:
        kafka.container.pause()
        while is_taken():
            assert len(taken) < 10_000
        assert (mine.stats.published, mine.stats.turned_away) == (len(taken), 1)
        kafka.container.resume()
        all_sent(mine)
        eventually(is_taken)
        all_sent(mine)
    on_broker(kafka, taken)


def test_what_a_close_has_not_sent_the_next_one_sends(kafka: KafkaServer, tmp_path: Path) -> None:
    """A close ends in time, whatever the broker does, and says that something is left."""
    mine = producer(kafka, tmp_path)
    kafka.container.pause()
    mine.publish(ORDERS, order(1))
    assert not mine.close(0.2)
    with pytest.raises(Closed):
        mine.publish(ORDERS, order(2))
    kafka.container.resume()
    with producer(kafka, tmp_path) as next_one:
        eventually(lambda: next_one.stats.adopted == 1)
        assert next_one.close()
    on_broker(kafka, [order(1).id])


def test_a_sync_outlives_the_machine_as_far_as_a_test_can_tell(
    kafka: KafkaServer, tmp_path: Path
) -> None:
    """It returns while the broker hangs, and the events are sent later."""
    with producer(kafka, tmp_path) as mine:
        kafka.container.pause()
        for number in range(1000):
            mine.publish(ORDERS, order(number))
        mine.sync()
        kafka.container.resume()
        all_sent(mine)


def test_what_the_topic_has_no_room_for_is_refused_alone(
    broker: KafkaServer, tmp_path: Path
) -> None:
    """The others in its batch are sent; whoever wants it gets it."""
    kafka = with_topic(broker, 1, **{"max.message.bytes": "3000"})
    refused: list[Refused] = []
    large = Order("large", 1, os.urandom(4000).hex())
    with producer(kafka, tmp_path, on_refused=refused.append) as mine:
        for number in range(500):
            mine.publish(ORDERS, order(number))
        mine.publish(ORDERS, large)
        for number in range(500, 1000):
            mine.publish(ORDERS, order(number))
        all_sent(mine)
        assert mine.stats.refused == 1
    reasons = [(one.topic, one.reason) for one in refused]
    assert reasons == [(kafka.name("orders"), "MSG_SIZE_TOO_LARGE")]
    assert ORDERS.codec.decode(refused[0].value) == large
    assert "large" not in on_broker(kafka, (order(number).id for number in range(1000)))


def test_what_takes_the_refused_may_fail(broker: KafkaServer, tmp_path: Path) -> None:
    """Then it is called again: nothing is dropped before it was taken."""
    kafka = with_topic(broker, 1, **{"max.message.bytes": "3000"})
    tries: list[Refused] = []

    def take(event: Refused) -> None:
        tries.append(event)
        if len(tries) == 1:
            raise OSError("no room")

    with producer(kafka, tmp_path, on_refused=take) as mine:
        mine.publish(ORDERS, Order("large", 1, os.urandom(4000).hex()))
        mine.publish(ORDERS, order(2))
        all_sent(mine)
        assert mine.stats.refused == 1
    assert len(tries) == 2


def test_a_wrong_password_holds_events_back(
    kafka: KafkaServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The log says so, without the password; who has the right one sends them."""
    wrong = {**kafka.config, "sasl.password": "hunter2"}
    with Producer(tmp_path, wrong, clock=SystemClock(), prefix=kafka.prefix) as mine:
        mine.publish(ORDERS, order(1))
        eventually(lambda: "can't be reached" in caplog.text)
        assert not mine.close(0.1)
    assert "hunter2" not in caplog.text
    with producer(kafka, tmp_path) as right:
        eventually(lambda: right.stats.sent == 1)
    on_broker(kafka, [order(1).id])


def test_a_client_that_has_failed_is_replaced(
    kafka: KafkaServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The events that it had are sent by a new one."""
    failing = {"test.mock.num.brokers": 1}
    with Producer(tmp_path, failing, clock=SystemClock(), prefix=kafka.prefix) as mine:
        sender = mine._sender
        mine.publish(ORDERS, order(1))
        eventually(lambda: mine.stats.sent == 1)
        kafka.container.pause()
        sender._config = {**sender._config, **kafka.config, "test.mock.num.brokers": 0}
        sender._is_failed = True  # as error_cb notes it
        mine.publish(ORDERS, order(2))
        kafka.container.resume()
        eventually(lambda: mine.stats.sent == 2)
    on_broker(kafka, [order(2).id])


# Ends as programs do, with all that is unwound then.
FORKING = """
import json, os, sys
from pathlib import Path
from pkg.clock import SystemClock
from pkg.eventstream import Closed, Producer
from pkg.eventstream.orders import ORDERS, order

folder, config, prefix = Path(sys.argv[1]), json.loads(sys.argv[2]), sys.argv[3]
with Producer(folder, config, clock=SystemClock(), prefix=prefix) as mine:
    child = os.fork()
    if not child:
        try:
            mine.publish(ORDERS, order(1))
        except Closed:
            sys.exit(7)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
    mine.publish(ORDERS, order(2))
    print(mine.close(60))
"""


def test_a_forked_child_cannot_publish_and_ends(kafka: KafkaServer, tmp_path: Path) -> None:
    """It takes nothing of its parent's with it: the parent goes on."""
    told = (str(tmp_path), json.dumps(kafka.config), kafka.prefix)
    with processes.python(FORKING, *told) as process:
        assert processes.line(process) == "7"
        assert processes.line(process) == "True"
    assert set(on_broker(kafka, [order(2).id])) == {order(2).id}


def test_what_can_not_work_is_told_at_once(tmp_path: Path) -> None:
    """A config that librdkafka refuses leaves nothing behind; a folder that is none is named."""
    with pytest.raises(ValueError, match=r"the producer's config: .*no\.such\.option"):
        Producer(tmp_path / "events", {"no.such.option": 1}, clock=SystemClock())
    assert list((tmp_path / "events").iterdir()) == []
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(FolderUnusable):
        Producer(tmp_path / "file", {}, clock=SystemClock())

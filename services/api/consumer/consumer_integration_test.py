"""`python -m services.api.consumer` on Kafka and ClickHouse: none is lost, none counts twice.

As a process, which is killed and stopped, while either server is away.
"""

import json
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from pkg.analytics import Client
from pkg.clock import SystemClock
from pkg.dockertest import Scope
from pkg.dockertest.clickhouse import ClickHouse, ClickHouseServer
from pkg.dockertest.kafka import Kafka, KafkaServer
from pkg.eventstream import Producer
from pkg.serving import processes
from pkg.testutil import eventually
from services.api.analytics.examples import verified
from services.api.analytics.table import VERIFICATIONS as TABLE
from services.api.eventing import VERIFICATIONS, Stream

MODULE = "services.api.consumer"
# As the consumer makes it; tried on a current ClickHouse, and the queries below.
DEFINITION = (
    "CREATE TABLE IF NOT EXISTS verifications_v1 (id String, at Int64, request_id String, "
    "workspace_id String, api_id String, keyspace_id String, key_id String, external_id String, "
    "outcome String, cost Int64, tags Array(String)) ENGINE = ReplacingMergeTree() "
    "PARTITION BY toYYYYMM(toDateTime(intDiv(at, 1000), 'UTC')) ORDER BY (workspace_id, at, id)"
)


class Process:
    """A consumer that runs.

    Attributes:
        lines: its log so far.
    """

    def __init__(self, environ: dict[str, str]) -> None:
        self.process = processes.start(MODULE, environ=environ)
        assert self.process.stderr
        self.lines: list[dict[str, Any]] = []
        self._reader = threading.Thread(target=self._read, args=(self.process.stderr,))
        self._reader.start()

    def _read(self, errors: Any) -> None:
        for line in errors:
            self.lines.append(json.loads(line))

    def said(self, *words: str) -> bool:
        """Whether a line of the log has these words in its event."""
        return any(all(word in line["event"] for word in words) for line in self.lines)

    def end(self, how: signal.Signals) -> int:
        """Sends a signal, and waits for its end."""
        self.process.send_signal(how)
        return self.ended()

    def ended(self) -> int:
        """Waits for its end; returns the exit status, with `lines` complete."""
        status = self.process.wait(timeout=60)
        self._reader.join()
        return status

    def close(self) -> None:
        """Ends it, if it still runs."""
        self.process.kill()
        self.process.wait()
        self._reader.join()
        for pipe in (self.process.stdout, self.process.stderr):
            assert pipe
            pipe.close()


class Ground:
    """A broker, a database, what publishes and what looks."""

    def __init__(self, scope: Scope, folder: Path, kafka: Kafka) -> None:
        self.kafka: KafkaServer
        self.clickhouse: ClickHouseServer
        self.kafka, self.clickhouse = scope.start(kafka, ClickHouse())
        self.folder = folder
        self.client = Client(self.clickhouse.url, clock=SystemClock(), deadline=30)
        self.published = 0

    @property
    def environ(self) -> dict[str, str]:
        return {
            "API_KAFKA_SERVERS": self.kafka.bootstrap_servers,
            "API_KAFKA_PROTOCOL": "sasl_plaintext",
            "API_KAFKA_MECHANISM": self.kafka.mechanism,
            "API_KAFKA_USER": self.kafka.user,
            "API_KAFKA_PASSWORD": self.kafka.password,
            "API_CLICKHOUSE_URL": self.clickhouse.url,
        }

    @contextmanager
    def consumer(self) -> Iterator[Process]:
        """A process that consumes, until the end of the block."""
        with closing(Process(self.environ)) as process:
            yield process

    @contextmanager
    def publishing(self) -> Iterator[Callable[[int], None]]:
        """Publishes so many more; they are on the broker when the block ends, if it is there."""
        with Producer(self.folder, self.kafka.config, clock=SystemClock()) as producer:
            stream = Stream(producer)

            def publish(count: int) -> None:
                for number in range(self.published, self.published + count):
                    stream.publish(verified(number))
                self.published += count

            yield publish

    def publish(self, count: int) -> None:
        """Publishes so many more, and waits until they are on the broker."""
        with self.publishing() as publish:
            publish(count)

    def ids(self) -> list[str]:
        """As a query sees them."""
        return [
            str(found) for (found,) in self.client.execute("SELECT id FROM verifications_v1 FINAL")
        ]

    def rows(self) -> int:
        """All that were inserted and not merged yet."""
        [(found,)] = self.client.execute("SELECT count() FROM verifications_v1")
        return int(found)

    def counts(self) -> None:
        """Each one that was published is there, and once."""
        eventually(
            lambda: self.client.execute("EXISTS TABLE verifications_v1") == [(1,)], within=60
        )
        expected = sorted(verified(number).id for number in range(self.published))
        eventually(lambda: set(self.ids()) == set(expected), within=120, every=0.2)
        assert sorted(self.ids()) == expected


@pytest.fixture
def ground(dockertest: Scope, tmp_path: Path) -> Iterator[Ground]:
    made = Ground(dockertest, tmp_path, Kafka(topics={VERIFICATIONS.name: 3}))
    yield made
    made.client.close()


def test_the_table_is_the_one_that_is_tried_on_a_current_clickhouse() -> None:
    """Word for word."""
    assert (TABLE.definition(), TABLE.once) == (DEFINITION, "verifications_v1 FINAL")


def test_verifications_arrive_and_it_stops_when_told(ground: Ground) -> None:
    """It makes the table, writes all values, says when it begins and ends, and no secret."""
    ground.publish(500)
    with ground.consumer() as consumer:
        ground.counts()
        assert consumer.end(signal.SIGTERM) == 0
    found = ground.client.execute("SELECT * FROM verifications_v1 FINAL WHERE id = 'ver_000007'")
    assert found == [
        (
            *("ver_000007", 1_767_226_020_000, "req_7", "ws_1", "api_1", "ks_1", "key_1", "user_1"),
            *("VALID", 1, ["path=/ä", "plan=free"]),
        )
    ]
    events = [line["event"] for line in consumer.lines]
    assert events == ["starting", "consuming", "stopping", "stopped"]
    assert consumer.lines[-1]["inserted"] == 500
    told = json.dumps(consumer.lines)
    assert ground.clickhouse.password not in told
    assert ground.kafka.password not in told


def test_what_was_written_before_a_stop_is_not_written_again(ground: Ground) -> None:
    """The group knows where it stands."""
    for total in (300, 600):
        ground.publish(300)
        with ground.consumer() as consumer:
            ground.counts()
            assert consumer.end(signal.SIGTERM) == 0
        assert consumer.lines[-1]["inserted"] == 300
        assert ground.rows() == total


def test_one_that_is_killed_in_the_middle_costs_nothing(ground: Ground) -> None:
    """Again and again, wherever it stands: none is lost, none counts twice."""

    def has(least: int) -> bool:
        return ground.rows() >= least

    ground.publish(40_000)
    for share in (1, 12_000, 25_000):
        with ground.consumer() as consumer:
            eventually(lambda: consumer.said("consuming"), within=60)
            eventually(partial(has, share), within=120, every=0.01)
            consumer.end(signal.SIGKILL)
    with ground.consumer():
        ground.counts()


def test_several_share_the_work(ground: Ground) -> None:
    """One of them is killed; the others take over what it had."""
    with ground.consumer(), ground.consumer() as second, ground.publishing() as publish:
        for _ in range(10):
            publish(500)
        eventually(lambda: second.said("consuming"), within=60)
        second.end(signal.SIGKILL)
        publish(500)
        ground.counts()


@pytest.mark.parametrize("fault", ["killed", "paused"])
def test_a_database_that_is_away_is_caught_up_with(ground: Ground, fault: str) -> None:
    """The log says when that begins and when it ends; what comes meanwhile is not lost."""
    at = ground.clickhouse.container
    with ground.consumer() as consumer, ground.publishing() as publish:
        publish(300)
        ground.counts()
        at.kill() if fault == "killed" else at.pause()
        publish(300)
        eventually(lambda: consumer.said("ClickHouse can't be reached"), within=60)
        at.restart() if fault == "killed" else at.resume()
        publish(300)
        ground.counts()
        eventually(lambda: consumer.said("ClickHouse serves again"), within=30)
        assert consumer.end(signal.SIGTERM) == 0
    began = [line for line in consumer.lines if "can't be reached" in line["event"]]
    assert len([line for line in began if line["level"] == "warning"]) == 1
    assert ground.clickhouse.password not in json.dumps(consumer.lines)


def test_a_broker_that_is_away_is_waited_for(ground: Ground) -> None:
    """It goes on where it stood."""
    with ground.consumer() as consumer, ground.publishing() as publish:
        publish(300)
        ground.counts()
        ground.kafka.container.kill()
        eventually(lambda: consumer.said("the broker can't be reached"), within=60)
        publish(300)
        ground.kafka.container.restart()
        ground.counts()
        eventually(lambda: consumer.said("the broker is reached again"), within=30)


@pytest.mark.parametrize("server", ["kafka", "clickhouse"])
def test_it_starts_before_its_servers(ground: Ground, server: str) -> None:
    """And stops without them."""
    ground.publish(100)
    at = getattr(ground, server).container
    at.pause()
    with ground.consumer() as stopped:
        eventually(lambda: stopped.said("starting"), within=60)
        assert stopped.end(signal.SIGTERM) == 0
        assert stopped.said("stopped")
    with ground.consumer() as consumer:
        eventually(lambda: consumer.said("starting"), within=60)
        at.resume()
        ground.counts()


def test_a_topic_that_is_made_later_is_noticed(dockertest: Scope, tmp_path: Path) -> None:
    """The first verification makes it."""
    ground = Ground(dockertest, tmp_path, Kafka())
    with ground.consumer() as consumer:
        eventually(lambda: consumer.said("consuming"), within=60)
        ground.publish(10)
        ground.counts()


def test_a_table_that_is_another_is_told(ground: Ground) -> None:
    """With what is wrong, and exit status 1: nothing would become right by itself."""
    ground.client.execute(f"CREATE TABLE {TABLE.name} (id String) ENGINE = MergeTree() ORDER BY id")
    with ground.consumer() as consumer:
        assert consumer.ended() == 1
    last = consumer.lines[-1]
    assert (last["event"], last["error"], last["level"]) == ("failed", "WrongTable", "error")
    assert "verifications_v1 is a MergeTree" in last["reason"]

"""The sender goes on, whatever goes wrong in its own process; the broker is librdkafka's mock."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import KafkaError

from pkg.clock import SystemClock
from pkg.eventstream.buffer import Buffer, Limits
from pkg.eventstream.flight import Refused
from pkg.eventstream.reach import Reach
from pkg.eventstream.sender import Sender
from pkg.testutil import eventually

MOCK = {"test.mock.num.brokers": 1}


@contextmanager
def sending(
    folder: Path, refused: list[Refused] | None = None, **config: Any
) -> Iterator[tuple[Buffer, Sender]]:
    buffer = Buffer(folder, clock=SystemClock(), limits=Limits())
    sender = Sender(
        buffer,
        {**MOCK, **config},
        clock=SystemClock(),
        refused=(refused if refused is not None else []).append,
    )
    sender.start()
    yield buffer, sender
    sender.stop(10)
    buffer.close()


def add(buffer: Buffer, count: int) -> None:
    for number in range(count):
        buffer.append(b"orders", None, b"%d" % number)


def test_an_error_that_nobody_expects_ends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Not once, and not while it begins anew."""
    with sending(tmp_path) as (buffer, sender):
        failures = iter([RuntimeError("first"), RuntimeError("second")])
        tend, connect = buffer.tend, sender._connect

        def failing(otherwise: Any) -> Any:
            if (error := next(failures, None)) is not None:
                raise error
            return otherwise()

        monkeypatch.setattr(buffer, "tend", lambda: failing(tend))
        monkeypatch.setattr(sender, "_connect", lambda: failing(connect))
        add(buffer, 100)
        eventually(lambda: sender.sent == 100, within=20)
    assert caplog.text.count("begins anew after an error") == 2


def test_a_stop_does_not_wait_for_one_that_always_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is left is the next one's."""
    clock = SystemClock()
    with sending(tmp_path) as (buffer, sender):

        def failing() -> None:
            raise RuntimeError("always")

        monkeypatch.setattr(buffer, "tend", failing)
        add(buffer, 1)
        before = clock.monotonic()
        sender.stop(60)
        assert clock.monotonic() - before < 30
    assert buffer.left_bytes
    with sending(tmp_path) as (_, next_one):
        eventually(lambda: next_one.sent == 1)


def test_what_the_client_itself_takes_for_too_large_is_refused_alone(tmp_path: Path) -> None:
    """Before the broker has seen it."""
    refused: list[Refused] = []
    with sending(tmp_path, refused, **{"message.max.bytes": 1000}) as (buffer, sender):
        add(buffer, 50)
        buffer.append(b"orders", b"a", bytes(2000))
        add(buffer, 50)
        eventually(lambda: sender.sent == 101, within=20)
    assert refused == [Refused("orders", b"a", bytes(2000), "MSG_SIZE_TOO_LARGE")]


def test_an_outage_is_two_lines_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """However many errors it has; one broken connection of many is none."""
    caplog.set_level(logging.INFO)
    reach = Reach(logging.getLogger("here"), "events wait")
    reach.lost(KafkaError(KafkaError._TRANSPORT, "10.0.0.1"))
    reach.found()
    assert caplog.text == ""
    for _ in range(3):
        reach.lost(KafkaError(KafkaError._ALL_BROKERS_DOWN, "10.0.0.1"))
    for _ in range(3):
        reach.found()
    assert [record.getMessage() for record in caplog.records] == [
        "eventstream: events wait: the broker can't be reached (_ALL_BROKERS_DOWN)",
        "eventstream: the broker is reached again",
    ]

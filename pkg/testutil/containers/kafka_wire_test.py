"""Kafka's protocol: what is sent and received."""

import contextlib
import socket
from typing import Any

import pytest

from pkg.testutil.containers.tenants.kafka_wire import Connection, decode, encode, number


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        (number(-2, 4), "ff ff ff fe"),
        (True, "01"),
        ("añ", "04 61 c3 b1"),
        (b"", "01"),
        (None, "00"),
        (["a", "b"], "03 02 61 02 62"),
        ((number(7, 1), [("a", None)]), "07 02 02 61 00 00 00"),
    ],
)
def test_a_value_is_sent_as_kafka_has_it(value: Any, sent: str) -> None:
    """In the encoding of its flexible versions."""
    assert encode(value) == bytes.fromhex(sent)


def test_a_long_text_has_a_long_length() -> None:
    """Seven bits of it in each byte."""
    text = "x" * 20_000
    assert decode(encode(text), (str,)) == (text,)


def test_what_is_received_is_read_by_its_form() -> None:
    """Tagged fields, which any structure may have, are passed over; a form may end early."""
    received = bytes.fromhex("fffe 03 0261 00 0262 01 05 02 abcd 00 3ff0000000000000 09")
    assert decode(received, (2, [(str,)], str, float)) == (-2, [("a",), ("b",)], None, 1.0)


def test_a_connection_that_failed_is_closed() -> None:
    """What comes late must not be taken for the next answer."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        connection = Connection("127.0.0.1", server.getsockname()[1], seconds=0.05)
        with contextlib.closing(connection), contextlib.closing(server.accept()[0]):
            with pytest.raises(TimeoutError):
                connection.ask(3, 12, (None, False, False))
            with pytest.raises(OSError, match="descriptor"):
                connection.ask(3, 12, (None, False, False))


def test_a_broker_that_closes_is_told_of() -> None:
    """As of any peer that does."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        connection = Connection("127.0.0.1", server.getsockname()[1])
        server.accept()[0].close()
        with contextlib.closing(connection), pytest.raises(ConnectionError):
            connection.ask(3, 12, (None, False, False))

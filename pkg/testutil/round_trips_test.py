"""A round trip is counted once, whatever it carries."""

import socket
import threading
from collections.abc import Iterator

import pytest

from pkg.testutil.round_trips import round_trips

LARGE = 1 << 20


@pytest.fixture
def echo() -> Iterator[int]:
    """A server that answers each line with the same one, and greets before."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    client, _ = listening.accept()
                except OSError:
                    return
                threading.Thread(target=answer, args=(client,), daemon=True).start()

        def answer(client: socket.socket) -> None:
            with client, client.makefile("rwb") as lines:
                lines.write(b"hello\n")
                lines.flush()
                for line in lines:
                    lines.write(line)
                    lines.flush()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_each_question_is_one(echo: int) -> None:
    """A large one, too, and those of several connections; a greeting is none."""
    with round_trips(echo) as counted:
        for connections in (1, 2):
            with (
                socket.create_connection(("127.0.0.1", counted.port)) as client,
                client.makefile("rwb") as lines,
            ):
                assert lines.readline() == b"hello\n"
                for question in (b"a\n", b"b" * LARGE + b"\n"):
                    lines.write(question)
                    lines.flush()
                    assert lines.readline() == question
            assert counted.count == 2 * connections


def test_what_is_sent_together_is_one(echo: int) -> None:
    """Two questions at once wait once."""
    with (
        round_trips(echo) as counted,
        socket.create_connection(("127.0.0.1", counted.port)) as client,
        client.makefile("rwb") as lines,
    ):
        lines.readline()
        lines.write(b"a\nb\n")
        lines.flush()
        assert [lines.readline(), lines.readline()] == [b"a\n", b"b\n"]
        assert counted.count == 1

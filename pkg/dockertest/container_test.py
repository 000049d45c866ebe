"""What the first process says in the log is told from what the server says."""

import pytest

from pkg.dockertest.container import Container
from pkg.dockertest.endpoint import Endpoint
from pkg.dockertest.engine import Engine


class Logged(Engine):
    """An engine with one log."""

    def __init__(self, log: str) -> None:
        super().__init__(Endpoint("unix:///nowhere", "this test"))
        self._text = log

    def logs(self, container: str, tail: int | None = None, *, timestamps: bool = False) -> str:
        return self._text


@pytest.mark.parametrize(
    ("log", "ended", "said"),
    [
        ("", None, ""),
        ("\x1eberth started\none\n", None, "one"),
        ("\x1eberth started\none\n\ntwo\n\x1eberth exited code 1\n", "code 1", "one\n\ntwo"),
        ("fatal: no end of line\x1eberth exited code 1\n", "code 1", "fatal: no end of line"),
        ("one\x1eberth exited signal 9\n\x1eberth started\ntwo\n", None, "one\ntwo"),
    ],
)
def test_the_marks_are_found_wherever_the_server_stopped(
    log: str, ended: str | None, said: str
) -> None:
    """A server may end in the middle of a line."""
    container = Container(Logged(log), "x", "image")
    assert container.ended() == ended
    assert container.logs() == said

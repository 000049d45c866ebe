"""The engine's output is taken apart, in whatever pieces it comes; the status comes after it."""

import struct

import pytest

from pkg.dockertest import EngineUnavailable
from tools.dev.attached import exit_status, frames
from tools.dev.fake_engine import Request, fake_engine


def frame(stream: int, data: bytes) -> bytes:
    return struct.pack(">BxxxL", stream, len(data)) + data


@pytest.mark.parametrize("size", [1, 2, 7, 8, 9, 1000])
def test_each_stream_gets_its_own(size: int) -> None:
    shown = {1: b"", 2: b""}

    def show(stream: int, data: bytes) -> None:
        shown[stream] += data

    take = frames(show)
    data = frame(1, b"one\n") + frame(2, b"err") + frame(1, b"") + frame(1, b"\xffthree")
    for at in range(0, len(data), size):
        take(data[at : at + size])
    assert shown == {1: b"one\n\xffthree", 2: b"err"}


def test_what_is_there_is_shown_at_once() -> None:
    """A frame may be long, and its end hours away."""
    shown: list[tuple[int, bytes]] = []
    take = frames(lambda stream, data: shown.append((stream, data)))
    whole = frame(2, b"begun and ended")
    take(whole[:13])
    assert shown == [(2, b"begun")]
    take(whole[13:])
    assert shown == [(2, b"begun"), (2, b" and ended")]


def test_the_status_is_the_commands_also_when_the_engine_is_late() -> None:
    """The output's end and the command's are two events to it."""
    with fake_engine() as (engine, routes):

        def late(request: Request) -> None:
            routes.add("GET /exec/x/json", {"Running": False, "ExitCode": 3})
            request.answer({"Running": True, "ExitCode": None})

        routes.add("GET /exec/x/json", late)
        assert exit_status(engine, "x") == 3


def test_a_command_that_outlives_its_output_is_an_error() -> None:
    """What holds it in the toolbox is not known; nothing is reported as passed."""
    with fake_engine() as (engine, routes):
        routes.add("GET /exec/x/json", {"Running": True, "ExitCode": None})
        with pytest.raises(EngineUnavailable, match="output ended before the command"):
            exit_status(engine, "x", within=0)

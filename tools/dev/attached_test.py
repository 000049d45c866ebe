"""The engine's multiplexed output is taken apart, in whatever pieces it comes."""

import struct

import pytest

from tools.dev.attached import frames


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

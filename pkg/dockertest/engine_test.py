"""The engine's answers are read as they come, in whatever pieces."""

import json
import struct

import pytest

from pkg.dockertest import EngineError
from pkg.dockertest.engine import check, filters, frames, request_bytes


def frame(stream: int, text: str) -> bytes:
    data = text.encode()
    return struct.pack(">BxxxL", stream, len(data)) + data


@pytest.mark.parametrize("size", [1, 3, 8, 9, 1000])
def test_frames_are_found_whatever_the_pieces(size: int) -> None:
    """A frame may be split anywhere, its header included."""
    data = frame(1, "one\n") + frame(2, "") + frame(2, "two") + frame(1, "three")
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    assert list(frames(pieces)) == [(1, "one\n"), (2, ""), (2, "two"), (1, "three")]


def test_a_broken_last_frame_is_left_out() -> None:
    """What the engine did not finish is not made up."""
    assert list(frames([frame(1, "whole"), frame(1, "broken")[:-1]])) == [(1, "whole")]


@pytest.mark.parametrize("size", [1, 1000])
def test_a_character_may_be_in_two_frames(size: int) -> None:
    """The engine splits output by bytes; the streams do not mix."""
    one, other = "€".encode(), "ü".encode()
    data = b"".join(
        struct.pack(">BxxxL", stream, len(part)) + part
        for stream, part in [(1, one[:1]), (2, other[:1]), (1, one[1:]), (2, other[1:] + b"\xff")]
    )
    said = {1: "", 2: ""}
    for stream, text in frames([data[at : at + size] for at in range(0, len(data), size)]):
        said[stream] += text
    assert said == {1: "€", 2: "ü\ufffd"}


def test_a_request_names_its_length() -> None:
    """So that several can follow one another on a connection."""
    head, _, body = request_bytes("POST", "/a b", {"x": "1 2"}, {"k": "ü"}).partition(b"\r\n\r\n")
    assert head.startswith(b"POST /a%20b?x=1+2 HTTP/1.1\r\n")
    assert f"Content-Length: {len(body)}".encode() in head
    assert json.loads(body) == {"k": "ü"}


def test_a_refusal_has_the_engines_own_words_and_status() -> None:
    """Also when the engine did not answer in JSON."""
    with pytest.raises(EngineError, match="refused GET /x: no such thing") as caught:
        check(404, b'{"message": "no such thing"}', "GET /x")
    assert caught.value.status == 404
    with pytest.raises(EngineError, match="refused GET /x: bad gateway"):
        check(502, b"bad gateway\n", "GET /x")
    check(204, b"", "GET /x")


def test_filters_are_json_lists() -> None:
    """As the engine wants them."""
    assert json.loads(filters(label=("a", "b=c"))) == {"label": ["a", "b=c"]}

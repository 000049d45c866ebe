"""The usual codec: what it writes, and what it refuses to read."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pkg.eventstream import BadEvent, Json, Topic


class Order(msgspec.Struct, frozen=True):
    id: str
    amount: int
    note: str | None = None


class OldOrder(msgspec.Struct):
    id: str
    euros: str


@given(st.builds(Order))
def test_what_was_written_is_read(order: Order) -> None:
    """Any struct, its None and its texts."""
    codec = Json(Order)
    assert codec.decode(codec.encode(order)) == order


def test_it_is_json_that_people_can_read() -> None:
    """With the version before the event."""
    assert Json(Order).encode(Order("ord_1", 5)) == (
        b'{"version":1,"event":{"id":"ord_1","amount":5,"note":null}}'
    )


def test_fields_may_come_and_go() -> None:
    """One with a default may be absent, one that is not known is passed over."""
    read = Json(Order).decode(b'{"version":1,"event":{"id":"a","amount":1,"new":[1]},"by":"x"}')
    assert read == Order("a", 1)
    spaced = b' { "event": {"amount":1, "id":"a"} , "version": 1 } '
    assert Json(Order).decode(spaced) == Order("a", 1)


def test_older_versions_are_read_if_told_how() -> None:
    """Each by its own function; what is written has the new version."""

    def upgrade(data: bytes) -> Order:
        old = msgspec.json.decode(data, type=OldOrder)
        return Order(old.id, round(float(old.euros) * 100))

    codec = Json(Order, version=2, older={1: upgrade})
    assert codec.decode(Json(OldOrder).encode(OldOrder("a", "1.25"))) == Order("a", 125)
    assert codec.encode(Order("a", 1)).startswith(b'{"version":2,')
    with pytest.raises(BadEvent, match="version 3, known are 1, 2"):
        codec.decode(Json(Order, version=3).encode(Order("a", 1)))
    with pytest.raises(ValueError, match=r"version 1 after \[1\]: count on from 1"):
        Json(Order, older={1: upgrade})


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b'{"event":{}}',
        b'{"version":1}',
        b'{"version":1,"event":{"id":"a"}}',
        b'{"version":1,"event":{"id":"a","amount":"a secret"}}',
        b'{"version":"1","event":{}}',
        b'{"version":1,"event":{"id":"\xff","amount":1}}',
        b'{"version":1,"event":{"id":"a","amount":1}',
        b'{"version":1,"event":{"id":"a","amount":1}]',
        b'{"version":1,"event":{"id":"a","amount":1}}}',
    ],
)
def test_what_is_no_event_is_refused(data: bytes) -> None:
    """With a reason that names the place and not the value."""
    with pytest.raises(BadEvent) as refused:
        Json(Order).decode(data)
    assert "secret" not in str(refused.value)


@given(st.binary())
def test_noise_is_refused(noise: bytes) -> None:
    """And nothing else is raised."""
    with pytest.raises(BadEvent):
        Json(Order).decode(noise)


@pytest.mark.parametrize("name", ["", ".", "..", "a b", "ä", "a/b", "x" * 250])
def test_a_topic_has_a_name_that_kafka_takes(name: str) -> None:
    """Others are refused where they are written."""
    with pytest.raises(ValueError, match="give 1 to 249 letters"):
        Topic(name, Json(Order))

"""A body that is not of the form is refused by the field's name, and never shown."""

import base64
import contextlib
import json
from typing import Annotated, Any, Literal

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pkg.fault import Kind
from pkg.serving import InvalidBody, reader


class Encrypt(msgspec.Struct, forbid_unknown_fields=True):
    keyring: str
    plaintext: bytes


class DecryptBulk(msgspec.Struct, forbid_unknown_fields=True):
    keyring: str
    ciphertexts: list[bytes]


class Roll(msgspec.Struct, forbid_unknown_fields=True):
    limit: Annotated[int, msgspec.Meta(ge=1, le=1000)]


read = reader(Encrypt)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "the body is no JSON"),
        (b"{", "the body is no JSON"),
        (b'{"keyring":"a","plaintext":""} x', "the body is no JSON"),
        (b"[" * 100_000, "the body: expected `object`, got `array`"),
        (b'{"keyring":"a","plaintext":' + b"[" * 100_000, "field 'plaintext': expected `bytes`"),
        (b'{"other":' + b"[" * 100_000, "there is no field 'other'"),
        (b"\xff", "the body is no JSON"),
        (b'{"keyring":"\xff","plaintext":""}', "the body is not encoded in UTF-8"),
        (b'{"keyring":"\\ud800","plaintext":""}', "the body is no JSON"),
        (b"[]", "the body: expected `object`, got `array`"),
        (b'"hush"', "the body: expected `object`, got `str`"),
        (b'{"plaintext":""}', "field 'keyring' is missing"),
        (b'{"keyring":"a"}', "field 'plaintext' is missing"),
        (b'{"keyring":"a","plaintext":"","more":"hush"}', "there is no field 'more'"),
        (b'{"keyring":7,"plaintext":""}', "field 'keyring': expected `str`, got `int`"),
        (b'{"keyring":null,"plaintext":""}', "field 'keyring': expected `str`, got `null`"),
        (b'{"keyring":"a","plaintext":"hush!"}', "field 'plaintext': invalid base64"),
        (b'{"keyring":"a","plaintext":"aHVzaA"}', "field 'plaintext': invalid base64"),
        (b'{"keyring":"a","plaintext":"a-_="}', "field 'plaintext': invalid base64"),
        (b'{"keyring":"a","plaintext":["aHVzaA=="]}', "field 'plaintext': expected `bytes`"),
    ],
)
def test_what_is_wrong_is_named(body: bytes, message: str) -> None:
    """And no value is repeated."""
    with pytest.raises(InvalidBody) as refused:
        read(body)
    fault = refused.value
    assert (fault.kind, fault.code) == (Kind.INVALID, "invalid_request")
    assert fault.public.startswith(message)
    assert "hush" not in str(fault)


class Noted(msgspec.Struct, forbid_unknown_fields=True):
    notes: dict[str, Any]


@pytest.mark.parametrize("nested", [b"[" * 100_000, b'{"a":' * 100_000])
def test_what_is_nested_too_deep_is_refused(nested: bytes) -> None:
    """In a field that takes any JSON: no body is a fault of ours."""
    with pytest.raises(InvalidBody, match="is nested too deep"):
        reader(Noted)(b'{"notes":{"a":' + nested)


class Item(msgspec.Struct, forbid_unknown_fields=True):
    name: str


class Items(msgspec.Struct, forbid_unknown_fields=True):
    items: list[Item] = []
    by: dict[str, Item] = {}
    order: Literal["up", "down"] = "up"


@pytest.mark.parametrize(
    ("body", "path", "reason", "sentence"),
    [
        (b'{"items":[{}]}', "items[0].name", "is missing", "field 'items[0].name' is missing"),
        (b'{"by":{"k":{}}}', "by[...].name", "is missing", "field 'by[...].name' is missing"),
        (b'{"x":1}', "x", "there is no such field", "there is no field 'x'"),
        (
            b'{"items":[{"name":"a"},{"name":"b","x`y":1}]}',
            "items[1].x`y",
            "there is no such field",
            "there is no field 'items[1].x`y'",
        ),
        (
            b'{"items":[{"name":7}]}',
            "items[0].name",
            "expected `str`, got `int`",
            "field 'items[0].name': expected `str`, got `int`",
        ),
        (
            b'{"order":"hush - at `$.x`"}',
            "order",
            "is none of the values that it may have",
            "field 'order': is none of the values that it may have",
        ),
        (b"[]", "", "expected `object`, got `array`", "the body: expected `object`, got `array`"),
        (b"{", "", "is no JSON", "the body is no JSON"),
    ],
)
def test_the_place_and_the_reason_are_told_apart(
    body: bytes, path: str, reason: str, sentence: str
) -> None:
    """At any depth; the sentence has both."""
    with pytest.raises(InvalidBody) as refused:
        reader(Items)(body)
    fault = refused.value
    assert (fault.path, fault.reason, fault.public) == (path, reason, sentence)


def test_an_item_is_named_by_its_list() -> None:
    with pytest.raises(InvalidBody) as refused:
        reader(DecryptBulk)(b'{"keyring":"a","ciphertexts":["AAAA","?"]}')
    assert refused.value.public == "field 'ciphertexts[1]': invalid base64 encoded string"
    assert (refused.value.path, refused.value.reason[:14]) == ("ciphertexts[1]", "invalid base64")


@pytest.mark.parametrize("limit", ["0", "1001", "1.5", '"5"', "true", "1e400", "9" * 5000])
def test_a_number_is_not_taken_for_another(limit: str) -> None:
    """No text, no fraction, nothing out of the range."""
    with pytest.raises(InvalidBody) as refused:
        reader(Roll)(f'{{"limit":{limit}}}'.encode())
    assert "limit" in refused.value.public or "no JSON" in refused.value.public


def test_an_unknown_field_of_any_length_is_not_repeated_whole() -> None:
    with pytest.raises(InvalidBody) as refused:
        read(json.dumps({"x" * 10_000: 1}).encode())
    assert len(refused.value.public) < 100


@settings(deadline=None, max_examples=50)
@given(st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
def test_whatever_comes_is_read_or_refused(body: bytes) -> None:
    """Nothing else is raised, so that no client sees an internal error."""
    with contextlib.suppress(InvalidBody):
        assert isinstance(read(body), Encrypt)


@settings(deadline=None, max_examples=50)
@given(st.text(max_size=64), st.binary(max_size=1000))
def test_what_json_and_base64_can_say_is_read(keyring: str, plaintext: bytes) -> None:
    """With and without escapes."""
    for ascii_only in (True, False):
        encoded = base64.b64encode(plaintext).decode()
        text = json.dumps({"keyring": keyring, "plaintext": encoded}, ensure_ascii=ascii_only)
        asked = read(text.encode())
        assert (asked.keyring, asked.plaintext) == (keyring, plaintext)

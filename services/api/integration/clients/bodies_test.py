"""Bodies that are too long, too deep, or not what they should be: refused, in the SDK's shape."""

import json
from typing import Any

import httpx
import msgspec
import pytest
from unkey.py import errors

from services.api.domain.metadata import MAX_BYTES, MAX_DEPTH
from services.api.integration.clients.hostile import with_each
from services.api.integration.clients.raw import ASKED, Caller
from services.api.testutil.examples import example
from services.api.testutil.harness import ApiHarness
from services.api.wire import apis, keys, verification
from services.api.wire.errors import ErrorResponse, Problem

NUMBER = "@number@"
NUMBERS = (
    *("-1", "1.5", "1e400", "-1e400", "1" + "0" * 30, "1" + "0" * 5000),
    *("NaN", "Infinity", "0x7", "1_0", "true", '"2"', "[2]"),
)
LEVEL = {"[": "]", '{"a":': "}"}


@pytest.fixture
def caller(h: ApiHarness) -> Caller:
    """In a workspace of its own."""
    return Caller(h.served.http, h.create_root_key(h.create_workspace().id))


@pytest.fixture
def api_id(caller: Caller) -> str:
    """An API's."""
    made: str = caller.ask(apis.CREATE_API, name="payments")["apiId"]
    return made


def problem(answer: httpx.Response) -> Problem:
    """What an answer tells that went wrong."""
    told = msgspec.json.decode(answer.content, type=ErrorResponse)
    assert told.error.status == answer.status_code
    assert told.meta.request_id == answer.headers["x-request-id"]
    return told.error


def nested(opening: str, depth: int) -> str:
    """JSON so many levels deep, in objects or in arrays."""
    return opening * depth + "1" + LEVEL[opening] * depth


def test_a_body_that_is_too_long_is_refused(h: ApiHarness) -> None:
    """To the SDK, too."""
    sdk = h.sdk()
    with pytest.raises(errors.UnkeyError) as refused:
        sdk.apis.create_api(name="x" * h.limits.max_body_bytes)
    assert refused.value.status_code == 413
    told = msgspec.json.decode(refused.value.body, type=ErrorResponse)
    assert told.error.type == "urn:berth:api:too_large"
    assert sdk.apis.create_api(name="payments").data.api_id


@pytest.mark.parametrize("opening", LEVEL)
def test_properties_are_nested_as_deep_as_is_told(
    caller: Caller, api_id: str, opening: str
) -> None:
    """And come back whole; one level more is refused where it stands."""
    deepest = f'{{"a":{nested(opening, MAX_DEPTH - 1)}}}'
    body = f'{{"apiId":"{api_id}","meta":%s}}'
    made = caller.send(keys.CREATE_KEY, (body % deepest).encode())
    key_id = made.json()["data"]["keyId"]
    assert caller.ask(keys.GET_KEY, keyId=key_id)["meta"] == json.loads(deepest)
    refused = caller.send(keys.CREATE_KEY, (body % f'{{"a":{deepest}}}').encode())
    [wrong] = problem(refused).errors or []
    assert (refused.status_code, wrong.location) == (400, "body.meta")


@pytest.mark.parametrize("depth", [500, 5_000, 100_000])
@pytest.mark.parametrize("opening", LEVEL)
def test_a_body_of_any_depth_is_refused(caller: Caller, opening: str, depth: int) -> None:
    """In a field that takes any JSON, in one that there is not, or as a whole."""
    deep = nested(opening, depth)
    for route in ASKED:
        for body in (deep, f'{{"other":{deep}}}', f'{{"meta":{{"a":{deep}}}}}'):
            answer = caller.send(route, body.encode())
            assert answer.status_code == 400
            assert len(problem(answer).errors or []) == 1


def test_what_is_no_whole_number_of_its_range_is_refused(h: ApiHarness, caller: Caller) -> None:
    """In the place of each number of each request."""
    for route in ASKED:
        body = example(route.request, whole=True)
        if isinstance(body, dict):
            body.pop("meta", None)  # which may be any JSON
        for changed in with_each(body, int, NUMBER):
            for number in NUMBERS:
                sent = json.dumps(changed).replace(f'"{NUMBER}"', number)
                answer = caller.send(route, sent.encode())
                assert answer.status_code == 400, (route.name, sent)
    assert not h.logs.of("fault")


@pytest.mark.parametrize(
    "number", [0, -1, 2**53 + 1, 2**64 - 1, -(10**30), 10**1000, 0.1, 1e308, 5e-324]
)
def test_numbers_among_the_properties_come_back(caller: Caller, api_id: str, number: Any) -> None:
    """To the last digit."""
    key = caller.ask(keys.CREATE_KEY, apiId=api_id, meta={"a": number})
    for told in (
        caller.ask(keys.GET_KEY, keyId=key["keyId"]),
        caller.ask(verification.VERIFY_KEY, key=key["key"]),
    ):
        assert repr(told["meta"]["a"]) == repr(number)


@pytest.mark.parametrize("number", ["1e400", "-1e400", "1" + "0" * 5000])
def test_a_number_that_is_out_of_all_range_is_refused(
    caller: Caller, api_id: str, number: str
) -> None:
    """Also among the properties."""
    body = f'{{"apiId":"{api_id}","meta":{{"a":{number}}}}}'
    answer = caller.send(keys.CREATE_KEY, body.encode())
    assert answer.status_code == 400
    assert len(problem(answer).errors or []) == 1


@pytest.mark.parametrize(
    "wrong", [b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\\ud800", b"\\udc00\\ud800", b"\\u00", b"\n"]
)
def test_what_is_no_text_is_refused(caller: Caller, api_id: str, wrong: bytes) -> None:
    """Invalid UTF-8, halves of surrogate pairs, raw control characters; wherever they stand."""
    start = b'{"apiId":"%s",' % api_id.encode()
    for rest in (
        b'"name":"%s"}',
        b'"meta":{"a":"%s"}}',
        b'"meta":{"%s":1}}',
        b'"meta":{"a":[{"b":"%s"}]}}',
        b'"%s":1}',
    ):
        answer = caller.send(keys.CREATE_KEY, start + rest % wrong)
        assert answer.status_code == 400
        assert len(problem(answer).errors or []) == 1
    assert caller.ask(apis.LIST_KEYS, apiId=api_id) == []


def test_a_key_may_have_the_most_of_everything(caller: Caller, api_id: str) -> None:
    """All of it comes back: from the store, and from the caches."""
    slugs = sorted(f"{number:03}.".ljust(128, "x") for number in range(1000))
    limits = [
        {"name": f"{number:02}".ljust(128, "🐢"), "limit": 100_000, "duration": 1000}
        for number in range(50)
    ]
    meta = {"a": "x" * (MAX_BYTES - len('{"a":""}'))}
    key = caller.ask(
        keys.CREATE_KEY,
        apiId=api_id,
        prefix="p" * 16,
        byteLength=255,
        name="🐢" * 255,
        externalId="u" * 255,
        meta=meta,
        permissions=slugs,
        ratelimits=limits,
        credits={"remaining": 2**63 - 1},
        recoverable=True,
    )
    shown = caller.ask(keys.GET_KEY, keyId=key["keyId"], decrypt=True)
    assert shown == caller.ask(apis.LIST_KEYS, apiId=api_id, decrypt=True)[0]
    assert shown["plaintext"] == key["key"]
    assert {each["name"] for each in shown["ratelimits"]} == {each["name"] for each in limits}
    asked = [{"name": each["name"]} for each in limits]
    for spent in (1, 2):
        told = caller.ask(verification.VERIFY_KEY, key=key["key"], ratelimits=asked)
        assert told["valid"]
        assert told["credits"] == 2**63 - 1 - spent
        assert (told["permissions"], told["meta"], told["name"]) == (slugs, meta, "🐢" * 255)
        assert len(told["ratelimits"]) == 50

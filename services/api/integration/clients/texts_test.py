"""Whatever text a caller sends, it is text: in the store, in answers, in events and in the log."""

import json
from typing import Any
from urllib.parse import quote

import pytest

from services.api.integration.clients.hostile import TEXTS
from services.api.integration.clients.raw import HEADERS, Caller
from services.api.testutil.harness import ApiHarness
from services.api.wire import apis, keys, permissions, ratelimit, verification


@pytest.fixture
def caller(h: ApiHarness) -> Caller:
    """In a workspace of its own."""
    return Caller(h.served.http, h.create_root_key(h.create_workspace().id))


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_comes_back_as_it_was_given(h: ApiHarness, caller: Caller, text: str) -> None:
    """Each that may be any text, wherever it is shown; to the last character."""
    ask, long = caller.ask, f"abc{text}"
    api_id = ask(apis.CREATE_API, name=long)["apiId"]
    assert ask(apis.GET_API, apiId=api_id)["name"] == long
    meta = {text: [text, {text: None}]}
    limit = {"name": long, "limit": 5, "duration": 1000, "autoApply": True}
    key = ask(keys.CREATE_KEY, apiId=api_id, name=text, meta=meta, ratelimits=[limit])
    for _ in range(2):  # from the store, and from memory
        told = ask(verification.VERIFY_KEY, key=key["key"], tags=[text])
        assert (told["name"], told["meta"], told["ratelimits"][0]["name"]) == (text, meta, long)
    assert [event.tags for event in h.events] == [(text,)] * 2
    shown = ask(keys.GET_KEY, keyId=key["keyId"])
    assert shown == ask(keys.WHOAMI, key=key["key"]) == ask(apis.LIST_KEYS, apiId=api_id)[0]
    assert (shown["name"], shown["meta"], shown["ratelimits"][0]["name"]) == (text, meta, long)
    _check_permission(caller, text)
    _check_override(caller, text)


def _check_permission(caller: Caller, text: str) -> None:
    ask = caller.ask
    ask(permissions.CREATE_PERMISSION, name="other", slug="other")
    ask(permissions.CREATE_PERMISSION, name=text, slug="a.read", description=text)
    found = ask(permissions.GET_PERMISSION, permission="a.read")
    assert (found["name"], found["description"]) == (text, text)
    # What is searched for is text, and no pattern.
    assert ask(permissions.LIST_PERMISSIONS, search=text) == [found]


def _check_override(caller: Caller, text: str) -> None:
    ask = caller.ask
    asked = {"namespace": text, "identifier": text, "limit": 1, "duration": 60_000}
    assert ask(ratelimit.LIMIT, **asked)["success"]
    assert not ask(ratelimit.LIMIT, **asked)["success"]
    [check] = caller.http.post(
        ratelimit.MULTI_LIMIT.path,
        json=[asked],
        headers={"authorization": f"Bearer {caller.root_key}"},
    ).json()["data"]["limits"]
    assert (check["namespace"], check["identifier"], check["passed"]) == (text, text, False)
    ask(ratelimit.SET_OVERRIDE, **asked)
    found = ask(ratelimit.GET_OVERRIDE, namespace=text, identifier=text)
    assert found["identifier"] == text
    assert ask(ratelimit.LIST_OVERRIDES, namespace=text) == [found]


@pytest.mark.parametrize("text", TEXTS)
def test_no_text_reaches_a_header_or_breaks_a_line_of_the_log(
    h: ApiHarness, caller: Caller, text: str
) -> None:
    """In the path, in the request's id, as a root key, in a body that is refused."""
    # What may stand in a header at all: the client's library sends no more.
    encoded = text.encode("latin-1", "ignore")
    header = b"x" + bytes(each for each in encoded if each >= 0x20 and each != 0x7F).rstrip()
    sent: list[dict[str, Any]] = [
        {"url": f"/v2/{quote(text)}"},
        {"url": keys.GET_KEY.path, "json": {text: text}},
        {"url": keys.GET_KEY.path, "json": {"keyId": text}},
        {"url": keys.GET_KEY.path, "headers": {b"x-request-id": header}},
        {"url": keys.GET_KEY.path, "headers": {b"authorization": b"Bearer " + header}},
    ]
    for each in sent:
        own = {b"authorization": f"Bearer {caller.root_key}".encode(), **each.pop("headers", {})}
        answer = caller.http.post(each.pop("url"), headers=own, **each)
        assert 400 <= answer.status_code < 500
        assert set(answer.headers) <= HEADERS
        assert answer.headers["x-request-id"] == answer.json()["meta"]["requestId"]
    lines = [json.loads(line) for line in h.logs.text.split("\n")]
    assert sum(line["event"] == "request" for line in lines) == len(sent)
    assert not {"forged"} & {line["event"] for line in lines}

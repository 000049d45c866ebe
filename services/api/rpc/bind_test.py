"""Every operation lets in who has a root key, and answers in the shape that the SDK expects."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from unkey.py import errors

from pkg.clock import FakeClock
from pkg.fault import Fault, Kind
from services.api.domain.faults import invalid
from services.api.rpc.call import Call, Listed, Operation
from services.api.testutil.serving import Api, call, serving
from services.api.wire.apis import CREATE_API, LIST_KEYS, CreateApiRequest, CreatedApi
from services.api.wire.common import Permission
from services.api.wire.permissions import LIST_PERMISSIONS, ListPermissionsRequest


def create_api(asked_by: Call, asked: CreateApiRequest) -> CreatedApi:
    """Tells who has asked; what to do is in the name."""
    match asked.name:
        case "forbidden":
            raise Fault(Kind.FORBIDDEN, "forbidden", "You may not.", "secret detail")
        case "invalid":
            raise invalid("body.name", "it is none", "Give another.")
        case "too many":
            raise Fault(Kind.TOO_MANY, "too_many", "Wait.")
        case "broken":
            raise ZeroDivisionError("secret detail")
    return CreatedApi(api_id=f"{asked_by.workspace_id}/{asked.name}")


def list_permissions(_: Call, asked: ListPermissionsRequest) -> Listed[Permission]:
    """Three pages, of one permission each."""
    at = int(asked.cursor) if isinstance(asked.cursor, str) else 0
    item = Permission(id=f"perm_{at}", name="n", slug="s")
    return Listed([item], str(at + 1) if at < 2 else None)


@pytest.fixture
def clock() -> FakeClock:
    """Stands still."""
    return FakeClock()


@pytest.fixture
def api(clock: FakeClock) -> Iterator[Api]:
    """Both operations."""
    operations: list[Operation[Any, Any]] = [
        Operation(CREATE_API, CreateApiRequest, create_api),
        Operation(LIST_PERMISSIONS, ListPermissionsRequest, list_permissions),
    ]
    with serving(operations, clock) as made:
        yield made


def test_who_has_a_root_key_is_let_in(api: Api) -> None:
    """And known by it; the answer has the request's id."""
    answer = api.sdk().apis.create_api(name="payments")
    assert answer.data.api_id == "ws_1/payments"
    assert answer.meta.request_id.startswith("req_")
    key = api.root_key(replace(call().root_key, workspace_id="ws_2"))
    assert api.sdk(key).apis.create_api(name="payments").data.api_id == "ws_2/payments"


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", "Basic abc", "Bearer nobodys", f"Bearer {'a' * 513}", "ä"],
)
def test_who_has_none_is_refused(api: Api, authorization: str | None) -> None:
    """Whatever the body: nothing is told of it."""
    headers = {"content-type": "application/json"}
    if authorization is not None:
        headers["authorization"] = authorization
    sent = [(key.encode(), value.encode("latin-1")) for key, value in headers.items()]
    answer = api.served.http.post("/v2/apis.createApi", content=b"{", headers=sent)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["error"]["type"] == "urn:berth:api:unauthenticated"
    with pytest.raises(errors.UnauthorizedErrorResponse):
        api.sdk("nobodys").apis.create_api(name="payments")


def test_a_root_key_ends(api: Api, clock: FakeClock) -> None:
    """When it expires, and when it is disabled; the latter is told to who has it."""
    soon = api.root_key(replace(call().root_key, expires_at=clock.now() + timedelta(seconds=1)))
    assert api.sdk(soon).apis.create_api(name="payments")
    clock.advance(1)
    with pytest.raises(errors.UnauthorizedErrorResponse):
        api.sdk(soon).apis.create_api(name="payments")
    disabled = api.root_key(replace(call().root_key, enabled=False))
    with pytest.raises(errors.ForbiddenErrorResponse, match="disabled"):
        api.sdk(disabled).apis.create_api(name="payments")


@pytest.mark.parametrize(
    ("name", "raised", "code"),
    [
        ("forbidden", errors.ForbiddenErrorResponse, "forbidden"),
        ("invalid", errors.BadRequestErrorResponse, "invalid_request"),
        ("too many", errors.TooManyRequestsErrorResponse, "too_many"),
        ("broken", errors.InternalServerErrorResponse, "internal_error"),
    ],
)
def test_the_sdk_raises_what_went_wrong(
    api: Api, name: str, raised: type[errors.UnkeyError], code: str
) -> None:
    """With the request's id, and nothing that is for the log alone."""
    with pytest.raises(raised) as caught:
        api.sdk().apis.create_api(name=name)
    data = caught.value.data  # type: ignore[attr-defined]
    assert data.error.type == f"urn:berth:api:{code}"
    assert data.meta.request_id == caught.value.headers["x-request-id"]
    assert "secret detail" not in caught.value.body


def test_what_is_wrong_with_a_field_is_told(api: Api) -> None:
    """Where it stands, by whoever finds it."""
    sdk = api.sdk()
    for name, fix in (("invalid", "Give another."), ("ab", None)):
        with pytest.raises(errors.BadRequestErrorResponse) as refused:
            sdk.apis.create_api(name=name)
        [wrong] = refused.value.data.error.errors
        assert (wrong.location, wrong.fix) == ("body.name", fix)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"name":"abc","x":1}', b"\xff", b"null"])
def test_a_body_that_is_none_is_refused(api: Api, body: bytes) -> None:
    """With a list of what is wrong, which the SDK needs."""
    headers = {
        "content-type": "application/json",
        "authorization": f"Bearer {api.root_key()}",
    }
    answer = api.served.http.post("/v2/apis.createApi", content=body, headers=headers)
    assert answer.status_code == 400
    assert len(answer.json()["error"]["errors"]) == 1


def test_pages_follow_one_another(api: Api) -> None:
    """To the last, after which there is none."""
    sdk, seen, cursor = api.sdk(), [], None
    for _ in range(3):
        page = sdk.permissions.list_permissions(cursor=cursor)
        assert page is not None
        found = page.result
        seen += [each.id for each in found.data]
        cursor = found.pagination.cursor
        assert found.pagination.has_more is (cursor is not None)
    assert seen == ["perm_0", "perm_1", "perm_2"]
    assert cursor is None


def test_liveness_asks_for_nothing(api: Api) -> None:
    """No root key, and no body."""
    answer = api.served.http.get("/v2/liveness")
    assert answer.status_code == 200
    assert answer.json()["data"] == {"message": "OK"}
    assert answer.json()["meta"]["requestId"] == answer.headers["x-request-id"]


def test_a_path_that_is_none_is_an_error_of_that_shape(api: Api) -> None:
    """Also to who has a root key; an operation that was not given is none."""
    headers = {"authorization": f"Bearer {api.root_key()}"}
    answer = api.served.http.post(LIST_KEYS.path, json={}, headers=headers)
    assert answer.status_code == 404
    assert answer.json()["error"]["title"] == "Not Found"

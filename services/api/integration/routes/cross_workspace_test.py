"""Another workspace's things do not exist: their names are as good as nobody's, at every route."""

from typing import Any

import msgspec
import pytest

from services.api.domain.rights import Right
from services.api.integration.routes.namings import NAMINGS, Naming
from services.api.integration.routes.room import Room, every
from services.api.testutil.analytics import AnalyticsHarness
from services.api.testutil.calling import Reply
from services.api.wire.apis import CREATE_API, LIST_KEYS, CreateApiRequest, ListKeysRequest
from services.api.wire.keys import CREATE_KEY, GET_KEY, CreateKeyRequest, GetKeyRequest
from services.api.wire.permissions import (
    CREATE_PERMISSION,
    LIST_PERMISSIONS,
    CreatePermissionRequest,
    ListPermissionsRequest,
)
from services.api.wire.ratelimit import LIMIT, LimitRequest

# Of who could make what is not there, a name that is not there would be no error.
NO_MAKER = every(Right.CREATE_NAMESPACE, Right.CREATE_PERMISSION)


def told(reply: Reply[Any]) -> tuple[object, ...]:
    """All of an answer but what differs from request to request."""
    body = msgspec.json.decode(reply.content)
    del body["meta"]["requestId"]
    headers = {name: value for name, value in reply.headers.items() if name not in PER_REQUEST}
    return reply.status, headers, body


PER_REQUEST = ("date", "x-request-id")


@pytest.mark.parametrize("naming", NAMINGS, ids=str)
def test_a_name_of_anothers_is_as_good_as_nobodys(h: AnalyticsHarness, naming: Naming) -> None:
    """The answers are the same, and nothing is done; to its owner it means something."""
    mine, theirs = Room(h), Room(h)
    name = naming.kind.of(theirs)
    key = mine.root_key(*NO_MAKER)
    anothers = h.call(naming.route, naming.body(mine, name), key)
    nobodys = h.call(naming.route, naming.body(mine, naming.kind.nobodys()), key)
    assert told(anothers) == told(nobodys)
    assert anothers.status == naming.status
    assert mine.untouched
    assert theirs.untouched
    owners = h.call(naming.route, naming.body(theirs, name), theirs.root_key(*NO_MAKER))
    assert owners.status == 200
    assert told(owners) != told(anothers)


def test_each_workspace_has_its_own_of_a_name(h: AnalyticsHarness) -> None:
    """APIs, permissions, identities, name spaces of rate limits and what is counted in them."""
    seen = []
    for _ in range(2):
        key = Room(h).root_key()
        api = h.call(CREATE_API, CreateApiRequest(name="payments"), key).ok.data.api_id
        slug = CreatePermissionRequest(name="may read", slug="a.read")
        permission = h.call(CREATE_PERMISSION, slug, key).ok.data.permission_id
        asked = CreateKeyRequest(api_id=api, external_id="user_1", permissions=["a.read"])
        made = h.call(CREATE_KEY, asked, key).ok.data.key_id
        identity = h.call(GET_KEY, GetKeyRequest(key_id=made), key).ok.data.identity
        assert identity is not None
        once = LimitRequest(namespace="sms", identifier="user_1", limit=1, duration=60_000)
        assert h.call(LIMIT, once, key).ok.data.success
        seen.append({api, permission, identity.id})
    assert seen[0].isdisjoint(seen[1])


def test_lists_have_own_things_alone(h: AnalyticsHarness) -> None:
    """Wherever they begin, and whatever they are searched for."""
    mine, theirs = Room(h), Room(h)
    own, other = mine.permission, theirs.permission
    for asked in (
        ListPermissionsRequest(),
        ListPermissionsRequest(search="permission"),
        ListPermissionsRequest(cursor=min(own.id, other.id)[:-1]),
    ):
        page = h.call(LIST_PERMISSIONS, asked, mine.root_key()).ok
        assert [each.id for each in page.data] == [own.id]
    asked_keys = ListKeysRequest(api_id=mine.plain_key.key.api_id)
    keys = h.call(LIST_KEYS, asked_keys, mine.root_key()).ok
    assert [each.key_id for each in keys.data] == [mine.plain_key.id]

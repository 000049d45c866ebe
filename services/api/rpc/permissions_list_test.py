"""The permissions of a workspace come page by page, all or those that have a text."""

import pytest

from pkg.fault import Fault
from services.api.domain.stored import Permission
from services.api.rpc import permissions_list
from services.api.testutil.ports import port
from services.api.testutil.serving import call
from services.api.wire.permissions import ListPermissionsRequest

STORED = [Permission(f"perm_{n}", "a name", f"slug_{n}") for n in range(4)]


def page(workspace_id: str, search: str | None, after: str | None, limit: int) -> list[Permission]:
    """As the store does it."""
    found = [each for each in STORED if workspace_id == "ws_1" and (search or "") in each.slug]
    return [each for each in found if after is None or each.id > after][:limit]


RUN = permissions_list.operation(port(page=page)).run


def test_pages_follow_one_another() -> None:
    """An empty cursor is the beginning."""
    first = RUN(call(), ListPermissionsRequest(limit=2, cursor=""))
    assert first.cursor is not None
    second = RUN(call(), ListPermissionsRequest(limit=2, cursor=first.cursor))
    assert [each.id for each in (*first.items, *second.items)] == [each.id for each in STORED]
    assert second.cursor is None


def test_a_text_is_searched_for() -> None:
    """An empty one is in all."""
    assert [each.id for each in RUN(call(), ListPermissionsRequest(search="g_3")).items] == [
        "perm_3"
    ]
    assert len(RUN(call(), ListPermissionsRequest(search="")).items) == 4


def test_others_see_none() -> None:
    """Of another workspace, and who may not read them."""
    assert RUN(call(workspace_id="ws_2"), ListPermissionsRequest()).items == []
    with pytest.raises(Fault, match="insufficient_permissions"):
        RUN(call("api.*.read_key"), ListPermissionsRequest())

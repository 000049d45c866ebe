"""An API's keys come page by page, with their texts for who may see them."""

from typing import Any

import pytest

from pkg.fault import Fault, Kind
from services.api.domain import examples
from services.api.rpc import apis_list_keys
from services.api.testutil.ports import API, of_workspace, port
from services.api.testutil.serving import call
from services.api.wire.apis import ListKeysRequest

STORED = [examples.key(id=f"key_{n}", recoverable=n == 2) for n in range(5)]


def page(api: Any, external_id: str | None, after: str | None, limit: int) -> list[Any]:
    """As the store does it."""
    assert api is API
    found = STORED if external_id is None else STORED[3:]
    return [key for key in found if after is None or key.id > after][:limit]


def run(held: tuple[str, ...], workspace: str = "ws_1", **asked: Any) -> Any:
    """A page; the vault knows one text."""
    keys = port(page=page, ciphertext=lambda key_id: f"hidden {key_id}".encode())
    vault = port(decrypt=lambda keyring, stored: b"%s: %s" % (keyring.encode(), stored))
    apis = port(find=of_workspace(API))
    request = ListKeysRequest(api_id=API.id, **asked)
    return apis_list_keys.operation(apis, keys, vault).run(
        call(*held, workspace_id=workspace), request
    )


READ = ("api.*.read_api", "api.api_12345.read_key")


def test_pages_follow_one_another() -> None:
    """To the last, which has no cursor, also if it is full."""
    first = run(READ, limit=2)
    second = run(READ, limit=3, cursor=first.cursor)
    assert [each.key_id for each in (*first.items, *second.items)] == [k.id for k in STORED]
    assert (first.cursor, second.cursor) == ("key_1", None)
    assert all(each.plaintext is None for each in first.items)


def test_an_identitys_keys_are_found() -> None:
    """And no others."""
    assert [each.key_id for each in run(READ, external_id="user").items] == ["key_3", "key_4"]


def test_texts_are_shown_to_who_may_decrypt() -> None:
    """Of keys that may be shown again; the vault is asked in the workspace's name."""
    texts = [each.plaintext for each in run((*READ, "api.*.decrypt_key"), decrypt=True).items]
    assert texts == [None, None, "ws_1: hidden key_2", None, None]


@pytest.mark.parametrize(
    ("held", "workspace", "decrypt", "kind"),
    [
        (READ[:1], "ws_1", False, Kind.FORBIDDEN),
        (READ[1:], "ws_1", False, Kind.FORBIDDEN),
        (READ, "ws_1", True, Kind.FORBIDDEN),
        (READ, "ws_2", False, Kind.NOT_FOUND),
    ],
)
def test_others_see_nothing(
    held: tuple[str, ...], workspace: str, decrypt: bool, kind: Kind
) -> None:
    """One needs to read the API and its keys, and more for their texts."""
    with pytest.raises(Fault) as refused:
        run(held, workspace, decrypt=decrypt)
    assert refused.value.kind is kind

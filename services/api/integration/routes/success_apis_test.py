"""APIs are made, told, and taken away with their keys; their keys are listed."""

from services.api.integration.routes.room import Room
from services.api.testutil.harness import ApiHarness
from services.api.wire.apis import (
    CREATE_API,
    DELETE_API,
    GET_API,
    LIST_KEYS,
    CreateApiRequest,
    DeleteApiRequest,
    GetApiRequest,
    ListKeysRequest,
)
from services.api.wire.verification import VERIFY_KEY, VerifyKeyRequest


def test_create_api_makes_an_api(h: ApiHarness, room: Room, key: str) -> None:
    """With an audit row that names it, and the request."""
    made = h.call(CREATE_API, CreateApiRequest(name="payments ä"), key).ok
    told = h.call(GET_API, GetApiRequest(api_id=made.data.api_id), key).ok.data
    assert (told.id, told.name) == (made.data.api_id, "payments ä")
    [row] = h.changes(room.id)
    assert (row.event, row.target_id) == ("api.create", told.id)
    assert row.request_id == made.meta.request_id


def test_get_api_tells_an_api(h: ApiHarness, room: Room, key: str) -> None:
    """Its name; nothing is changed."""
    told = h.call(GET_API, GetApiRequest(api_id=room.api.id), key).ok.data
    assert (told.id, told.name) == (room.api.id, room.api.name)
    assert room.untouched


def test_delete_api_takes_the_keys_with_it(h: ApiHarness, room: Room, key: str) -> None:
    """Also those that were just verified; others stay."""
    other = h.create_key(h.create_api(room.id))
    shown = VerifyKeyRequest(key=room.plain_key.text)
    assert h.call(VERIFY_KEY, shown, key).ok.data.valid
    assert h.call(DELETE_API, DeleteApiRequest(api_id=room.api.id), key).status == 200
    assert h.call(VERIFY_KEY, shown, key).ok.data.code == "NOT_FOUND"
    assert h.call(GET_API, GetApiRequest(api_id=room.api.id), key).code == "api_not_found"
    assert h.call(VERIFY_KEY, VerifyKeyRequest(key=other.text), key).ok.data.valid
    assert [row.event for row in h.changes(room.id)] == ["api.delete"]


def test_delete_api_frees_the_name(h: ApiHarness, room: Room, key: str) -> None:
    """For another one."""
    again = CreateApiRequest(name=room.api.name)
    assert h.call(CREATE_API, again, key).status == 400
    assert h.call(DELETE_API, DeleteApiRequest(api_id=room.api.id), key).status == 200
    assert h.call(CREATE_API, again, key).ok.data.api_id != room.api.id


def test_delete_api_leaves_what_is_protected(h: ApiHarness, room: Room, key: str) -> None:
    """Whoever asks."""
    protected = h.create_api(room.id, protected=True)
    refused = h.call(DELETE_API, DeleteApiRequest(api_id=protected.id), key)
    assert (refused.status, refused.code) == (412, "api_protected")
    assert h.call(GET_API, GetApiRequest(api_id=protected.id), key).status == 200
    assert room.untouched


def test_list_keys_has_all_page_by_page(h: ApiHarness, room: Room, key: str) -> None:
    """In the order of their ids, each once."""
    ids = sorted(h.create_key(room.api).id for _ in range(5))
    seen, asked = [], ListKeysRequest(api_id=room.api.id, limit=2)
    while True:
        page = h.call(LIST_KEYS, asked, key).ok
        seen.append([each.key_id for each in page.data])
        if page.pagination.cursor is None:
            break
        asked = ListKeysRequest(api_id=room.api.id, limit=2, cursor=page.pagination.cursor)
    assert seen == [ids[:2], ids[2:4], ids[4:]]


def test_list_keys_has_those_of_an_identity(h: ApiHarness, room: Room, key: str) -> None:
    """All of that one, and no others."""
    ids = sorted(h.create_key(room.api, external_id="user_1").id for _ in range(2))
    h.create_key(room.api, external_id="user_2")
    asked = ListKeysRequest(api_id=room.api.id, external_id="user_1")
    assert [each.key_id for each in h.call(LIST_KEYS, asked, key).ok.data] == ids


def test_list_keys_shows_texts_if_asked(h: ApiHarness, room: Room, key: str) -> None:
    """Of keys that may be shown again."""
    texts = {room.key.id: room.key.text, room.plain_key.id: None}
    asked = ListKeysRequest(api_id=room.api.id, decrypt=True)
    shown = {each.key_id: each.plaintext for each in h.call(LIST_KEYS, asked, key).ok.data}
    assert shown == texts
    unasked = h.call(LIST_KEYS, ListKeysRequest(api_id=room.api.id), key).ok.data
    assert {each.plaintext for each in unasked} == {None}


def test_list_keys_after_a_cursor_that_is_none_is_empty(
    h: ApiHarness, room: Room, key: str
) -> None:
    """Or begins where it would stand."""
    assert room.plain_key
    for cursor in ("ä", "zzz", "' OR 1=1 --"):
        page = h.call(LIST_KEYS, ListKeysRequest(api_id=room.api.id, cursor=cursor), key).ok
        assert all(each.key_id > cursor for each in page.data)
        assert not page.pagination.has_more

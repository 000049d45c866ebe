"""APIs: the name spaces that keys are in."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from services.api.wire import common
from services.api.wire.common import Answer, Cursor, Empty, Page, PageSize, Request, Success, text
from services.api.wire.keys import Key
from services.api.wire.route import Route

ApiId = Annotated[str, text(8, 255, common.WORD)]


class CreateApiRequest(Request):
    """A name, for people."""

    name: Annotated[str, text(3, 256)]


class CreatedApi(Answer):
    """The new API."""

    api_id: str


class GetApiRequest(Request):
    """Which API is asked for."""

    api_id: ApiId


class Api(Answer):
    """An API."""

    id: str
    name: str


class DeleteApiRequest(Request):
    """Which API goes, with all its keys."""

    api_id: ApiId


class ListKeysRequest(Request):
    """A page of an API's keys.

    Attributes:
        cursor: the previous page's.
        external_id: only the keys of that identity.
        decrypt: whether keys that may be shown again are.
        revalidate_keys_cache: whether to look past the caches.
    """

    api_id: Annotated[str, Meta(min_length=1, max_length=255)]
    limit: PageSize = 100
    cursor: Cursor | UnsetType = UNSET
    external_id: Annotated[str, Meta(min_length=1, max_length=255)] | UnsetType = UNSET
    decrypt: bool = False
    revalidate_keys_cache: bool = False


CREATE_API = Route("apis.createApi", CreateApiRequest, Success[CreatedApi])
GET_API = Route("apis.getApi", GetApiRequest, Success[Api], (404,))
DELETE_API = Route("apis.deleteApi", DeleteApiRequest, Success[Empty], (404, 412))
LIST_KEYS = Route("apis.listKeys", ListKeysRequest, Page[Key], (404,))
ROUTES = (CREATE_API, GET_API, DELETE_API, LIST_KEYS)

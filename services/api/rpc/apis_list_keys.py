"""POST /v2/apis.listKeys"""

from msgspec import UNSET

from services.api import shown
from services.api.domain import key as domain
from services.api.domain.rights import Right
from services.api.ports import Apis, Keys
from services.api.rpc.call import Call, Listed, Operation
from services.api.rpc.errors import not_found
from services.api.rpc.paging import page
from services.api.rpc.recovery import Vault, plaintext
from services.api.wire.apis import LIST_KEYS, ListKeysRequest
from services.api.wire.keys import Key


def operation(apis: Apis, keys: Keys, vault: Vault) -> Operation[ListKeysRequest, Listed[Key]]:
    """The operation, on that store. It never asks a cache."""

    def run(call: Call, asked: ListKeysRequest) -> Listed[Key]:
        """A page of an API's keys, all or those of an identity."""
        api = apis.find(call.workspace_id, asked.api_id)
        if api is None:
            raise not_found("API")
        call.require(Right.READ_API.on(api.id), Right.READ_KEY.on(api.id))
        if asked.decrypt:
            call.require(Right.DECRYPT_KEY.on(api.id))
        external_id = None if asked.external_id is UNSET else asked.external_id

        def show(key: domain.Key) -> Key:
            return shown.key(key, plaintext(vault, keys, key) if asked.decrypt else None)

        return page(
            lambda after, limit: keys.page(api, external_id, after, limit),
            asked.cursor,
            asked.limit,
            show,
            lambda key: key.id,
        )

    return Operation(LIST_KEYS, ListKeysRequest, run)

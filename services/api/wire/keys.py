"""Keys: how they are made, shown, changed and taken away. Verification is a module of its own."""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType

from services.api.wire import common
from services.api.wire.common import (
    INT64,
    Amount,
    Answer,
    Empty,
    ExternalId,
    Id,
    Identity,
    Milliseconds,
    Permission,
    Properties,
    Ratelimit,
    RatelimitRequest,
    Request,
    Roles,
    Slug,
    Slugs,
    Success,
    text,
)
from services.api.wire.route import Route

Interval = Literal["daily", "monthly"]
KeyName = Annotated[str, text(1, 255)]
KeyText = Annotated[str, text(1, 512)]
Ratelimits = Annotated[list[RatelimitRequest], Meta(max_length=50)]
SomeSlugs = Annotated[list[Slug], Meta(min_length=1, max_length=1000)]


class RefillRequest(Request):
    """How credits come back.

    Attributes:
        amount: what is left is set to, at each refill.
        refill_day: of the month, for monthly ones; in a shorter month, its last day.
    """

    interval: Interval
    amount: Annotated[int, Meta(ge=1, le=INT64)]
    refill_day: Annotated[int, Meta(ge=1, le=31)] | UnsetType = UNSET


class CreditsRequest(Request):
    """A key's credits; null for as many as one likes."""

    remaining: Amount | None
    refill: RefillRequest | UnsetType = UNSET


class CreateKeyRequest(Request):
    """A key for somebody.

    Attributes:
        prefix: begins the key's text.
        byte_length: how many random bytes the key has.
        external_id: of the identity that it belongs to; made if there is none.
        meta: comes back with each verification.
        roles: by name; they have to be there.
        permissions: by slug; made if they are not there.
        expires: milliseconds since 1970; without, never.
        recoverable: whether it may be shown again.
    """

    api_id: Id
    prefix: Annotated[str, text(1, 16, common.WORD)] | UnsetType = UNSET
    name: KeyName | UnsetType = UNSET
    byte_length: Annotated[int, Meta(ge=16, le=255)] = 16
    external_id: ExternalId | UnsetType = UNSET
    meta: Properties | UnsetType = UNSET
    roles: Roles | UnsetType = UNSET
    permissions: Slugs | UnsetType = UNSET
    expires: Milliseconds | UnsetType = UNSET
    credits: CreditsRequest | UnsetType = UNSET
    ratelimits: Ratelimits | UnsetType = UNSET
    enabled: bool = True
    recoverable: bool = False


class CreatedKey(Answer):
    """A new key: the only answer that shows its text, unless it may be shown again."""

    key_id: str
    key: str


class GetKeyRequest(Request):
    """Which key is asked for, and whether with its text."""

    key_id: Id
    decrypt: bool = False


class Refill(Answer):
    """How credits come back."""

    interval: Interval
    amount: int
    refill_day: int | None = None


class Credits(Answer):
    """What a key may still be used for; null for as much as one likes."""

    remaining: int | None
    refill: Refill | None = None


class Key(Answer):
    """A key without its text.

    Attributes:
        start: the beginning of its text, by which people know it.
        created_at: this and other times: milliseconds since 1970.
        last_used_at: written behind, every few seconds.
        plaintext: its text, if it was asked for and may be shown again.
    """

    key_id: str
    start: str
    enabled: bool
    created_at: int
    name: str | None = None
    meta: dict[str, Any] | None = None
    updated_at: int | None = None
    last_used_at: int | None = None
    expires: int | None = None
    permissions: list[str] | None = None
    roles: list[str] | None = None
    credits: Credits | None = None
    identity: Identity | None = None
    plaintext: str | None = None
    ratelimits: list[Ratelimit] | None = None


class UpdateCreditsPart(Request):
    """What changes of a key's credits.

    Attributes:
        remaining: null makes them unlimited, and ends refills.
        refill: null ends them.
    """

    remaining: Amount | UnsetType | None = UNSET
    refill: RefillRequest | UnsetType | None = UNSET


class UpdateKeyRequest(Request):
    """What changes of a key. What is absent stays; null takes away."""

    key_id: Id
    name: KeyName | UnsetType | None = UNSET
    external_id: ExternalId | UnsetType | None = UNSET
    meta: Properties | UnsetType | None = UNSET
    expires: Milliseconds | UnsetType | None = UNSET
    credits: UpdateCreditsPart | UnsetType | None = UNSET
    ratelimits: Ratelimits | UnsetType | None = UNSET
    enabled: bool | UnsetType = UNSET
    roles: Roles | UnsetType = UNSET
    permissions: Slugs | UnsetType = UNSET


class DeleteKeyRequest(Request):
    """Which key goes, and whether nothing is kept of it. All instances have seen it after half a
    minute.
    """

    key_id: Id
    permanent: bool = False


class WhoamiRequest(Request):
    """A key's text, of which one wants to know which key it is."""

    key: KeyText


class RerollKeyRequest(Request):
    """Which key gets a successor.

    Attributes:
        expiration: milliseconds until the old one expires; 0: at once, which all instances have
            seen after half a minute; null: when it does anyway.
    """

    key_id: Id
    expiration: Milliseconds | None


class UpdateCreditsRequest(Request):
    """How a key's credits change.

    Attributes:
        value: what is set, added or taken; null, which only "set" takes, for as much as one likes.
    """

    key_id: Id
    operation: Literal["set", "increment", "decrement"]
    value: Amount | UnsetType | None = UNSET


class AddPermissionsRequest(Request):
    """Permissions that a key gets, by slug; made if they are not there."""

    key_id: Id
    permissions: SomeSlugs


class RemovePermissionsRequest(Request):
    """Permissions that a key loses, by slug or id."""

    key_id: Id
    permissions: SomeSlugs


class SetPermissionsRequest(Request):
    """All permissions that a key has from now on, by slug; made if they are not there."""

    key_id: Id
    permissions: Slugs


CREATE_KEY = Route("keys.createKey", CreateKeyRequest, Success[CreatedKey], (404,))
GET_KEY = Route("keys.getKey", GetKeyRequest, Success[Key], (404,))
UPDATE_KEY = Route("keys.updateKey", UpdateKeyRequest, Success[Empty], (404,))
DELETE_KEY = Route("keys.deleteKey", DeleteKeyRequest, Success[Empty], (404,))
WHOAMI = Route("keys.whoami", WhoamiRequest, Success[Key], (404,))
REROLL_KEY = Route("keys.rerollKey", RerollKeyRequest, Success[CreatedKey], (404,))
UPDATE_CREDITS = Route("keys.updateCredits", UpdateCreditsRequest, Success[Credits], (404,))
_Held = Success[list[Permission]]
ADD_PERMISSIONS = Route("keys.addPermissions", AddPermissionsRequest, _Held, (404,))
REMOVE_PERMISSIONS = Route("keys.removePermissions", RemovePermissionsRequest, _Held, (404,))
SET_PERMISSIONS = Route("keys.setPermissions", SetPermissionsRequest, _Held, (404,))
ROUTES = (
    CREATE_KEY,
    GET_KEY,
    UPDATE_KEY,
    DELETE_KEY,
    WHOAMI,
    REROLL_KEY,
    UPDATE_CREDITS,
    ADD_PERMISSIONS,
    REMOVE_PERMISSIONS,
    SET_PERMISSIONS,
)

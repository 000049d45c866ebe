"""For each route requests whose form is right, and which are refused nevertheless."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from services.api.integration.routes.room import Room
from services.api.testutil import examples
from services.api.wire import analytics, apis, keys, permissions, ratelimit, verification
from services.api.wire.route import Route

_DEEP: Any = {}
for _ in range(40):
    _DEEP = {"a": _DEEP}
_REFILL = {"interval": "daily", "amount": 1}
_LIMITS = [{"name": "requests", "limit": 1, "duration": 1000}] * 2


@dataclass(frozen=True)
class Bound:
    """A request that is refused.

    Attributes:
        at: what is wrong with it, as the answer tells it.
        body: of the request, in that room.
        what: sets it apart from others of its route and place.
    """

    route: Route
    at: str
    body: Callable[[Room], Any]
    what: str

    def __str__(self) -> str:
        return f"{self.route.name} {self.at} {self.what}".rstrip()


def _least(route: Route, at: str, value: Any, what: str = "", field: str = "") -> Bound:
    """The least that can be asked for, but for one field: the one at fault, unless given."""
    body = {**examples.example(route.request, whole=False), field or at: value}
    return Bound(route, f"body.{at}", lambda _: body, what)


def _key(route: Route, at: str, what: str, **fields: Any) -> Bound:
    """A change of a key that has no credits."""
    return Bound(route, f"body.{at}", lambda room: {"keyId": room.plain_key.id, **fields}, what)


def _new_key(at: str, what: str, **fields: Any) -> Bound:
    """A new key."""
    return Bound(keys.CREATE_KEY, f"body.{at}", lambda room: {"apiId": room.api.id, **fields}, what)


def _verify(at: str, what: str, **fields: Any) -> Bound:
    """A verification of a key without limits."""
    return Bound(
        verification.VERIFY_KEY,
        f"body.{at}",
        lambda room: {"key": room.plain_key.text, **fields},
        what,
    )


BOUNDS = (
    _least(apis.CREATE_API, "name", "ab"),
    Bound(
        apis.CREATE_API, "body.name", lambda room: {"name": room.api.name}, "that another API has"
    ),
    _least(apis.GET_API, "apiId", "api_1-"),
    _least(apis.DELETE_API, "apiId", "api_1"),
    _least(apis.LIST_KEYS, "limit", 0, "least"),
    _least(apis.LIST_KEYS, "limit", 101, "most"),
    _least(apis.LIST_KEYS, "externalId", ""),
    _new_key("byteLength", "", byteLength=15),
    _new_key("prefix", "", prefix="a-b"),
    _new_key("externalId", "", externalId="a/b"),
    _new_key("expires", "", expires=-1),
    _new_key("credits.remaining", "", credits={"remaining": -1}),
    _new_key("credits.refill", "of nothing", credits={"remaining": None, "refill": _REFILL}),
    _new_key(
        "credits.refill.refillDay",
        "of a daily one",
        credits={"remaining": 1, "refill": {**_REFILL, "refillDay": 1}},
    ),
    _new_key(
        "credits.refill.refillDay",
        "missing",
        credits={"remaining": 1, "refill": {"interval": "monthly", "amount": 1}},
    ),
    _new_key("ratelimits[1].name", "twice", ratelimits=_LIMITS),
    _new_key("ratelimits[0].limit", "", ratelimits=[{**_LIMITS[0], "limit": 0}]),
    _new_key("meta", "long", meta={"a": "b" * (64 << 10)}),
    _new_key("meta", "deep", meta=_DEEP),
    _new_key("permissions[1]", "", permissions=["a", "b c"]),
    _least(keys.GET_KEY, "keyId", "ke"),
    _key(keys.UPDATE_KEY, "name", "", name=""),
    _key(keys.UPDATE_KEY, "enabled", "null", enabled=None),
    _key(keys.UPDATE_KEY, "credits.refill", "of nothing", credits={"refill": _REFILL}),
    _key(keys.UPDATE_KEY, "ratelimits[1].name", "twice", ratelimits=_LIMITS),
    _key(keys.UPDATE_KEY, "meta", "deep", meta=_DEEP),
    _least(keys.DELETE_KEY, "permanent", "true", "text"),
    _least(verification.VERIFY_KEY, "key", ""),
    _verify("permissions", "no query", permissions="a AND"),
    _verify("credits.cost", "", credits={"cost": -1}),
    _verify("tags[0]", "", tags=[""]),
    _verify("ratelimits[0].name", "unknown", ratelimits=[{"name": "requests"}]),
    _verify("ratelimits[1].name", "twice", ratelimits=_LIMITS),
    _least(keys.WHOAMI, "key", "a" * 513),
    _least(keys.REROLL_KEY, "expiration", -1),
    _key(keys.UPDATE_CREDITS, "operation", "unknown", operation="add", value=1),
    _key(keys.UPDATE_CREDITS, "operation", "unlimited", operation="increment", value=1),
    _key(keys.UPDATE_CREDITS, "value", "missing", operation="decrement"),
    Bound(
        keys.UPDATE_CREDITS,
        "body.value",
        lambda room: {"keyId": room.key.id, "operation": "increment", "value": 2**63 - 1},
        "too much",
    ),
    _key(keys.ADD_PERMISSIONS, "permissions", "none", permissions=[]),
    _key(keys.REMOVE_PERMISSIONS, "permissions", "none", permissions=[]),
    _key(keys.SET_PERMISSIONS, "permissions[0]", "", permissions=["ä"]),
    Bound(permissions.CREATE_PERMISSION, "body.slug", lambda _: {"name": "n", "slug": "a b"}, ""),
    _least(permissions.GET_PERMISSION, "permission", ""),
    _least(permissions.LIST_PERMISSIONS, "search", "a" * 257),
    _least(permissions.DELETE_PERMISSION, "permission", "a" * 129),
    _least(ratelimit.LIMIT, "limit", 0),
    _least(ratelimit.LIMIT, "duration", 999),
    _least(ratelimit.LIMIT, "cost", -1),
    Bound(ratelimit.MULTI_LIMIT, "body", lambda _: [], "none"),
    Bound(
        ratelimit.MULTI_LIMIT,
        "body[1].namespace",
        lambda _: [
            {"namespace": name, "identifier": "a", "limit": 1, "duration": 1000}
            for name in ("a", "")
        ],
        "",
    ),
    _least(ratelimit.SET_OVERRIDE, "limit", -1),
    _least(ratelimit.SET_OVERRIDE, "duration", 999),
    _least(ratelimit.GET_OVERRIDE, "identifier", "a" * 513),
    _least(ratelimit.LIST_OVERRIDES, "limit", 101),
    _least(ratelimit.DELETE_OVERRIDE, "namespace", ""),
    _least(analytics.GET_VERIFICATIONS, "query", "", "empty"),
    _least(analytics.GET_VERIFICATIONS, "query", "SELECT 1", "of no table"),
    _least(analytics.GET_VERIFICATIONS, "query", "DROP TABLE verifications_v1", "no question"),
    _least(
        analytics.GET_VERIFICATIONS,
        "query",
        "SELECT key_id + 1 FROM key_verifications_v1",
        "of wrong types",
    ),
)

"""What root keys may do: permissions such as api.*.create_key or ratelimit.rlns_1.limit."""

from collections.abc import Collection
from enum import StrEnum

from pkg.fault import Fault, Kind
from pkg.rbac import Query, all_of, any_of


class Right(StrEnum):
    """Something that a root key may do, with the kind of thing that it does it to."""

    CREATE_API = "api.create_api"
    READ_API = "api.read_api"
    DELETE_API = "api.delete_api"
    CREATE_KEY = "api.create_key"
    READ_KEY = "api.read_key"
    UPDATE_KEY = "api.update_key"
    DELETE_KEY = "api.delete_key"
    VERIFY_KEY = "api.verify_key"
    ENCRYPT_KEY = "api.encrypt_key"
    DECRYPT_KEY = "api.decrypt_key"
    READ_ANALYTICS = "api.read_analytics"
    CREATE_PERMISSION = "rbac.create_permission"
    READ_PERMISSION = "rbac.read_permission"
    DELETE_PERMISSION = "rbac.delete_permission"
    CREATE_NAMESPACE = "ratelimit.create_namespace"
    LIMIT = "ratelimit.limit"
    SET_OVERRIDE = "ratelimit.set_override"
    READ_OVERRIDE = "ratelimit.read_override"
    DELETE_OVERRIDE = "ratelimit.delete_override"

    def on(self, resource: str = "*") -> Query:
        """The query of it: on that thing, or on all of its kind."""
        kind, action = self.split(".")
        return any_of(*dict.fromkeys((f"{kind}.*.{action}", f"{kind}.{resource}.{action}")))


# The permissions of a root key that may do everything.
EVERYTHING = frozenset(f"{right.split('.')[0]}.*.*" for right in Right)


def anywhere(held: Collection[str], right: Right) -> bool:
    """Whether there is anything at all that one may do it to."""
    kind, action = right.split(".")
    return bool(_where(held, kind, action))


def where(held: Collection[str], right: Right) -> frozenset[str] | None:
    """The ids of those that one may do it to; None for all."""
    kind, action = right.split(".")
    found = _where(held, kind, action)
    return None if "*" in found else found


def _where(held: Collection[str], kind: str, action: str) -> frozenset[str]:
    parts = (permission.split(".") for permission in held)
    return frozenset(
        each[1]
        for each in parts
        if len(each) == 3 and each[0] in ("*", kind) and each[2] in ("*", action)
    )


def require(held: Collection[str], *needed: Query) -> None:
    """Lets only those through who may.

    Raises:
        Fault: something is missing; the sentence names it.
    """
    if (missing := all_of(*needed).missing(held)) is not None:
        raise Fault(
            Kind.FORBIDDEN,
            "insufficient_permissions",
            f"The root key lacks a permission: it needs {missing}.",
        )

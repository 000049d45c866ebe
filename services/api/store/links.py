"""For queries: what keys have by other tables, as JSON lists of names."""

import msgspec
from sqlalchemy import func, select
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import ScalarSelect

from services.api.store.tables import (
    key_permissions,
    key_roles,
    permissions,
    role_permissions,
    roles,
)


def own_permissions(key_id: ColumnElement[str]) -> ScalarSelect[str]:
    """The slugs that a key has without its roles; NULL for none."""
    return (
        select(func.json_arrayagg(permissions.c.slug))
        .select_from(key_permissions)
        .join(permissions, permissions.c.id == key_permissions.c.permission_id)
        .where(key_permissions.c.key_id == key_id)
        .scalar_subquery()
    )


def role_slugs(key_id: ColumnElement[str]) -> ScalarSelect[str]:
    """The slugs that a key has by its roles, some more than once; NULL for none."""
    return (
        select(func.json_arrayagg(permissions.c.slug))
        .select_from(key_roles)
        .join(role_permissions, role_permissions.c.role_id == key_roles.c.role_id)
        .join(permissions, permissions.c.id == role_permissions.c.permission_id)
        .where(key_roles.c.key_id == key_id)
        .scalar_subquery()
    )


def role_names(key_id: ColumnElement[str]) -> ScalarSelect[str]:
    """The names of a key's roles; NULL for none."""
    return (
        select(func.json_arrayagg(roles.c.name))
        .select_from(key_roles)
        .join(roles, roles.c.id == key_roles.c.role_id)
        .where(key_roles.c.key_id == key_id)
        .scalar_subquery()
    )


def names(text: str | None) -> frozenset[str]:
    """Names, as a query has found them."""
    return frozenset() if text is None else msgspec.json.decode(text, type=frozenset[str])

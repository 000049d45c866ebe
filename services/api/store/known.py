"""What a new key names, as it is stored."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Table, func, null, select
from sqlalchemy.sql.elements import ColumnElement

from services.api.domain.stored import Known
from services.api.store.apis import by_id, read
from services.api.store.columns import as_id
from services.api.store.identities import id_of
from services.api.store.links import names
from services.api.store.tables import permissions, roles


def find_known(
    connection: Connection,
    workspace_id: str,
    api_id: str,
    *,
    slugs: Collection[str] = (),
    role_names: Collection[str] = (),
    external_id: str | None = None,
) -> Known | None:
    """What there is of it; None if the workspace has no such API. One round trip.

    Args:
        slugs: of permissions.
        external_id: of the identity.
    """
    if as_id(api_id) is None:
        return None
    identity: ColumnElement[Any] = null()
    if external_id is not None:
        identity = id_of(workspace_id, external_id).scalar_subquery()
    found = connection.execute(
        by_id(workspace_id, api_id).add_columns(
            _present(permissions, "slug", workspace_id, slugs).label("permissions"),
            _present(roles, "name", workspace_id, role_names).label("roles"),
            identity.label("identity_id"),
        )
    ).one_or_none()
    if found is None:
        return None
    return Known(
        api=read(found),
        permissions=names(found.permissions),
        roles=names(found.roles),
        identity_id=found.identity_id,
    )


def _present(
    table: Table, column: str, workspace_id: str, wanted: Collection[str]
) -> ColumnElement[Any]:
    """Those of a workspace's names that there are, as a JSON list; NULL for none."""
    if not wanted:
        return null()
    name = table.c[column]
    return (
        select(func.json_arrayagg(name))
        .where(table.c.workspace_id == workspace_id, name.in_(sorted(wanted)))
        .scalar_subquery()
    )

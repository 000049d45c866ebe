"""The texts of keys that may be shown again, as the vault has encrypted them."""

from collections.abc import Collection, Mapping

from sqlalchemy import Connection, select

from services.api.store.tables import encrypted_keys


def ciphertexts(connection: Connection, key_ids: Collection[str]) -> Mapping[str, bytes]:
    """Those of these keys that there are, by the keys' ids. One round trip, or none for none."""
    if not key_ids:
        return {}
    found = connection.execute(
        select(encrypted_keys.c.key_id, encrypted_keys.c.ciphertext).where(
            encrypted_keys.c.key_id.in_(key_ids)
        )
    )
    return {row.key_id: row.ciphertext for row in found}

"""Root keys, as operations need them."""

from pkg.db import Database
from services.api.domain.stored import RootKey
from services.api.store.root_keys import root_key_by_digest


class RootKeys:
    """services.api.ports.RootKeys on MySQL."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def root_key(self, digest: bytes) -> RootKey | None:
        """The root key of that digest, if its workspace is enabled."""
        return self._db.read(lambda connection: root_key_by_digest(connection, digest))

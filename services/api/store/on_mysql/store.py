"""All parts of the store."""

from pkg.clock import Clock
from pkg.db import Database
from services.api.store.on_mysql.apis import Apis
from services.api.store.on_mysql.keys import Keys
from services.api.store.on_mysql.namespaces import Namespaces
from services.api.store.on_mysql.permissions import Permissions
from services.api.store.on_mysql.root_keys import RootKeys


class Store:
    """What the operations need of the store, on a database. Usable from several threads.

    What goes wrong with the server is raised as `pkg.db.DatabaseError`.

    Args:
        db: has the tables of services/api/schema.
        clock: tells when things are made, and gives ids to what is made by the way.

    Attributes:
        root_keys: see services.api.ports, as all of these.
    """

    def __init__(self, db: Database, *, clock: Clock) -> None:
        self.root_keys = RootKeys(db)
        self.apis = Apis(db)
        self.keys = Keys(db, clock)
        self.permissions = Permissions(db)
        self.namespaces = Namespaces(db)

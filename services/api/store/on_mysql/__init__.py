"""services.api.ports on MySQL: each method that changes something is one transaction."""

from services.api.store.on_mysql.store import Store

__all__ = ["Store"]

"""Each place where a request names something, by an id, a name or a text."""

from services.api.integration.routes.namings import analytics, apis, keys, permissions, ratelimit
from services.api.integration.routes.namings.naming import Kind, Naming

NAMINGS = (
    *apis.NAMINGS,
    *keys.NAMINGS,
    *permissions.NAMINGS,
    *ratelimit.NAMINGS,
    *analytics.NAMINGS,
)
# The routes whose requests name nothing.
NAMELESS = ("apis.createApi", "permissions.createPermission", "permissions.listPermissions")

__all__ = ["NAMELESS", "NAMINGS", "Kind", "Naming"]

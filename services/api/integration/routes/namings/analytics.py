"""What questions about verifications name."""

from services.api.integration.routes.namings.naming import VERIFIED, Naming
from services.api.wire import analytics as wire

NAMINGS = (
    Naming(
        wire.GET_VERIFICATIONS,
        VERIFIED,
        lambda _, name: wire.GetVerificationsRequest(
            query=f"SELECT * FROM key_verifications_v1 WHERE key_id = '{name}'"
        ),
        status=200,  # no row
    ),
)

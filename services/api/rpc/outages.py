"""Errors of the database, ClickHouse and the vault, as callers are told them."""

from pkg.analytics import errors as analytics
from pkg.db import Contended, DatabaseError, OutcomeUnknown, Unavailable
from pkg.fault import Fault, Kind
from services.vault.client import errors as vault


def fault(error: Exception) -> Fault | None:
    """The fault that an error of what the service stands on is; None for others."""
    if isinstance(error, vault.Unavailable):
        return Fault(
            Kind.UNAVAILABLE,
            "vault_unavailable",
            "Keys that may be shown again can't be made or shown now; try again later.",
            str(error),
        )
    if isinstance(error, analytics.Unavailable):
        return Fault(
            Kind.UNAVAILABLE,
            "analytics_unavailable",
            "Analytics can't be asked now; try again later.",
            str(error),
        )
    if isinstance(error, OutcomeUnknown):
        return Fault(
            Kind.LATE,
            "outcome_unknown",
            "The database broke off: it may have been done, or not. Look, then try again.",
            str(error),
        )
    if isinstance(error, Unavailable | Contended):
        return Fault(
            Kind.UNAVAILABLE,
            "database_unavailable",
            "The database does not serve. Nothing was done; try again later.",
            str(error),
        )
    if isinstance(error, DatabaseError | analytics.AnalyticsError | vault.VaultClientError):
        return Fault(
            Kind.INTERNAL,
            "internal_error",
            "The service has a fault; its log has the request's id.",
            str(error),
        )
    return None

"""Errors of what the service stands on, as callers are told them."""

from pkg.db import Contended, DatabaseError, OutcomeUnknown, Unavailable
from pkg.fault import Fault, Kind


def fault(error: Exception) -> Fault | None:
    """The fault that an error of the database's is; None for others."""
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
    if isinstance(error, DatabaseError):
        return Fault(
            Kind.INTERNAL,
            "internal_error",
            "The service has a fault; its log has the request's id.",
            str(error),
        )
    return None

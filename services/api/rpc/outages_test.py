"""What errors of what the service stands on are to callers, who may or may not try again."""

import pytest

from pkg.analytics import errors as analytics
from pkg.db import DatabaseError, Deadlocked, OutcomeUnknown, TimedOut
from pkg.fault import Kind
from services.api.rpc.outages import fault
from services.vault.client import errors as vault


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (TimedOut("10.0.0.1:3306: secret detail"), Kind.UNAVAILABLE),
        (Deadlocked("10.0.0.1:3306: secret detail"), Kind.UNAVAILABLE),
        (OutcomeUnknown("10.0.0.1:3306: secret detail"), Kind.LATE),
        (DatabaseError("10.0.0.1:3306: secret detail"), Kind.INTERNAL),
        (analytics.Unavailable("10.0.0.1:9000: secret detail"), Kind.UNAVAILABLE),
        (analytics.Refused("10.0.0.1:9000: secret detail", 60), Kind.INTERNAL),
        (vault.Unavailable("10.0.0.1:7010: secret detail"), Kind.UNAVAILABLE),
        (vault.CiphertextRefused("10.0.0.1:7010: secret detail"), Kind.INTERNAL),
    ],
)
def test_an_error_is_told_without_its_detail(error: Exception, kind: Kind) -> None:
    """That is for the log."""
    told = fault(error)
    assert told is not None
    assert told.kind is kind
    assert "secret detail" not in told.public
    assert "secret detail" in str(told)


def test_others_are_others() -> None:
    """Whoever asks looks on."""
    assert fault(ValueError("of none")) is None

"""The leak detector: what a test that had a shared server whole has left on it."""

import os
import warnings
from collections.abc import Mapping
from typing import Any

from pkg.testutil.containers.parted import Parted

SETTING = "BERTH_LEAKS"


class Leaked(AssertionError):
    """A test has left something on a shared server, or changed it."""


def stock(parted: Parted) -> Mapping[str, Any]:
    """What is on a server, by names that a reader understands."""
    return parted.tenancy.stock() if parted.tenancy else {}


def compare(service: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Tells of differences.

    Raises:
        Leaked: there are some, and the variable BERTH_LEAKS is not `warn`.
    """
    told = [
        *(f"left {name}" for name in sorted(after.keys() - before.keys())),
        *(f"removed {name}" for name in sorted(before.keys() - after.keys())),
        *(
            f"changed {name}: {before[name]!r} → {after[name]!r}"
            for name in sorted(before.keys() & after.keys())
            if before[name] != after[name]
        ),
    ]
    if not told:
        return
    message = (
        f"the test has changed the shared {service} for others:\n  "
        + "\n  ".join(told)
        + f"\nremove it at the test's end, take a part of the server with containers.start, or set "
        f"{SETTING}=warn"
    )
    if os.environ.get(SETTING) != "warn":
        raise Leaked(message)
    warnings.warn(message, stacklevel=2)

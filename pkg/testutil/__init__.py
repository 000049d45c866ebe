"""What tests of all packages and services share."""

from pkg.testutil.eventually import eventually
from pkg.testutil.usable import usable

__all__ = ["eventually", "usable"]

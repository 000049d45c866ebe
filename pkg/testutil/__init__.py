"""What tests of all packages and services share."""

from pkg.testutil.eventually import eventually

__all__ = ["eventually"]

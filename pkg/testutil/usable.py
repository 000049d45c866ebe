"""A server that answers, sooner or later."""

from typing import Protocol, TypeVar

from pkg.testutil.eventually import eventually

S = TypeVar("S")
S_contra = TypeVar("S_contra", contravariant=True)


class Checks(Protocol[S_contra]):
    """A service's value, as far as it can tell whether a server is usable."""

    def check(self, server: S_contra) -> None:
        """Uses the server once."""


def usable(service: Checks[S], server: S) -> None:
    """Waits until the service's own check succeeds: a single one gives up after a second.

    Raises:
        AssertionError: it did not in time.
    """

    def look() -> None:
        try:
            service.check(server)
        except Exception as error:
            raise AssertionError(f"not usable: {error!r}") from error

    eventually(look)

"""What a tenant may not do, told to whoever reads a failed test's report."""

import re
from collections.abc import Iterable
from typing import Any

from pkg.testutil.containers.tenant import Tenancy


def sections(
    error: BaseException, tenancies: Iterable[type[Tenancy[Any]]]
) -> list[tuple[str, str]]:
    """Titles and texts for the report of a test that failed with the error.

    Args:
        tenancies: how the servers are parted that the test has parts of.
    """
    said = _said(error)
    return [
        (
            f"refused by {one.service}",
            f"This test has a tenant, its own part of the shared {one.service}, and no other.\n"
            f"{one.instead}\n"
            "A server without such limits is a fresh one, with the dockertest fixture (under\n"
            "Bazel: of dynamic_container_test). More: docs/containers.md#tenants",
        )
        for one in tenancies
        if one.refused and re.search(one.refused, said)
    ]


def _said(error: BaseException | None) -> str:
    """The words of an error, of what caused it, and of all that a group holds."""
    if error is None:
        return ""
    members = error.exceptions if isinstance(error, BaseExceptionGroup) else ()
    return "\n".join(
        [str(error), *map(_said, members), _said(error.__cause__ or error.__context__)]
    )

"""Seeds: valid rows with ids of their own, so that a test needs to know no table."""

from services.api.testutil.seeds.callers import Callers, Workspace
from services.api.testutil.seeds.keys import Keys, SeededKey
from services.api.testutil.seeds.limits import Limits
from services.api.testutil.seeds.rights import Rights, Role

__all__ = ["Role", "SeededKey", "Seeds", "Workspace"]


class Seeds(Callers, Keys, Limits, Rights):
    """Makes things, each in a transaction of its own, without an audit row.

    Names differ, too, unless a test gives them. For a harness to inherit.
    """

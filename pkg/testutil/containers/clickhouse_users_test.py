"""What makes users in current releases of ClickHouse, on the current engine in this process."""

import pytest

from pkg.testutil.containers.tenants.clickhouse_users import added, refused
from pkg.testutil.current_clickhouse import Refused, current_clickhouse

NAME, HASH = "t00000000000ax1", "0" * 64
NOT_ENOUGH_PRIVILEGES, NO_SUCH_USER = 497, 511  # after it was parsed


@pytest.mark.parametrize("statement", [*added(NAME, HASH), *refused(NAME), f"DROP USER {NAME}"])
def test_its_statements_are_known(statement: str) -> None:
    """The engine alone has no place for users: it refuses them for that, not as wrong SQL."""
    with current_clickhouse() as clickhouse:
        with pytest.raises(Refused) as said:
            clickhouse.query(statement)
        assert said.value.code in (NOT_ENOUGH_PRIVILEGES, NO_SUCH_USER)


def test_what_is_wrong_is_told_from_it() -> None:
    """A privilege that there is not."""
    with current_clickhouse() as clickhouse:
        with pytest.raises(Refused) as said:
            clickhouse.query(f"GRANT EVERYTHING ON {NAME}.* TO {NAME}")
        assert said.value.code not in (NOT_ENOUGH_PRIVILEGES, NO_SUCH_USER)

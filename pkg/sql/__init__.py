"""Text of SQL, split into its statements."""

from pkg.sql.split import CLICKHOUSE, MYSQL, Dialect, Statement, split

__all__ = ["CLICKHOUSE", "MYSQL", "Dialect", "Statement", "split"]

"""Permission queries: what one must hold to do something."""

from pkg.rbac.parser import InvalidQuery, parse
from pkg.rbac.permission import InvalidPermission, covers
from pkg.rbac.query import Query, all_of, any_of, permission

__all__ = [
    "InvalidPermission",
    "InvalidQuery",
    "Query",
    "all_of",
    "any_of",
    "covers",
    "parse",
    "permission",
]

"""Counts visits in Redis."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import redis


def visit(client: "redis.Redis", page: str) -> int:
    """Counts one visit of the page and returns how many there were."""
    return int(client.incr(key(page)))


def key(page: str) -> str:
    """The key of a page's counter: /a and /a/ are one page."""
    return "visits:" + (page.rstrip("/") or "/")

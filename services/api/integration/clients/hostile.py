"""What callers send who mean no good, and requests that have it in each of their places."""

import copy
from collections.abc import Iterable, Iterator
from typing import Any

# Each is JSON text that may stand where a text may: for SQL, headers, logs, formats and terminals.
TEXTS = (
    "' OR '1'='1",
    "'; DROP TABLE api_keys; -- ",
    "'; UPDATE api_keys SET enabled = 0; #",
    '" UNION SELECT digest FROM root_keys -- ',
    "\\' OR 1=1 /*",
    "x') ON DUPLICATE KEY UPDATE name = ('x",
    "%' OR id LIKE '%",
    "_%\\%/",
    "0x27 OR SLEEP(3)",
    "a\r\nset-cookie: admin=1",
    'a\r\n\r\n{"data":{"valid":true}}',
    'a\n{"level":"error","event":"forged"}',
    "%0d%0aset-cookie:%20admin=1",
    ":name %s %(name)s {0} {name!r} ${jndi:ldap://a.invalid/a}",
    "a\x00b",
    "\x1b[2J\x07\x7f",
    "\u2028\u2029\u202e\ufeff\u0085",
    "🐢" * 3,
    "n\u0303 is not ñ, A is not a",
    "../../etc/passwd",
    "<script>alert(1)</script>",
)


def with_each(body: Any, kind: type[Any], instead: Any) -> Iterator[Any]:
    """The body, a list or an object, with something else in the place of each value of a kind."""
    for path in _paths(body, kind):
        changed = copy.deepcopy(body)
        inner = changed
        for step in path[:-1]:
            inner = inner[step]
        inner[path[-1]] = instead
        yield changed


def _paths(part: Any, kind: type[Any]) -> Iterator[tuple[Any, ...]]:
    if type(part) is kind:  # a bool is no number here
        yield ()
    inner: Iterable[tuple[Any, Any]] = ()
    if isinstance(part, dict):
        inner = part.items()
    elif isinstance(part, list):
        inner = enumerate(part)
    for step, each in inner:
        for path in _paths(each, kind):
            yield (step, *path)

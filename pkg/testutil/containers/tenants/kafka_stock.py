"""What tests can leave on a Kafka broker, or change there, tenants' things aside."""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

from pkg.dockertest.kafka import PROBE
from pkg.testutil.containers.tenant import owner
from pkg.testutil.containers.tenants.kafka_admin import TOPIC, Admin
from pkg.testutil.containers.tenants.kafka_wire import decode, number

_OWN = ("__consumer_offsets", "__transaction_state", "__share_group_state")
_BROKER, _CLIENT_METRICS, _GROUP = 4, 16, 32  # what has settings, beside topics
_KINDS = {TOPIC: "topic", _BROKER: "broker", _CLIENT_METRICS: "metrics", _GROUP: "group"}
# Where what was set while the broker runs is from: all, one broker, metrics, a group.
_SET = {(TOPIC, 1), (_BROKER, 2), (_BROKER, 3), (_CLIENT_METRICS, 7), (_GROUP, 8)}
_FIRST, _NEXT = -2, -1
_SETTING = (str, str, 1, 1, 1, [(str, str, 1)], 1, str)


def is_common(name: str) -> bool:
    """Whether what has this name is neither a tenant's nor Kafka's own."""
    return name not in _OWN and owner(name.partition("-")[0]) is None


def stock(admin: Admin, counts: Callable[[str], bool] = is_common) -> dict[str, Any]:
    """All of that, from names that a reader understands to what changes with it.

    Args:
        counts: whether it is asked for what has a name.
    """
    topics = {name: many for name, many in admin.topics().items() if counts(name)}
    stock: dict[str, Any] = {f"topic {name}": many for name, many in topics.items()}
    stock |= {f"group {name}": _committed(admin, name) for name in admin.groups() if counts(name)}
    stock |= {f"user {name}": about for name, about in admin.users().items() if counts(name)}
    stock |= {
        f"rule {' '.join(map(str, rule))}": "there"
        for rule in admin.rules()
        if counts(rule.principal.removeprefix("User:"))
    }
    stock |= {
        f"transaction {name}": state for name, state in admin.transactions().items() if counts(name)
    }
    # Whoever looks whether the broker is ready writes to this one.
    stock |= _records(admin, {name: many for name, many in topics.items() if name != PROBE})
    return stock | _settings(admin, topics, counts) | _quotas(admin)


def _records(admin: Admin, topics: Mapping[str, int]) -> dict[str, Any]:
    """The first and the next record's offset, by partition."""
    found: dict[str, Any] = {}
    for when in (_FIRST, _NEXT) if topics else ():
        asked = [
            (name, [(number(one, 4), number(-1, 4), number(when, 8)) for one in range(many)])
            for name, many in topics.items()
        ]
        form = (4, [(str, [(4, 2, 8, 8, 4)])])
        for name, partitions in admin.ask(2, 7, (number(-1, 4), number(0, 1), asked), form)[1]:
            for partition, _, _, offset, _ in partitions:
                found.setdefault(f"records in {name}/{partition}", []).append(offset)
    return found


def _committed(admin: Admin, group: str) -> Any:
    """What a group has committed, by topic and partition."""
    form = (4, [(str, [(str, [(4, 8, 4, str, 2)])], 2)])
    [(_, topics, _)] = admin.ask(9, 9, ([(group, None, number(-1, 4), None)], False), form)[1]
    return {
        f"{name}/{partition}": offset
        for name, partitions in topics
        for partition, offset, *_ in partitions
    }


def _settings(admin: Admin, topics: Iterable[str], counts: Callable[[str], bool]) -> dict[str, Any]:
    """What was set while the broker runs."""
    kinds = ([number(kind, 1) for kind in (_BROKER, _CLIENT_METRICS, _GROUP)],)
    [listed] = admin.get(74, 1, kinds, ([(str, 1)],))
    asked = [
        (number(kind, 1), name, None) for name, kind in listed if counts(name) or kind == _BROKER
    ]
    asked += [(number(_BROKER, 1), "", None), *((number(TOPIC, 1), one, None) for one in topics)]
    found = _told(admin.connection.ask(32, 4, (asked, False, False)))
    return {
        f"setting {setting} of {_KINDS[kind]} {name or 'all'}": value
        for _, _, kind, name, settings in found
        for setting, value, _, source, *_ in settings
        if (kind, source) in _SET
    }


@lru_cache(maxsize=2)
def _told(answer: bytes) -> Any:
    """What an answer has of settings: all of the broker, mostly the same as last time."""
    return decode(answer, (4, [(2, str, 1, str, [_SETTING])]))[1]


def _quotas(admin: Admin) -> dict[str, Any]:
    """The limits of users and clients."""
    form = (str, [([(str, str)], [(str, float)])])
    quotas = admin.get(48, 1, ([], False), form)[1]
    return {
        "quota of " + ", ".join(f"{kind} {name or 'all'}" for kind, name in whose): dict(values)
        for whose, values in quotas
    }

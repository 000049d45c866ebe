"""The administration of a Kafka broker, as its tenants' owner needs it. Standard library only.

Not by confluent-kafka: its clients have threads, which a fork does not copy, wait for a server that
has ended until their time is up, and cannot end a group's members or a transaction.
"""

import hashlib
import os
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from pkg.testutil.containers.tenants.kafka_wire import Connection, Raw, decode, number

_SCRAM_SHA_256 = number(1, 1)
_ITERATIONS = 4096  # the fewest that Kafka takes
_SECONDS = 10.0

# Kafka's numbers: https://kafka.apache.org/protocol
TOPIC, GROUP, TRANSACTIONAL_ID = 2, 3, 5
_ANY, _PREFIXED = 1, 4
_ALL, _ALTER_CONFIGS = 2, 11
_DENY, _ALLOW = 2, 3
_IN_PROGRESS, _NO_CREDENTIAL = 51, 91
_ENDED = ("Empty", "CompleteCommit", "CompleteAbort", "Dead")
_NO_ID = Raw(bytes(16))

# Forms of answers.
_PARTITION = (2, 4, 4, 4, [4], [4], [4])
_ASSIGNED = ([(16, str, [4])],)
_GROUP = (2, str, str, str, str, str, [(str, str, str, str, bytes, bytes)], 4)
_CONSUMER_GROUP = (
    *(2, str, str, str, 4, 4, str),
    [(str, str, str, 4, str, str, [str], str, _ASSIGNED, _ASSIGNED, 1)],
    4,
)


class Refused(Exception):
    """The broker has refused what its administrator asked for."""


class Rule(NamedTuple):
    """An ACL, in Kafka's numbers."""

    resource: int
    name: str
    pattern: int
    principal: str
    host: str
    operation: int
    permission: int


class Admin:
    """A broker's administrator, on one connection. Not thread-safe.

    Raises:
        OSError: the broker does not answer; here and in all methods.
        Refused: it refuses; in all methods.
    """

    def __init__(self, host: str, port: int, user: str, password: str) -> None:
        self.connection = Connection(host, port, _SECONDS)
        try:
            self.connection.login(user, password)
        except BaseException:
            self.connection.close()
            raise
        os.register_at_fork(after_in_child=self.connection.close)

    def make_user(self, name: str, password: str) -> None:
        """Makes a user that authenticates by SCRAM-SHA-256."""
        salt = secrets.token_bytes(16)
        salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, _ITERATIONS)
        made = (name, _SCRAM_SHA_256, number(_ITERATIONS, 4), salt, salted)
        [(_, code, message)] = self.ask(51, 0, ([], [made]), (4, [(str, 2, str)]))[1]
        _check(51, code, message)

    def remove_user(self, name: str) -> None:
        """Removes one, if it is there."""
        removed = (name, _SCRAM_SHA_256)
        [(_, code, message)] = self.ask(51, 0, ([removed], []), (4, [(str, 2, str)]))[1]
        if code != _NO_CREDENTIAL:
            _check(51, code, message)
        _until(f"{name} is no user", lambda: name not in self.users())

    def users(self) -> Mapping[str, Any]:
        """All users that authenticate by SCRAM, with what is told of their credentials."""
        users = self.get(50, 0, (None,), (str, [(str, 2, str, [(1, 4)])]))[1]
        return {name: credentials for name, _, _, credentials in users}

    def allow(self, user: str, prefix: str) -> None:
        """Lets a user do everything with what begins with a prefix, from now on.

        But for groups' settings: Kafka does not forget a group that has had any.
        """
        principal = f"User:{user}"
        rules = [
            *(
                Rule(resource, prefix, _PREFIXED, principal, "*", _ALL, _ALLOW)
                for resource in (TOPIC, GROUP, TRANSACTIONAL_ID)
            ),
            Rule(GROUP, prefix, _PREFIXED, principal, "*", _ALTER_CONFIGS, _DENY),
        ]
        for code, message in self.ask(30, 3, ([_acl(*one) for one in rules],), (4, [(2, str)]))[1]:
            _check(30, code, message)
        # The log of what was decided is applied in turn: to the controller, then to the broker, and
        # there first to its users and last to its rules, which are those that it tells.
        _until(f"{user} has its rights", lambda: len(self.rules(user)) == len(rules))

    def forbid(self, user: str) -> None:
        """Takes all rights from a user."""
        all = _acl(_ANY, None, _ANY, f"User:{user}", None, _ANY, _ANY)
        form = (4, [(2, str, [(2, str, 1, str, 1, str, str, 1, 1)])])
        [(code, message, _)] = self.ask(31, 3, ([all],), form)[1]
        _check(31, code, message)
        _until(f"{user} has no rights", lambda: not self.rules(user))

    def rules(self, user: str | None = None) -> list[Rule]:
        """Those for a user, or all."""
        asked = _acl(_ANY, None, _ANY, f"User:{user}" if user else None, None, _ANY, _ANY)
        found = self.get(29, 3, asked, (str, [(1, str, 1, [(str, str, 1, 1)])]))[1]
        return [Rule(*what, *whom) for *what, whose in found for whom in whose]

    def topics(self) -> Mapping[str, int]:
        """All topics, and how many partitions each has."""
        form = (4, [(4, str, 4, str)], str, 4, [(2, str, 16, 1, [_PARTITION], 4)])
        found = self.ask(3, 12, (None, False, False), form)[4]
        return {name: len(partitions) for _, name, _, _, partitions, _ in found}

    def make_topics(self, topics: Iterable[tuple[str, int, Mapping[str, str]]]) -> None:
        """Makes topics: each one's name, its number of partitions, and its settings."""
        wanted: list[tuple[Any, ...]] = [
            (name, number(partitions, 4), number(1, 2), [], list(settings.items()))
            for name, partitions, settings in topics
        ]
        form = (4, [(str, 16, 2, str, 4, 2, [(str, str, 1, 1, 1)])])
        for name, _, code, message, *_ in self.ask(19, 7, (wanted, _milliseconds(), False), form)[
            1
        ]:
            _check(19, code, f"{name}: {message}")
        names = {name for name, *_ in wanted}
        _until(f"{sorted(names)} are there", lambda: names <= self.topics().keys())

    def remove_topics(self, names: Iterable[str]) -> None:
        """Removes topics, if they are there, as soon as can be."""
        self.ask(20, 6, ([(name, _NO_ID) for name in names], _milliseconds()), (4,))

    def groups(self) -> Mapping[str, str]:
        """All groups, and which protocol each has."""
        [found] = self.get(16, 5, ([], []), ([(str, str, str, str)],))
        return {name: kind for name, _, _, kind in found}

    def members(self, group: str, kind: str) -> list[tuple[str, str | None]]:
        """The members of a group, each with the lasting name that it may have."""
        if kind == "consumer":
            [about] = self.ask(69, 1, ([group], False), (4, [_CONSUMER_GROUP]))[1]
        else:
            [about] = self.ask(15, 6, ([group], False), (4, [_GROUP]))[1]
        return [(member, lasting) for member, lasting, *_ in about[-2]]

    def remove_groups(self, groups: Mapping[str, str]) -> None:
        """Removes groups with their offsets, and before that their members, as soon as can be."""
        for group, kind in groups.items():
            if members := self.members(group, kind):
                leaving = [(member, lasting, None) for member, lasting in members]
                self.ask(13, 5, (group, leaving), (4,))
        self.ask(42, 2, (list(groups),), (4,))

    def transactions(self) -> Mapping[str, str]:
        """The state of each transaction that has not ended."""
        body: tuple[Any, ...] = ([], [], number(-1, 8), None)
        [_, found] = self.get(66, 2, body, ([str], [(str, 8, str)]))
        return {name: state for name, _, state in found if state not in _ENDED}

    def abort(self, transactional_id: str) -> None:
        """Ends a transaction; its producer cannot go on."""
        body = (transactional_id, _milliseconds(), number(-1, 8), number(-1, 2))

        def is_ended() -> bool:
            code = self.ask(22, 5, body, (4, 2))[1]
            if code != _IN_PROGRESS:
                _check(22, code, transactional_id)
            return bool(code != _IN_PROGRESS)

        _until(f"the transaction {transactional_id} has ended", is_ended)

    def get(self, api: int, version: int, body: Any, form: tuple[Any, ...]) -> tuple[Any, ...]:
        """Asks for what is answered with a time, an error, and then by the form."""
        _, code, *found = self.ask(api, version, body, (4, 2, *form))
        _check(api, code, found[0] if isinstance(found[0], str) else "")
        return tuple(found)

    def ask(self, api: int, version: int, body: Any, form: tuple[Any, ...]) -> tuple[Any, ...]:
        """Asks for what is answered by the form."""
        return decode(self.connection.ask(api, version, body), form)


def _acl(*parts: int | str | None) -> tuple[Any, ...]:
    return tuple([number(part, 1) if isinstance(part, int) else part for part in parts])


def _milliseconds() -> Raw:
    return number(int(_SECONDS * 1000), 4)


def _check(api: int, code: int, message: str | None) -> None:
    if code:
        raise Refused(
            f"Kafka refused a request of kind {api}, error {code}: {message or 'no more is told'}; "
            "see what the numbers mean at https://kafka.apache.org/protocol"
        )


def _until(what: str, holds: Callable[[], bool]) -> None:
    """Asks until something holds, each time a request to the broker."""
    deadline = time.monotonic() + _SECONDS
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(f"Kafka did not come to it within {_SECONDS:g} s: {what}")

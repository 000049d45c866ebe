"""What the operations need of the store: services/api/store has it, on MySQL.

A method that changes something is one transaction, with the audit row that it is given in it: all
of it, or nothing. Of another workspace's things the store says that there are none. Deleted things
are gone, but for name spaces of rate limits, which say so.

What is found is as a replica has it, which may be behind, unless `latest` is asked for: by what
changes it.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from msgspec import UNSET, UnsetType

from services.api.domain.key import Key
from services.api.domain.overrides import Override
from services.api.domain.stored import Api, Change, Known, Namespace, Permission, RootKey


class Missing(Exception):
    """Something that a change names is not there; nothing was done.

    Attributes:
        names: of what is not there.
    """

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(f"{len(names)} of the names are not there")
        self.names = tuple(names)


class MissingPermissions(Missing):
    """Permissions, which must not be made by the way."""


class MissingRoles(Missing):
    """Roles: those are never made by the way."""


class Taken(Exception):
    """There is one of that name, slug or id already; nothing was done."""


class RootKeys(Protocol):
    """Finds root keys."""

    def root_key(self, digest: bytes, /) -> RootKey | None:
        """The root key of that digest, also one that is disabled or has expired."""


class Apis(Protocol):
    """APIs."""

    def find(self, workspace_id: str, api_id: str, /, *, latest: bool = False) -> Api | None:
        """That API."""

    def add(self, api: Api, change: Change, /) -> None:
        """Stores a new one, and its keyspace.

        Raises:
            Taken: the workspace has one of that name.
        """

    def remove(self, api: Api, change: Change, /) -> Sequence[bytes]:
        """Deletes one with all its keys; returns the keys' digests."""


@dataclass(frozen=True, kw_only=True)
class NewKey:
    """A key that is to be stored.

    Attributes:
        key: its permissions and roles apart, which are the following. Its identity's id is for one
            that is not there yet: the store takes the workspace's own of that external id.
        digest: of its text.
        meta: the key's, encoded.
        permissions: its own, by slug.
        make_permissions: whether those that are not there are made.
        roles: by name.
        ciphertext: of its text, by the vault; None if it can't be shown again.
    """

    key: Key
    digest: bytes
    meta: bytes | None = None
    permissions: frozenset[str] = frozenset()
    make_permissions: bool = False
    roles: frozenset[str] = frozenset()
    ciphertext: bytes | None = None


@dataclass(frozen=True, kw_only=True)
class KeyUpdate:
    """What changes of a key.

    Attributes:
        key: the key as it is to be, its permissions and roles apart: what differs is written. Rate
            limits of a name that it had keep their ids.
        meta: encoded; UNSET to leave it as it is.
        permissions: its own, by slug; UNSET to leave them as they are.
        make_permissions: whether those that are not there are made.
        roles: by name; UNSET to leave them as they are.
    """

    key: Key
    meta: bytes | UnsetType | None = UNSET
    permissions: frozenset[str] | UnsetType = UNSET
    make_permissions: bool = False
    roles: frozenset[str] | UnsetType = UNSET


@dataclass(frozen=True)
class Changed:
    """A key that was changed.

    Attributes:
        digest: of its text, under which caches have it.
        permissions: its own, by slug.
    """

    key: Key
    digest: bytes
    permissions: Sequence[Permission] = ()


class Keys(Protocol):
    """Keys."""

    def by_digest(self, digest: bytes, /) -> Key | None:
        """The key of that digest, in any workspace."""

    def find_by_digest(self, workspace_id: str, digest: bytes, /) -> Key | None:
        """That key. In the same time, whether there is none or it is another workspace's."""

    def find(self, workspace_id: str, key_id: str, /, *, latest: bool = False) -> Key | None:
        """That key."""

    def page(
        self, api: Api, external_id: str | None, after: str | None, limit: int, /
    ) -> Sequence[Key]:
        """Keys of an API in the order of their ids, those of an identity or all."""

    def ciphertext(self, key_id: str, /) -> bytes | None:
        """What the vault decrypts to the key's text."""

    def known(
        self,
        workspace_id: str,
        api_id: str,
        /,
        *,
        permissions: Collection[str] = (),
        roles: Collection[str] = (),
        external_id: str | None = None,
    ) -> Known | None:
        """What there is of what a new key names; None if there is no such API.

        Args:
            permissions: by slug.
            roles: by name.
            external_id: the identity's.
        """

    def add(self, new: NewKey, known: Known, change: Change, /) -> None:
        """Stores a new key.

        Args:
            known: what there was of what it names, a moment ago.

        Raises:
            MissingPermissions: there are none of those slugs, and they must not be made.
            MissingRoles: there are none of those names.
        """

    def change(
        self, workspace_id: str, key_id: str, work: Callable[[Key], KeyUpdate], change: Change, /
    ) -> Changed | None:
        """Changes a key, which nobody else changes meanwhile; None if it is not there.

        Args:
            work: makes of the key as it is what it is to be. What it raises is raised, and nothing
                is changed. May be called again.

        Raises:
            MissingPermissions: there are none of those slugs, and they must not be made.
            MissingRoles: there are none of those names.
        """

    def replace(
        self,
        workspace_id: str,
        key_id: str,
        work: Callable[[Key], tuple[KeyUpdate, NewKey]],
        change: Change,
        /,
    ) -> Changed | None:
        """Changes a key and stores its successor, with the same own permissions and roles."""

    def remove(self, key: Key, permanent: bool, change: Change, /) -> bytes:
        """Deletes a key, with all that is known of it if `permanent`; returns its digest."""

    def spend(self, key_id: str, cost: int, now: datetime, /) -> tuple[bool, int | None]:
        """Spends credits, as services.api.verifying.spending.Credits says."""

    def touch(self, used: Mapping[str, datetime], /) -> None:
        """Notes when keys were used last, by their ids, unless later is noted."""


class Permissions(Protocol):
    """Permissions."""

    def find(self, workspace_id: str, name: str, /, *, latest: bool = False) -> Permission | None:
        """The permission of that id, or else of that slug."""

    def find_all(
        self, workspace_id: str, names: Collection[str], /, *, latest: bool = False
    ) -> Mapping[str, Permission]:
        """Those that there are of these ids, or else of these slugs, by what was asked for.

        Args:
            names: at least one.
        """

    def page(
        self, workspace_id: str, search: str | None, after: str | None, limit: int, /
    ) -> Sequence[Permission]:
        """In the order of their ids, those that have the text or all."""

    def add(self, workspace_id: str, permission: Permission, change: Change, /) -> None:
        """Stores a new one.

        Raises:
            Taken: the workspace has one of that slug.
        """

    def remove(self, permission: Permission, change: Change, /) -> Sequence[bytes]:
        """Deletes one, from all keys and roles; returns the digests of the keys that had it."""


class Namespaces(Protocol):
    """Name spaces of rate limits, and their overrides."""

    def find(self, workspace_id: str, name: str, /, *, latest: bool = False) -> Namespace | None:
        """The name space of that id, or else of that name."""

    def add(self, workspace_id: str, namespace: Namespace, change: Change, /) -> Namespace:
        """Stores a new one, or returns the one that somebody else has stored meanwhile."""

    def override(self, namespace_id: str, pattern: str, /) -> Override | None:
        """The override of that very pattern, as it is now."""

    def overrides(self, namespace_id: str, /) -> Sequence[Override]:
        """All of a name space."""

    def page(self, namespace_id: str, after: str | None, limit: int, /) -> Sequence[Override]:
        """Overrides of a name space in the order of their ids."""

    def set(self, namespace_id: str, override: Override, change: Change, /) -> str:
        """Stores an override, or changes the one of that pattern; returns the id that it has."""

    def unset(self, namespace_id: str, override: Override, change: Change, /) -> None:
        """Deletes an override."""

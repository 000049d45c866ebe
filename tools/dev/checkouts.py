"""The checkout that `./dev` works on, and where its caches are on this machine."""

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pkg.dockertest import checkout
from tools.dev.problem import Problem

# Bazel's rc files are split at blanks, and its package paths take no others.
_UNUSABLE = re.compile(r"[^\w./@%+,~=-]", re.ASCII)


@dataclass(frozen=True)
class Checkout:
    """A checkout and its places.

    Attributes:
        root: its directory, links resolved.
        identity: a short hash of it, in names and labels.
        caches: the directory of all of Berth's caches of this user.
    """

    root: Path
    identity: str
    caches: Path

    @property
    def cache(self) -> Path:
        """This checkout's own caches; the other checkouts' are beside it."""
        return self.caches / self.identity

    @property
    def output_user_root(self) -> Path:
        """Where the toolbox's Bazel keeps everything."""
        return self.cache / "bazel"

    @property
    def home(self) -> Path:
        """HOME inside the toolbox."""
        return self.cache / "home"

    @property
    def shared(self) -> Path:
        """Caches that all checkouts of this user share."""
        return self.caches / "shared"

    @property
    def user_bazelrc(self) -> Path:
        """The ignored file with this machine's settings for Bazel."""
        return self.root / "user.bazelrc"

    @property
    def label(self) -> str:
        """The label of everything in the engine that belongs to this checkout."""
        return f"berth.checkout={self.identity}"

    @contextmanager
    def lock(self, name: str) -> Iterator[None]:
        """Keeps two dev commands in this checkout from doing the same thing at once."""
        self.cache.mkdir(parents=True, exist_ok=True)
        with open(self.cache / f"{name}.lock", "w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def here() -> Checkout:
    """The checkout that this code is in.

    Raises:
        Problem: its path, or the caches', is one that Bazel cannot work in.
    """
    found = find()
    check(found)
    return found


def find() -> Checkout:
    """The checkout that this code is in, wherever it is."""
    return Checkout(checkout.root(), checkout.identity(), caches())


def caches() -> Path:
    """The directory of all of Berth's caches of this user."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return Path(base).resolve() / "berth"


def check(found: Checkout) -> None:
    """Raises Problem for a path with a character that Bazel cannot work with."""
    places = {
        found.root: "move the checkout to another directory",
        found.caches: "set XDG_CACHE_HOME to another directory",
    }
    for path, step in places.items():
        if bad := _UNUSABLE.search(str(path)):
            character = "a space" if bad[0] == " " else f"the character {bad[0]!r}"
            raise Problem(
                f"the path {path} has {character} in it, which Bazel cannot work with: {step}"
            )

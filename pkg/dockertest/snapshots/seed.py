"""A function that fills a server, once for a version of what it does."""

import functools
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from pkg.dockertest.errors import InvalidOption

R = TypeVar("R")

_PIECE_BYTES = 1 << 20


@dataclass(frozen=True)
class Seed(Generic[R]):
    """A function that is called with the server, such as a project's migrations.

    What a function makes cannot be told from its code: it calls other code and reads other files.
    So it is called again, and another snapshot made, when its name, its version, or the content
    of the files is another.

    Attributes:
        fill: gets the server's result. It has to close the connections that it opens.
        version: changed by hand whenever `fill` makes something else.
        files: files and folders that it reads, such as migrations: their content counts, too.

    Raises:
        InvalidOption: the function has no name of its own, or there is no version.
    """

    fill: Callable[[R], object]
    version: str
    files: Sequence[str | Path] = ()

    def __post_init__(self) -> None:
        name = getattr(self.fill, "__qualname__", "")
        if not callable(self.fill) or not name or "<lambda>" in name:
            raise InvalidOption(
                f"Seed({self.fill!r}): fill must be a function with a name, by which its snapshot "
                "is known: write it with def"
            )
        if not isinstance(self.version, str) or not self.version:
            raise InvalidOption(
                f"Seed({name}, version={self.version!r}): version must be text such as '1', "
                "changed whenever the function makes something else"
            )
        if isinstance(self.files, str | Path) or not isinstance(self.files, Iterable):
            raise InvalidOption(f"Seed({name}, files={self.files!r}): files must be a list")
        object.__setattr__(self, "files", tuple(self.files))

    @property
    def name(self) -> str:
        """The function's name with its module's."""
        return f"{self.fill.__module__}.{self.fill.__qualname__}"

    def parts(self) -> tuple[object, ...]:
        """What its snapshot is known by.

        Raises:
            InvalidOption: a file cannot be read.
        """
        option = f"Seed({self.name}, files=…)"
        return (self.name, self.version, *_hashed(self.files, option))


def file_digest(path: Path, option: str) -> str:
    """The hash of a file's content.

    Raises:
        InvalidOption: it cannot be read.
    """
    try:
        about = path.stat()
        return _digest(path.absolute(), about.st_ino, about.st_size, about.st_mtime_ns)
    except OSError as error:
        raise unreadable(path, option, error) from error


@functools.lru_cache(maxsize=1024)
def _digest(path: Path, *_about: int) -> str:
    """The hash of a file's content, taken once while nothing says that it has changed."""
    hashed = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE_BYTES):
            hashed.update(piece)
    return hashed.hexdigest()


def unreadable(path: Path, option: str, error: OSError) -> InvalidOption:
    """What is raised for a file that cannot be read."""
    why = f"cannot be read: {error.strerror or error}"
    if not (name := shown(path)).is_absolute():
        why += "; Bazel gives a test what its data names: name the file there"
    return InvalidOption(f"{option}: {name} {why}")


def shown(path: Path) -> Path:
    """A file's whole path for a message; in a test of Bazel's, the one in the checkout."""
    whole = path.absolute()
    runfiles = Path(os.environ.get("TEST_SRCDIR", ""), os.environ.get("TEST_WORKSPACE", ""))
    is_bazels = runfiles.is_absolute() and whole.is_relative_to(runfiles)
    return whole.relative_to(runfiles) if is_bazels else whole


def refuse_function(option: str, value: object) -> None:
    """Raises InvalidOption for a function without a version.

    Args:
        option: what it was given for, such as MySQL(schema=…).
    """
    if not callable(value):
        return
    service, _, rest = option.partition("(")
    name = getattr(value, "__name__", "<lambda>")
    if name == "<lambda>":
        raise InvalidOption(
            f"{option} got a function without a name, by which its snapshot is known: write it "
            "with def, and give it a version that changes with what it makes: "
            f'{service}({rest.partition("=")[0]}=Seed(fill, version="1"))'
        )
    raise InvalidOption(
        f"{option} got the function {name} without a version: what a function makes cannot be told "
        "from its code, so nobody would know when its snapshot is out of date. Give it a version "
        f"that changes with what it makes: {service}({rest.partition('=')[0]}=Seed({name}, "
        'version="1"))'
    )


def _hashed(files: Sequence[str | Path], option: str) -> Iterator[tuple[str, str]]:
    for top in map(Path, files):
        if not top.is_dir():
            yield top.name, file_digest(top, option)
            continue
        for folder, folders, names in os.walk(top, followlinks=True):
            folders[:] = sorted(one for one in folders if one != "__pycache__")
            for name in sorted(names):
                path = Path(folder, name)
                yield path.relative_to(top).as_posix(), file_digest(path, option)

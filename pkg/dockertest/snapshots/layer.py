"""What a snapshot adds to its base image, made from a server's data directory.

A layer of an image keeps no holes: what was one is written as zeros, and read as such at each
start. So zeros at a file's end are cut off, and `lay.sh` brings them back as a hole; within a file
`cp --sparse` makes holes of them.
"""

import copy
import io
import shlex
import tarfile
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from tempfile import SpooledTemporaryFile, TemporaryFile
from typing import IO

FOLDER = "berth/snapshot"
_DATA = "data"  # the name of what the engine packs, and of it in FOLDER
_STEP_BYTES = 1 << 20  # shorter runs of zeros are not worth a line of lay.sh
_SCRATCH_BYTES = 8 << 20  # a larger file goes through the disk
_LAY = f"""\
#!/bin/sh
# Lays this snapshot's data into a folder. Alpine's cp has no --sparse.
set -eu
cp -a --sparse=always /{FOLDER}/{_DATA}/. "$1" 2>/dev/null || cp -a /{FOLDER}/{_DATA}/. "$1"
cd "$1"
"""


def convert(pieces: Iterable[bytes], leave_out: Sequence[str]) -> IO[bytes]:
    """A layer as a tar file, at its beginning, from the tar file of a data directory.

    Args:
        pieces: the tar file that the engine makes of /data.
        leave_out: paths below /data, with `*` for anything.
    """
    out = TemporaryFile()  # noqa: SIM115  # the caller's to close
    grow: list[str] = []
    with (
        tarfile.open(fileobj=_Reader(pieces), mode="r|") as source,
        tarfile.open(fileobj=out, mode="w") as layer,
    ):
        layer.addfile(_folder(FOLDER))
        for entry in source:
            if _is_kept(entry, leave_out):
                _add(layer, source, entry, grow)
        script = (_LAY + "".join(grow)).encode()
        about = tarfile.TarInfo(f"{FOLDER}/lay.sh")
        about.size, about.mode = len(script), 0o644
        layer.addfile(about, io.BytesIO(script))
    out.seek(0)
    return out


def chunks(file: IO[bytes]) -> Iterator[bytes]:
    """The rest of a file in pieces."""
    while piece := file.read(_STEP_BYTES):
        yield piece


def _is_kept(entry: tarfile.TarInfo, leave_out: Sequence[str]) -> bool:
    path = entry.name.removeprefix(f"{_DATA}/")
    if any(fnmatchcase(path, one) or fnmatchcase(path, f"{one}/*") for one in leave_out):
        return False
    return entry.isreg() or entry.isdir() or entry.issym() or entry.islnk()


def _add(
    layer: tarfile.TarFile, source: tarfile.TarFile, entry: tarfile.TarInfo, grow: list[str]
) -> None:
    placed = copy.copy(entry)
    placed.name = f"{FOLDER}/{entry.name}"
    placed.pax_headers = {}
    if entry.islnk():
        placed.linkname = f"{FOLDER}/{entry.linkname}"
    content = source.extractfile(entry) if entry.isreg() else None
    if content is None:
        layer.addfile(placed)
        return
    with SpooledTemporaryFile(_SCRATCH_BYTES) as scratch:
        placed.size = _copy_without_tail(content, scratch)
        if placed.size < entry.size:
            path = entry.name.removeprefix(f"{_DATA}/")
            grow.append(f"truncate -s {entry.size} ./{shlex.quote(path)}\n")
        scratch.seek(0)
        layer.addfile(placed, scratch)


def _copy_without_tail(content: IO[bytes], scratch: IO[bytes]) -> int:
    """Copies a file up to the step that its last byte other than zero is in; returns its size."""
    size = used = 0
    while piece := content.read(_STEP_BYTES):
        if piece.count(0) < len(piece):
            scratch.write(bytes(size - used) + piece)
            size += len(piece)
            used = size
        else:
            size += len(piece)
    if size - used < _STEP_BYTES:  # a small file, or a short tail
        scratch.write(bytes(size - used))
        used = size
    return used


def _folder(name: str) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type, entry.mode = tarfile.DIRTYPE, 0o755
    return entry


class _Reader(io.RawIOBase):
    """Reads pieces as a file."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._held = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        """Up to size bytes; fewer only at the end."""
        parts = [self._held]
        length = len(self._held)
        while size < 0 or length < size:
            piece = next(self._pieces, b"")
            if not piece:
                break
            parts.append(piece)
            length += len(piece)
        whole = b"".join(parts)
        end = len(whole) if size < 0 else size
        self._held = whole[end:]
        return whole[:end]

"""Finds programs that come in wheels."""

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path


def executable(distribution: str, name: str, folders: Sequence[str] = sys.path) -> Path:
    """The program `name` of an installed distribution, such as ruff of ruff.

    Both rules_python and the offline overlay unpack a wheel into site-packages/ and bin/ side
    by side. rules_python does not make bin/ a runfile: there the real path of a file in
    site-packages leads to it. Raises FileNotFoundError that names what is missing.
    """
    stem = distribution.replace("-", "_")
    for metadata in _metadata(stem, folders):
        for file in (metadata, metadata.resolve()):
            program = file.parents[2] / "bin" / name
            if os.access(program, os.X_OK):
                return program
    raise FileNotFoundError(
        f"no program {name} of {distribution}: add @pypi//{stem.lower()} to deps, or look whether "
        "its wheel still has the program in bin/"
    )


def _metadata(stem: str, folders: Sequence[str]) -> Iterator[Path]:
    for folder in folders:
        yield from Path(folder).glob(f"{stem}-*.dist-info/METADATA")

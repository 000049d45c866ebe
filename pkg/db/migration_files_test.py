"""A folder of migrations is read in order, or refused by the name of what is wrong."""

from pathlib import Path

import pytest

from pkg.db import MigrationError, migration_files


def write(folder: Path, *names: str, content: bytes = b"SELECT 1;") -> Path:
    for name in names:
        (folder / name).write_bytes(content)
    return folder


def test_files_come_in_order(tmp_path: Path) -> None:
    """By number; what is no SQL is left alone."""
    write(tmp_path, "0002_b.sql", "0001_c.sql", "0003_a.sql", "README.md")
    assert [one.name for one in migration_files.read(tmp_path)] == [
        "0001_c.sql",
        "0002_b.sql",
        "0003_a.sql",
    ]


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ([], "has no file such as 0001_first.sql"),
        (["0002_a.sql"], "0002_a.sql comes where 0001 should"),
        (["0001_a.sql", "0003_c.sql"], "0003_c.sql comes where 0002 should"),
        (["0001_a.sql", "0001_b.sql"], "0001_a.sql and 0001_b.sql have one number"),
        (["0000_a.sql"], "0000_a.sql comes where 0001 should"),
        (["1_a.sql"], "1_a.sql: name it as 0001_what_it_does.sql"),
        (["0001_A.sql"], "0001_A.sql: name it"),
        (["0001.sql"], "0001.sql: name it"),
    ],
)
def test_a_name_that_does_not_fit_is_refused(tmp_path: Path, names: list[str], words: str) -> None:
    """A gap, two of a number, another form."""
    with pytest.raises(MigrationError, match=words):
        migration_files.read(write(tmp_path, *names))


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"\xff", "0001_a.sql: it cannot be read as UTF-8"), (b"-- nothing", "has no statement")],
)
def test_a_content_that_is_none_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    """By the file's name."""
    with pytest.raises(MigrationError, match=words):
        migration_files.read(write(tmp_path, "0001_a.sql", content=content))


def test_the_checksum_is_the_texts(tmp_path: Path) -> None:
    """Not that of its line ends or its byte order mark."""
    sums = []
    for content in (b"SELECT 1;\n", b"SELECT 1;\r\n", b"\xef\xbb\xbfSELECT 1;\n", b"SELECT 2;\n"):
        (one,) = migration_files.read(write(tmp_path, "0001_a.sql", content=content))
        sums.append(one.checksum)
    assert sums[0] == sums[1] == sums[2] != sums[3]

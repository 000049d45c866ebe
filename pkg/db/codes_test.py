"""A code of MySQL's is the error that a caller can act on, with names and without values."""

import pytest

from pkg.db import (
    AccessDenied,
    BadValue,
    ConnectionLost,
    DatabaseError,
    Deadlocked,
    DuplicateKey,
    LockTimeout,
    ReferenceBroken,
    Refused,
    TimedOut,
    Unavailable,
)
from pkg.db.codes import error_of
from pkg.fault import Kind


@pytest.mark.parametrize(
    ("code", "words", "kind"),
    [
        (1040, "Too many connections", Unavailable),
        (1045, "Access denied for user 'a'@'b'", AccessDenied),
        (1053, "Server shutdown in progress", ConnectionLost),
        (1062, "Duplicate entry '1' for key 't.PRIMARY'", DuplicateKey),
        (1064, "You have an error in your SQL syntax", Refused),
        (1205, "Lock wait timeout exceeded", LockTimeout),
        (1213, "Deadlock found", Deadlocked),
        (1290, "The MySQL server is running with the --super-read-only option", Unavailable),
        (1290, "The MySQL server is running with the --secure-file-priv option", Refused),
        (1406, "Data too long for column 'word'", BadValue),
        (1452, "Cannot add or update a child row", ReferenceBroken),
        (2002, "Can't connect to server", Unavailable),
        (2006, "Server has gone away", ConnectionLost),
        (3024, "Query execution was interrupted", TimedOut),
        (9999, "unheard of", Refused),
    ],
)
def test_a_code_is_an_error(code: int, words: str, kind: type[DatabaseError]) -> None:
    """Its message has the code and the server's address."""
    error = error_of(code, words, "db:3306")
    assert type(error) is kind
    assert f"db:3306: MySQL's error {code}" in str(error)
    assert words not in str(error)


@pytest.mark.parametrize(
    ("words", "key"),
    [
        ("Duplicate entry 'a' for key 't.by_word'", "by_word"),
        ("Duplicate entry 'a' for key 'by_word'", "by_word"),
        ("Duplicate entry 'for key 'x.y'' for key 't.by_word'", "by_word"),
        ("Duplicate entry 'a\nfor key 'b'' for key 't.PRIMARY'", "PRIMARY"),
        ("something else", ""),
    ],
)
def test_a_duplicate_names_its_key(words: str, key: str) -> None:
    """The last name in the server's words: the value before it may be anybody's."""
    error = error_of(1062, words, "db:3306")
    assert isinstance(error, DuplicateKey)
    assert error.key == key


def test_a_reference_names_its_constraint() -> None:
    words = (
        "Cannot add or update a child row: a foreign key constraint fails (`shop`.`child`, "
        "CONSTRAINT `of_parent` FOREIGN KEY (`id`) REFERENCES `parent` (`id`))"
    )
    error = error_of(1452, words, "db:3306")
    assert isinstance(error, ReferenceBroken)
    assert error.constraint == "of_parent"


def test_what_a_caller_can_do_is_said() -> None:
    """For a service's faults."""
    assert error_of(1213, "", "db").kind.may_be_tried_again
    assert error_of(2006, "", "db").kind.may_be_tried_again
    assert error_of(1062, "", "db").kind is Kind.CONFLICT
    assert error_of(1064, "", "db").kind is Kind.INTERNAL

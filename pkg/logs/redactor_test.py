"""Secrets are hidden wherever they stand in a text."""

import json
from textwrap import wrap
from urllib.parse import quote

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pkg.logs import HIDDEN, Redactor
from pkg.logs.redactor import names_a_secret

TOKEN = 'T0ken-"with\\quotes"/and+more=0123456789'
LINES = ["MIIEvQIBADANBgkqhkiG9w0BAQEFAASC", "BKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj"]
PEM = "\n".join(["-----BEGIN KEY-----", *LINES, "-----END KEY-----"])


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "at the end: {}",
        "{}{}",
        "json: {{'a': '{}'}}",
        "https://host/?t={}&u=1",
    ],
)
def test_a_secret_is_hidden_wherever_it_stands(text: str) -> None:
    told = Redactor([TOKEN]).text(text.format(TOKEN, TOKEN))
    assert TOKEN not in told
    assert HIDDEN in told


def test_a_secret_is_hidden_however_it_is_written() -> None:
    """As Python, JSON and URLs write it, and over several lines."""
    redactor = Redactor([TOKEN])
    folded = "\n    ".join(wrap(TOKEN, 7))
    for written in (repr(TOKEN), json.dumps(TOKEN), quote(TOKEN, safe=""), folded, repr(folded)):
        told = redactor.text(f"<{written}>")
        assert "0123456" not in told, told
        assert told.startswith("<")
        assert told.endswith(">")


def test_each_of_a_list_and_each_line_is_hidden() -> None:
    """Alone, too."""
    redactor = Redactor(["first-token-01, second-token-02", PEM])
    assert redactor.text("it was first-token-01!") == f"it was {HIDDEN}!"
    assert redactor.text("or second-token-02?") == f"or {HIDDEN}?"
    for line in LINES:
        assert line not in redactor.text(f"line: {line} of it")


def test_a_urls_password_is_hidden_alone_and_decoded() -> None:
    redactor = Redactor(["mysql://me:p%40ss%2Fword@db/x"])
    for text in ("me p@ss/word", "me p%40ss%2Fword", "mysql://me:p%40ss%2Fword@db/x"):
        assert "word" not in redactor.text(text)


def test_the_longest_is_hidden_first() -> None:
    """A secret that another begins with leaves nothing of it."""
    told = Redactor(["hunter", "hunter-and-more"]).text("hunter-and-more hunter")
    assert told == f"{HIDDEN} {HIDDEN}"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("redis://:hunter2@cache:6379/0 is away", f"redis://{HIDDEN}@cache:6379/0 is away"),
        ("at MYSQL://root:a@b@db/x", f"at MYSQL://{HIDDEN}@db/x"),
        ("https://docs.example.com/a@b", "https://docs.example.com/a@b"),
        ("password=hunter2 user=me", f"password={HIDDEN} user=me"),
        ("{'api_key': 'hunter2', 'n': 1}", f"{{'api_key': {HIDDEN}, 'n': 1}}"),
        ('{"client_secret": "hunter 2"}', f'{{"client_secret": {HIDDEN}}}'),
        ("Authorization: Bearer hunter2-hunter2", f"Authorization: {HIDDEN}"),
        ("sent Bearer hunter2-hunter2", f"sent Bearer {HIDDEN}"),
        ("Settings(token='hunter2', n=2)", f"Settings(token={HIDDEN}, n=2)"),
        ("/a?X-Amz-Signature=4f5e&x-id=1", f"/a?X-Amz-Signature={HIDDEN}&x-id=1"),
        ("the bearer of news", "the bearer of news"),
        ("key_id=42 route=/v1/token", "key_id=42 route=/v1/token"),
    ],
)
def test_what_looks_like_a_secret_is_hidden(text: str, told: str) -> None:
    """Without having been told of it; the rest stays."""
    assert Redactor().text(text) == told


def test_what_is_too_short_is_no_secret() -> None:
    """It would stand in any text."""
    assert Redactor(["", "abc", " \n"]).text("abc of the alphabet") == "abc of the alphabet"


# No brackets, which would be taken for what stands in a secret's place.
_SECRETS = st.text(st.characters(exclude_characters="[]", exclude_categories=["Cs"]), min_size=4)


@settings(deadline=None, max_examples=50)
@given(_SECRETS, st.text(), st.text())
def test_no_secret_is_left(secret: str, before: str, after: str) -> None:
    """Whatever it is, and whatever is around it."""
    secret = secret.strip()
    assume(len(secret) >= 4 and secret not in HIDDEN and secret not in before + after)
    assert secret not in Redactor([secret]).text(f"{before}{secret}{after}")


def test_no_text_takes_long() -> None:
    """Nor does a secret of many lines: a bounded number of steps, of which this has many."""
    redactor = Redactor(["a" * 500, "\n".join("b" * 60 for _ in range(500))])
    for part in ("a", "token", "pwd=", "a://", "x" * 30, '"', "bearer ", "\n"):
        text = part * (8192 // len(part))
        assert len(redactor.text(text)) < 100_000


@pytest.mark.parametrize(
    "name",
    [
        *("password", "DB_PASSWORD", "apiKey", "master_keys", "x-auth-token", "Set-Cookie"),
        *("key", "root_key", "keyMaterial"),
    ],
)
def test_a_name_of_a_secret_is_known(name: str) -> None:
    assert names_a_secret(name)


@pytest.mark.parametrize("name", ["key_id", "keyring", "keys", "route", "monkey", "tokenizer", ""])
def test_other_names_are_none_of_a_secret(name: str) -> None:
    assert not names_a_secret(name)


def test_it_shows_no_secret_itself() -> None:
    assert TOKEN not in repr(Redactor([TOKEN]))

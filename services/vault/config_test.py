"""What a configuration accepts, and what it says otherwise."""

from dataclasses import FrozenInstanceError, replace
from datetime import timedelta

import pytest

from services.vault.build import build
from services.vault.config import Config
from services.vault.errors import InvalidConfig
from services.vault.keyring import MasterKey, MasterKeys

MASTER = MasterKey(bytes(range(32)))
GOOD = Config(
    master_keys=MasterKeys([MASTER]),
    s3_url="https://s3.example.com",
    s3_bucket="vault",
    s3_access_key_id="AKIA-EXAMPLE",
    s3_secret_access_key="hush",
)


@pytest.mark.parametrize(
    "url",
    ["https://s3.example.com", "http://127.0.0.1:9000", "http://[::1]:9000/", "https://S3:443"],
)
@pytest.mark.parametrize("prefix", ["", "vault/", "a.b/c-d/_e/"])
def test_an_instance_is_built_from_it(url: str, prefix: str) -> None:
    """Without a word to the server, which may start later."""
    build(replace(GOOD, s3_url=url, s3_prefix=prefix))


def test_a_providers_own_rules_are_a_matter_of_configuration() -> None:
    """The client library refuses Amazon's hosts that do not serve S3."""
    with pytest.raises(InvalidConfig, match=r"^vault: s3_url: .*amazonaws"):
        build(replace(GOOD, s3_url="https://sqs.us-east-1.amazonaws.com"))


def test_it_shows_no_secret() -> None:
    """It may be printed and logged."""
    shown = repr(GOOD)
    assert "hush" not in shown
    assert MASTER.reveal() not in shown
    assert MASTER.id in shown


def test_it_does_not_change() -> None:
    """What was checked stays checked."""
    with pytest.raises(FrozenInstanceError):
        GOOD.s3_bucket = "other"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("s3_url", "", "must begin with http:// or https://"),
        ("s3_url", "s3.example.com", "must begin with"),
        ("s3_url", "ftp://s3.example.com", "must begin with"),
        ("s3_url", "https://", "must name a host"),
        ("s3_url", "https://s3:0", "must name a host, and a port that is not 0"),
        ("s3_url", "https://s 3", "must name a host"),
        ("s3_url", "https://s3..com", "must name a host"),
        ("s3_url", "https://s3:99999", "is no URL"),
        ("s3_url", "https://[s3", "is no URL"),
        ("s3_url", "https://me:hush@s3", "must hold no credentials"),
        ("s3_url", "https://s3/vault", "a path goes into s3_prefix"),
        ("s3_url", "https://s3/?a=b", "must end after host and port"),
        ("s3_bucket", "", "is no bucket's name"),
        ("s3_bucket", "Vault", "is no bucket's name"),
        ("s3_bucket", "v", "is no bucket's name"),
        ("s3_prefix", "vault", 'parts that end in "/"'),
        ("s3_prefix", "/", 'parts that end in "/"'),
        ("s3_prefix", "a/../", "do not begin with a dot"),
        ("s3_access_key_id", "", "must not be empty"),
        ("s3_secret_access_key", " ", "must not be empty"),
        ("s3_region", "", "is no region"),
        ("s3_region", "us east", "is no region"),
    ],
)
def test_what_is_wrong_is_named(field: str, value: str, problem: str) -> None:
    """The field, the reason and the next step; never a secret."""
    with pytest.raises(InvalidConfig, match=f"^vault: {field}: .*{problem}") as refused:
        replace(GOOD, **{field: value})  # type: ignore[arg-type]
    assert "hush" not in str(refused.value)


def test_all_that_is_wrong_is_named_at_once() -> None:
    """Nobody mends a configuration one start at a time."""
    with pytest.raises(InvalidConfig) as refused:
        replace(GOOD, s3_url="", s3_bucket="", s3_region="")
    assert [line.split(":")[1] for line in str(refused.value).splitlines()] == [
        " s3_url",
        " s3_bucket",
        " s3_region",
    ]


def test_a_patience_of_nothing_is_refused() -> None:
    """No request could be answered in it."""
    with pytest.raises(InvalidConfig, match="s3_patience: 0:00:00: must be longer than nothing"):
        replace(GOOD, s3_patience=timedelta())

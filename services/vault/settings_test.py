"""The settings that an environment tells, and what is said of those that are wrong."""

from datetime import timedelta
from pathlib import Path

import pytest

from pkg.config import InvalidConfig
from services.vault.keyring import MasterKey
from services.vault.rpc.limits import Limits
from services.vault.settings import VARIABLES, read, usage

KEYS = [MasterKey(bytes([each]) * 32) for each in (1, 2)]
TOKENS = ["first-token-0123456789-0123456789", "second-token-0123456789-012345678"]
GOOD = {
    "VAULT_MASTER_KEYS": ",".join(key.reveal() for key in KEYS),
    "VAULT_TOKENS": "\n".join(TOKENS),
    "VAULT_S3_URL": "https://s3.example.com",
    "VAULT_S3_BUCKET": "vault",
    "VAULT_S3_ACCESS_KEY_ID": "AKIA-EXAMPLE",
    "VAULT_S3_SECRET_ACCESS_KEY": "hush",
}


def test_what_must_be_given_is_enough() -> None:
    """The rest has defaults, and other variables do not matter."""
    settings = read({**GOOD, "PATH": "/bin", "VAULT_ADDR": "x"})
    assert (str(settings.listen), settings.log_level) == ("127.0.0.1:7010", "info")
    assert settings.limits == Limits()
    assert settings.config.s3_url == "https://s3.example.com"
    assert settings.config.s3_prefix == ""
    assert settings.config.master_keys.ids == tuple(key.id for key in KEYS)
    for token in TOKENS:
        assert settings.tokens.admit(f"Bearer {token}".encode())


def test_all_can_be_set() -> None:
    settings = read(
        {
            **GOOD,
            "VAULT_S3_PREFIX": "a/",
            "VAULT_S3_REGION": "eu-1",
            "VAULT_S3_PATIENCE": "1.5",
            "VAULT_LISTEN": "[::1]:0",
            "VAULT_DEADLINE": "2",
            "VAULT_HEADER_TIMEOUT": "0.5",
            "VAULT_IDLE_TIMEOUT": "7",
            "VAULT_MAX_BODY_BYTES": "1000",
            "VAULT_MAX_HEADER_BYTES": "1001",
            "VAULT_MAX_REQUESTS": "1",
            "VAULT_MAX_CONNECTIONS": "2",
            "VAULT_THREADS": "3",
            "VAULT_STOP_DELAY": "0",
            "VAULT_LOG_LEVEL": "error",
        }
    )
    assert (str(settings.listen), settings.log_level) == ("[::1]:0", "error")
    assert settings.config.s3_patience == timedelta(seconds=1.5)
    assert (settings.config.s3_prefix, settings.config.s3_region) == ("a/", "eu-1")
    assert settings.limits == Limits(
        deadline=2,
        header_timeout=0.5,
        idle_timeout=7,
        max_body_bytes=1000,
        max_header_bytes=1001,
        max_requests=1,
        max_connections=2,
        threads=3,
        stop_delay=0,
    )


def test_each_may_be_in_a_file(tmp_path: Path) -> None:
    """As secrets are mounted; the end of the last line is no part of it."""
    files = {}
    for name, value in GOOD.items():
        (tmp_path / name).write_text(f"{value}\n")
        files[f"{name}_FILE"] = str(tmp_path / name)
    assert repr(read(files)) == repr(read(GOOD))
    assert read(files).config.s3_secret_access_key == "hush"


def test_all_that_is_wrong_is_told_at_once() -> None:
    """One line each, in which the variable comes first."""
    assert [line.split(":")[0] for line in problems({})] == sorted(
        GOOD, key=[each.name for each in VARIABLES].index
    )
    wrong = {
        "VAULT_S3_URL": "ftp://s3",
        "VAULT_S3_BUCKET": "B",
        "VAULT_TOKENS": "short",
        "VAULT_LISTEN": "nowhere",
        "VAULT_THREADS": "0",
        "VAULT_DEADLINE": "soon",
    }
    found = [line.split(":")[0] for line in problems({**GOOD, **wrong})]
    assert sorted(found) == sorted(wrong)


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("MASTER_KEYS", "", "give at least one"),
        ("MASTER_KEYS", "hush", "64 hexadecimal digits"),
        ("MASTER_KEYS", f"{KEYS[0].reveal()} {KEYS[0].reveal()}", "one stands twice"),
        ("TOKENS", "", "no token"),
        ("TOKENS", "x" * 31, "must have 32 to 256"),
        ("TOKENS", "x" * 257, "must have 32 to 256"),
        ("TOKENS", f"{TOKENS[0]},hush", "token 2 of 2: must have 32"),
        ("TOKENS", "hush-" + "\u00e9" * 40, "token 1 of 1: must have 32"),
        ("S3_URL", "https://me:hush@s3", "must hold no credentials"),
        ("S3_PATIENCE", "0", "is no number of seconds above 0"),
        ("S3_PATIENCE", "10", "must be longer than VAULT_S3_PATIENCE"),
        ("LISTEN", "127.0.0.1", "is no address and port"),
        ("LISTEN", "127.0.0.1:70000", "is no address and port"),
        ("LISTEN", "tcp://127.0.0.1:1", "is no address and port"),
        ("DEADLINE", "-1", "is no number of seconds above 0"),
        ("DEADLINE", "nan", "is no number of seconds above 0"),
        ("DEADLINE", "1e3", "is no number of seconds above 0"),
        ("STOP_DELAY", "-0", "is no number of seconds"),
        ("THREADS", "1.5", "is no whole number above 0"),
        ("MAX_BODY_BYTES", "24 MiB", "is no whole number above 0"),
        ("LOG_LEVEL", "all", "is none of debug, info, warning, error"),
    ],
)
def test_a_wrong_value_is_told(name: str, value: str, problem: str) -> None:
    """By the variable's name, without any secret."""
    (line,) = problems({**GOOD, f"VAULT_{name}": value})
    assert line.startswith("VAULT_")
    assert problem in line
    for secret in ("hush", *TOKENS, *(key.reveal() for key in KEYS)):
        assert secret not in line


def test_a_token_may_have_32_to_256_characters() -> None:
    """As the help and the message of a missing one say."""
    for length in (32, 256):
        token = "x" * length
        assert read({**GOOD, "VAULT_TOKENS": token}).tokens.admit(f"Bearer {token}".encode())
    (missing,) = (line for line in problems({}) if line.startswith("VAULT_TOKENS:"))
    assert "32 to 256 characters" in missing


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    (tmp_path / "bytes").write_bytes(b"\xff")
    for file, problem in ((missing, "No such file"), (tmp_path / "bytes", "no text in UTF-8")):
        environ = {**GOOD, "VAULT_TOKENS_FILE": str(file)}
        del environ["VAULT_TOKENS"]
        (line,) = problems(environ)
        assert line.startswith(f"VAULT_TOKENS_FILE: {file}: ")
        assert problem in line


def test_both_forms_at_once_are_told() -> None:
    assert problems({**GOOD, "VAULT_TOKENS_FILE": "/x"}) == [
        "VAULT_TOKENS: give either VAULT_TOKENS or VAULT_TOKENS_FILE"
    ]


def test_settings_show_no_secret() -> None:
    shown = repr(read(GOOD))
    for secret in ("hush", *TOKENS, *(key.reveal() for key in KEYS)):
        assert secret not in shown


def test_the_help_has_every_variable() -> None:
    """And every limit is a variable."""
    lines = usage().splitlines()
    assert [line.split()[0] for line in lines] == [each.name for each in VARIABLES]
    for name in vars(Limits()):
        assert f"VAULT_{name.upper()} " in usage()


def problems(environ: dict[str, str]) -> list[str]:
    """What is said of an environment."""
    with pytest.raises(InvalidConfig) as refused:
        read(environ)
    return str(refused.value).splitlines()

"""An instance's settings, from the environment.

Each variable VAULT_X may be given as VAULT_X_FILE instead: the name of a file that holds it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from services.vault.config import Config
from services.vault.errors import InvalidConfig, InvalidInput
from services.vault.keyring import MasterKey, MasterKeys
from services.vault.rpc.auth import Tokens
from services.vault.rpc.limits import Limits
from services.vault.rpc.logs import LEVELS
from services.vault.variables import VARIABLES, Variable

_TOKEN = re.compile(r"[A-Za-z0-9_.~+/=-]{32,256}")
_SECONDS = re.compile(r"\d{1,6}(\.\d{1,6})?")
_COUNT = re.compile(r"[1-9]\d{0,11}")
_LISTEN = re.compile(r"(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<host>[A-Za-z0-9.-]+)):(?P<port>\d{1,5})")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All that an instance is told. Shows no secret.

    Attributes:
        config: of the vault itself.
        host: the address to listen on.
        port: the port to listen on; 0 takes a free one.
        tokens: that let a client in.
        limits: of the HTTP side.
        log_level: below which nothing is logged.
    """

    config: Config
    host: str
    port: int
    tokens: Tokens
    limits: Limits
    log_level: str


def read(environ: Mapping[str, str]) -> Settings:
    """The settings that the environment tells.

    Raises:
        InvalidConfig: with a line for each variable to mend.
    """
    reader = _Reader(environ)
    limits = reader.limits()
    host, port = reader.parsed("LISTEN", _listen, ("", 0))
    tokens = reader.parsed("TOKENS", _tokens, Tokens(["none"]))
    log_level = reader.parsed("LOG_LEVEL", _level, "info")
    config = reader.config()
    if config and config.s3_patience.total_seconds() >= limits.deadline > 0:
        reader.problems.append("VAULT_DEADLINE: must be longer than VAULT_S3_PATIENCE")
    if reader.problems or config is None:
        raise InvalidConfig("\n".join(reader.problems))
    return Settings(
        config=config, host=host, port=port, tokens=tokens, limits=limits, log_level=log_level
    )


class _Reader:
    """Reads variables and collects what is wrong with them."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.problems: list[str] = []
        self._values = {each.name: self._value(environ, each) for each in VARIABLES}

    def _value(self, environ: Mapping[str, str], variable: Variable) -> str | None:
        """The variable's text; None if there is none, which is then a problem."""
        name, file = variable.name, environ.get(f"{variable.name}_FILE")
        text = environ.get(name)
        if text is not None and file is not None:
            self.problems.append(f"{name}: give either {name} or {name}_FILE")
            return None
        if file is not None:
            try:
                text = Path(file).read_text()
            except OSError as error:
                self.problems.append(f"{name}_FILE: {file}: {error.strerror}")
                return None
            except ValueError:
                self.problems.append(f"{name}_FILE: {file}: is no text in UTF-8")
                return None
        if text is None:
            text = variable.default
        if text is None:
            self.problems.append(f"{name}: must be set: {variable.meaning}")
            return None
        return text.strip()

    def parsed[T](self, name: str, parse: Callable[[str], T], otherwise: T) -> T:
        """What a variable means. `parse` raises ValueError with what is wrong."""
        text = self._values[f"VAULT_{name}"]
        if text is None:
            return otherwise
        try:
            return parse(text)
        except ValueError as error:
            self.problems.append(f"VAULT_{name}: {error}")
            return otherwise

    def limits(self) -> Limits:
        """The HTTP side's limits."""
        return Limits(
            deadline=self._seconds("DEADLINE"),
            header_timeout=self._seconds("HEADER_TIMEOUT"),
            idle_timeout=self._seconds("IDLE_TIMEOUT"),
            max_body_bytes=self._count("MAX_BODY_BYTES"),
            max_header_bytes=self._count("MAX_HEADER_BYTES"),
            max_requests=self._count("MAX_REQUESTS"),
            max_connections=self._count("MAX_CONNECTIONS"),
            threads=self._count("THREADS"),
            stop_delay=self._seconds("STOP_DELAY", may_be_0=True),
        )

    def _seconds(self, name: str, *, may_be_0: bool = False) -> float:
        def parse(text: str) -> float:
            seconds = float(text) if _SECONDS.fullmatch(text) else -1.0
            if seconds < 0 or (seconds == 0 and not may_be_0):
                raise ValueError(f"{text!r} is no number of seconds above 0")
            return seconds

        return self.parsed(name, parse, 0.0)

    def _count(self, name: str) -> int:
        def parse(text: str) -> int:
            if not _COUNT.fullmatch(text):
                raise ValueError(f"{text!r} is no whole number above 0")
            return int(text)

        return self.parsed(name, parse, 0)

    def config(self) -> Config | None:
        """The vault's own part; None if there are problems with it."""
        before = len(self.problems)
        master_keys = self.parsed("MASTER_KEYS", _master_keys, None)
        patience = timedelta(seconds=self._seconds("S3_PATIENCE"))
        # What is missing was told already.
        text = {
            each.removeprefix("VAULT_").lower(): value
            for each, value in self._values.items()
            if each.startswith("VAULT_S3_") and each != "VAULT_S3_PATIENCE"
        }
        missing = {name for name, value in text.items() if value is None}
        try:
            config = Config(
                master_keys=master_keys or MasterKeys([MasterKey.generate()]),
                s3_patience=patience,
                **{name: value or "" for name, value in text.items()},
            )
        except InvalidConfig as error:
            told = {each.partition(":")[0] for each in self.problems}
            for line in str(error).splitlines():
                name, _, problem = line.removeprefix("vault: ").partition(": ")
                if name not in missing and (variable := f"VAULT_{name.upper()}") not in told:
                    self.problems.append(f"{variable}: {problem}")
            return None
        return config if len(self.problems) == before and not missing else None


def _master_keys(text: str) -> MasterKeys:
    try:
        return MasterKeys([MasterKey.from_hex(each) for each in _several(text)])
    except InvalidInput as error:
        raise ValueError(str(error)) from None


def _tokens(text: str) -> Tokens:
    several = _several(text)
    for number, token in enumerate(several, 1):
        if not _TOKEN.fullmatch(token):
            raise ValueError(
                f"token {number} of {len(several)}: must have 32 to 256 letters, digits and "
                "-_.~+/=, such as new-token prints"
            )
    return Tokens(several)


def _several(text: str) -> list[str]:
    return [each for each in re.split(r"[,\s]+", text) if each]


def _listen(text: str) -> tuple[str, int]:
    found = _LISTEN.fullmatch(text)
    if not found or int(found["port"]) > 65535:
        raise ValueError(f"{text!r} is no address and port, such as 127.0.0.1:7010 or [::1]:7010")
    return found["v6"] or found["host"], int(found["port"])


def _level(text: str) -> str:
    if text not in LEVELS:
        raise ValueError(f"{text!r} is none of {', '.join(LEVELS)}")
    return text

"""An instance's settings, from the environment."""

import re
from dataclasses import dataclass

from pkg import config
from pkg.config import Address, address, one_of, part, several, variable
from pkg.logs import LEVELS
from pkg.serving import Tokens
from services.vault.config import Config
from services.vault.rpc.limits import Limits

PREFIX = "VAULT"
_TOKEN = re.compile(r"[A-Za-z0-9_.~+/=-]{32,256}")


def _tokens(text: str) -> Tokens:
    tokens = several(str)(text) if text else ()
    for number, token in enumerate(tokens, 1):
        if not _TOKEN.fullmatch(token):
            raise ValueError(
                f"token {number} of {len(tokens)}: must have 32 to 256 letters, digits and "
                "-_.~+/=, such as new-token prints"
            )
    return Tokens(tokens)


@dataclass(frozen=True, kw_only=True)
class Settings(config.FromEnvironment, prefix=PREFIX):
    """All that an instance is told. Shows no secret.

    Attributes:
        config: of the vault itself.
        tokens: that let a client in.
        listen: where; port 0 takes a free one.
        limits: of the HTTP side.
        log_level: below which nothing is logged.
    """

    config: Config = part(Config)
    tokens: Tokens = variable(
        "bearer tokens that let a client in, each of 32 to 256 characters", _tokens, secret=True
    )
    listen: Address = variable(
        "address and port; port 0 takes a free one", address, default=Address("127.0.0.1", 7010)
    )
    limits: Limits = part(Limits)
    log_level: str = variable(
        "debug, info, warning or error; each request is an info", one_of(*LEVELS), default="info"
    )

    def __post_init__(self) -> None:
        if self.config.s3_patience.total_seconds() >= self.limits.deadline:
            raise ValueError("VAULT_DEADLINE: must be longer than VAULT_S3_PATIENCE")


VARIABLES = config.variables(Settings, prefix=PREFIX)
read, usage = Settings.read, Settings.usage

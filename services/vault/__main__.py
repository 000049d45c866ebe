"""`python -m services.vault` runs an instance of the vault; `--help` tells what it reads."""

import argparse
import os
import secrets
import sys
from collections.abc import Mapping, Sequence

from pkg import config, logs, serving
from services.vault import settings
from services.vault.build import build
from services.vault.errors import InvalidConfig
from services.vault.keyring import MasterKey
from services.vault.rpc import app

_BAD_SETTINGS = 2
_TOKEN_BYTES = 32


def main(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Runs what the arguments name, and returns the exit status."""
    usage = settings.usage()
    parser = argparse.ArgumentParser(
        prog="python -m services.vault",
        description="Encrypts small secrets for other services, over HTTP.",
        epilog=f"variables, or each as NAME_FILE, a file that holds it (default):\n{usage}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "command",
        nargs="?",
        choices=["serve", "new-master-key", "new-token"],
        default="serve",
        help="what to do: serve unless given; the others print a secret",
    )
    match parser.parse_args(arguments).command:
        case "new-master-key":
            print(MasterKey.generate().reveal())
        case "new-token":
            print(secrets.token_urlsafe(_TOKEN_BYTES))
        case _:
            return _serve(environ)
    return 0


def _serve(environ: Mapping[str, str]) -> int:
    redactor = logs.Redactor()
    try:
        told = settings.read(environ, redactor.add)
        vault = build(told.config)
        at = serving.opened(told.listen, told.limits.max_connections, settings.PREFIX)
    except (config.InvalidConfig, InvalidConfig) as error:
        print(str(error), file=sys.stderr)
        return _BAD_SETTINGS
    # Its errors may hold what it was working on.
    logs.configure(sys.stderr, told.log_level, logs.JsonLines(redactor, error_texts=False))
    made = app.build(vault, told.tokens, told.limits)
    serving.run(made, at)
    serving.leave(made)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))

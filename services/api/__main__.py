"""`python -m services.api` runs an instance of the service; `--help` tells what it reads."""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace

from pkg import config, logs, serving
from pkg.clock import Clock, SystemClock
from pkg.db import Database, DatabaseError, InvalidConfig, migrate, pending
from pkg.eventstream import EventstreamError, Producer
from services.api.analytics.verifications import Verifications, connected
from services.api.eventing import Stream
from services.api.instance import (
    MYSQL_TIMEOUTS,
    VAULT_SECONDS,
    Backends,
    instance,
    redis_client,
)
from services.api.settings import Databases, Settings
from services.api.store.schema import SCHEMA
from services.api.workspaces import new_workspace
from services.vault.client import VaultClient

_FAILED = 1
_BAD_SETTINGS = 2
_MIGRATE_FIRST = "MySQL has not had {} yet: run python -m services.api migrate first"


def main(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Runs what the arguments name, and returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m services.api",
        description="Issues and verifies API keys, over HTTP.",
        epilog="variables, or each as NAME_FILE, a file that holds it (default):\n"
        f"{Settings.usage()}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    commands.add_parser("serve", help="runs an instance; so it does without a command")
    commands.add_parser("migrate", help="makes the tables in MySQL, or brings them up to date")
    workspace = commands.add_parser(
        "new-workspace", help="makes a workspace, and prints its id and a root key that may do all"
    )
    workspace.add_argument("name", metavar="NAME", help="for people, such as acme")
    asked = parser.parse_args(arguments)
    redactor = logs.Redactor()
    clock = SystemClock()
    try:
        match asked.command:
            case "migrate":
                with _database(environ, redactor, clock) as db:
                    for name in migrate(db, SCHEMA):
                        print(name)
            case "new-workspace":
                with _database(environ, redactor, clock) as db:
                    if missing := pending(db, SCHEMA):
                        print(_MIGRATE_FIRST.format(missing[0]), file=sys.stderr)
                        return _FAILED
                    print(*new_workspace(db, asked.name, clock))
            case _:
                _serve(Settings.read(environ, redactor.add), redactor, clock)
    except (config.InvalidConfig, InvalidConfig) as error:
        print(str(error), file=sys.stderr)
        return _BAD_SETTINGS
    except (DatabaseError, EventstreamError) as error:
        print(redactor.text(str(error)), file=sys.stderr)
        return _FAILED
    return 0


def _database(environ: Mapping[str, str], redactor: logs.Redactor, clock: Clock) -> Database:
    told = Databases.read(environ, redactor.add)
    return Database(told.config, clock=clock)


def _serve(told: Settings, redactor: logs.Redactor, clock: Clock) -> None:
    at = serving.opened(told.listen, told.limits.max_connections, Settings.PREFIX)
    logs.configure(sys.stderr, told.log_level, logs.JsonLines(redactor))
    with ExitStack() as opened:
        producer = opened.enter_context(
            Producer(told.events_folder, told.kafka.config, clock=clock, prefix=told.kafka.prefix)
        )
        mysql = replace(told.mysql.config, timeouts=MYSQL_TIMEOUTS)
        backends = Backends(
            db=opened.enter_context(Database(mysql, clock=clock)),
            redis=opened.enter_context(redis_client(told.redis_url)),
            prefix=told.redis_prefix,
            vault=opened.enter_context(
                VaultClient(told.vault.url, told.vault.token, deadline=VAULT_SECONDS)
            ),
            events=Stream(producer),
            verifications=_verifications(told.clickhouse_url, clock),
        )
        app = opened.enter_context(instance(backends, told.limits, clock))
        serving.run(app, at)
    serving.leave(app)


def _verifications(url: str | None, clock: Clock) -> Verifications | None:
    return Verifications(connected(url, clock=clock)) if url else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))

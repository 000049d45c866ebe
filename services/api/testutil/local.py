"""`./dev api`: an instance with all that it stands on, on the shared servers, to try it by hand.

Its parts of the servers, the vault's master key and token, the workspace and its root key are new
each time, and gone with it.
"""

import secrets
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from pkg.clock import SystemClock
from pkg.db import DatabaseError, migrate
from pkg.dockertest import DockertestError
from pkg.dockertest.clickhouse import ClickHouse
from pkg.dockertest.kafka import Kafka
from pkg.dockertest.mysql import MySQL
from pkg.dockertest.redis import Redis
from pkg.dockertest.s3 import S3
from pkg.testutil.containers import Containers
from services.api.eventing import VERIFICATIONS
from services.api.store.schema import SCHEMA
from services.api.testutil import process
from services.api.testutil.bound import SIGNALS
from services.api.testutil.programs import ProgramEnded, Programs
from services.api.testutil.store import database
from services.api.workspaces import new_workspace
from services.vault.testutil import process as vault

_BUCKET = "vault"
_PARTITIONS = 3
_writing = threading.Lock()
_SAID = """\
The API serves at {url} until Ctrl-C; then all that is in it is gone. In another terminal:

  ROOT_KEY={root_key}
  curl -sSf {url}/v2/apis.createApi -H "Authorization: Bearer $ROOT_KEY" \\
    -H 'Content-Type: application/json' -d '{{"name": "payments"}}'

The root key may do everything in the workspace {workspace}.
All operations: {url}/openapi.json, docs/api.md
"""


def main() -> int:
    """Serves until it is interrupted; returns the exit status."""
    for each in SIGNALS:
        signal.signal(each, signal.default_int_handler)
    try:
        with (
            Containers() as containers,
            TemporaryDirectory(prefix="berth-api-") as folder,
            Programs(_show) as programs,
            _undisturbed_at_the_end(),
        ):
            print(_serve(containers, Path(folder), programs), flush=True)
            programs.attend()
    except KeyboardInterrupt:
        return 0
    except (DockertestError, DatabaseError, ProgramEnded) as error:
        print(error, file=sys.stderr)
    except ExceptionGroup as several:  # of what could not be removed
        print(*several.exceptions, sep="\n", file=sys.stderr)
    return 1


def _serve(containers: Containers, folder: Path, programs: Programs) -> str:
    """Starts everything; returns what there is to say."""
    mysql, redis, kafka, clickhouse, s3 = containers.start(
        MySQL(),
        Redis(),
        Kafka(topics={VERIFICATIONS.name: _PARTITIONS}),
        ClickHouse(),
        S3(buckets=[_BUCKET]),
    )
    with closing(database(mysql)) as db:
        migrate(db, SCHEMA)
        workspace, root_key = new_workspace(db, "acme", SystemClock())
    token = secrets.token_urlsafe(32)
    vault_url = programs.serve(
        "vault", vault.MODULE, vault.variables(s3, _BUCKET) | {"VAULT_TOKENS": token}
    )
    environ = process.variables(
        mysql, redis, kafka, folder, vault_url=vault_url, vault_token=token
    ) | {"API_CLICKHOUSE_URL": clickhouse.url}
    programs.start("consumer", process.CONSUMER, environ)
    url = programs.serve("api", process.MODULE, environ)
    return _SAID.format(url=url, workspace=workspace, root_key=root_key)


@contextmanager
def _undisturbed_at_the_end() -> Iterator[None]:
    try:
        yield
    finally:
        for each in SIGNALS:
            signal.signal(each, signal.SIG_IGN)


def _show(line: str) -> None:
    with _writing, suppress(OSError):  # the terminal is gone
        print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())

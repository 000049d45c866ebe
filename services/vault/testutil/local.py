"""`./dev vault`: an instance on the shared S3 server, to try it by hand.

Its part of the server, its master key and its token are new each time, and gone with it.
"""

import secrets
import sys

from pkg import logs, serving
from pkg.dockertest import DockertestError
from pkg.dockertest.s3 import S3
from pkg.testutil.containers import Containers
from services.vault.build import build
from services.vault.config import Config
from services.vault.keyring import MasterKey
from services.vault.rpc import app
from services.vault.rpc.limits import Limits
from services.vault.testutil.instances import BUCKET, config

_SAID = """\
The vault serves at {url} until Ctrl-C; then its keys are gone. In another terminal:

  TOKEN={token}
  CIPHERTEXT=$(curl -sSf {url}/v1/encrypt \\
    -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \\
    -d '{{"keyring": "payments", "plaintext": "'$(printf 'a secret' | base64)'"}}' \\
    | cut -d '"' -f 4)
  echo $CIPHERTEXT

And back:

  curl -sSf {url}/v1/decrypt \\
    -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \\
    -d '{{"keyring": "payments", "ciphertext": "'$CIPHERTEXT'"}}' \\
    | cut -d '"' -f 4 | base64 -d

All routes: {url}/openapi.json
"""


def main() -> int:
    """Serves until it is interrupted; returns the exit status."""
    token = secrets.token_urlsafe(32)
    try:
        with Containers() as containers:
            s3 = containers.start(S3(buckets=[BUCKET]))
            _serve(config(s3, MasterKey.generate()), token)
    except DockertestError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _serve(config: Config, token: str) -> None:
    limits = Limits(stop_delay=0)
    logs.configure(sys.stderr, "info", logs.JsonLines(error_texts=False))
    at = serving.listen("127.0.0.1", 0)
    print(_SAID.format(url=serving.url(at), token=token), flush=True)
    serving.run(app.build(build(config), serving.Tokens([token]), limits), at)


if __name__ == "__main__":
    sys.exit(main())

"""Which of MinIO's handlers answered what, by its own trace; which there are, by its program."""

import contextlib
import io
import json
import re
import tarfile
import threading
from collections import defaultdict
from collections.abc import Iterator

from pkg.dockertest import engine
from pkg.dockertest.s3 import S3Server
from pkg.testutil import eventually
from pkg.testutil.containers.tenants.s3_signed import Signed

# A method that is used as a value, as a router does it, by the name that Go gives it.
_HANDLER = re.compile(rb"cmd\.\(?\*?(admin|object|kms|sts)APIHandlers\)?\.(\w+?)(?:Handler)?-fm")


@contextlib.contextmanager
def watched(whole: S3Server, mark: str) -> Iterator[dict[str, set[int]]]:
    """The handlers that requests reach whose user agent is the mark, and the answers' statuses."""
    found: dict[str, set[int]] = defaultdict(set)
    signed = Signed(whole)
    trace = signed.begin("GET", "/minio/admin/v3/trace", {"s3": "true", "internal": "true"})
    marks: set[str] = set()

    def read() -> None:
        rest = b""
        with contextlib.suppress(OSError, ValueError, AttributeError):
            for piece in trace.stream(1 << 16):
                *lines, rest = (rest + piece).split(b"\n")
                for line in filter(bytes.strip, lines):
                    one = json.loads(line)
                    asked = one["http"]["request"]
                    marks.add(asked["path"])
                    if mark in asked["headers"].get("User-Agent", ()):
                        name = one["funcname"].replace("APIHandlers", "")
                        found[name].add(one["http"]["response"]["statuscode"])

    def is_seen(path: str) -> bool:
        signed.begin("HEAD", path, read=True)
        return path in marks

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    eventually(lambda: is_seen("/berth-begin"))
    yield found
    eventually(lambda: is_seen("/berth-end"))
    trace.close()
    reader.join(5)


def handlers(whole: S3Server) -> set[str]:
    """All that the server's program has."""
    query: dict[str, str | int] = {"path": "/usr/bin/minio"}
    at, name = engine.connect(), whole.container.name
    archive = b"".join(at.stream("GET", f"/containers/{name}/archive", query))
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        file = files.extractfile("minio")
        assert file
        found = _HANDLER.findall(file.read())
    return {f"{kind.decode().replace('object', 's3')}.{name.decode()}" for kind, name in found}

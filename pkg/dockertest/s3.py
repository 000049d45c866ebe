"""S3, by MinIO: `dockertest.start(S3(buckets=("invoices",)))`."""

import io
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from pkg.dockertest.errors import InvalidOption
from pkg.dockertest.service import Running, Server, Service, matching
from pkg.dockertest.snapshots.content import Content
from pkg.dockertest.snapshots.seed import file_digest

if TYPE_CHECKING:
    import minio

_PORT = 9000
_REGION = "us-east-1"  # what MinIO answers for when none is set
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
_BUCKET = r"(?!.*[.-]\.|.*\.-|\d+\.\d+\.\d+\.\d+$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"
_BUCKET_RULE = (
    "3 to 63 lower-case letters, digits, dots and hyphens, with no dot beside another dot or a "
    "hyphen, and no IP address"
)
_OBJECTS = "S3(objects=…)"
_KEY_BYTES = 1024
_OWN_FILES = (".minio.sys/tmp",)  # what each server makes for itself


@dataclass(frozen=True, kw_only=True)
class S3Server(Server):
    """A MinIO server that is ready for use.

    Attributes:
        access_key_id: of the root user, who may do everything; on a shared server, of one who may
            use the buckets whose names begin with `prefix`.
        secret_access_key: the same user's secret.
        region: the region that requests are signed for.
    """

    access_key_id: str
    secret_access_key: str = field(repr=False)
    region: str = _REGION

    @property
    def url(self) -> str:
        """The endpoint's URL, without credentials."""
        return f"http://{self.host}:{self.port}"

    def name(self, x: str) -> str:
        """The name to use for a bucket called x on this server.

        Raises:
            InvalidOption: on a shared server, it would be none that S3 allows.
        """
        name = super().name(x)
        if self.prefix and not re.fullmatch(_BUCKET, name):
            raise InvalidOption(
                f"name({x!r}): on a shared server it would be {name!r}, {len(name)} characters; "
                f"a bucket's name must be {_BUCKET_RULE}"
            )
        return name

    def client(self) -> "minio.Minio":
        """A new minio-py client."""
        import minio

        return minio.Minio(
            endpoint=f"{self.host}:{self.port}",
            access_key=self.access_key_id,
            secret_key=self.secret_access_key,
            region=self.region,
            secure=False,
        )


@dataclass(frozen=True)
class S3(Service[S3Server]):
    """A MinIO server with one drive, in memory.

    Attributes:
        buckets: buckets that are there when the test gets the server.
        objects: objects that are, by BUCKET/KEY: their content, or the path of a file that has it.
            Their buckets are made, too. See `docs/snapshots.md`.

    Raises:
        InvalidOption: a bucket's name is none that S3 allows, or an object is none.
    """

    buckets: Sequence[str] = ()
    objects: Mapping[str, bytes | Path] = field(default_factory=dict, repr=False, hash=False)

    service: ClassVar[str] = "s3"
    ports: ClassVar[tuple[int, ...]] = (_PORT,)
    memory_mb: ClassVar[int] = 1024
    server_options: ClassVar[tuple[str, ...]] = ("objects",)

    def __post_init__(self) -> None:
        if isinstance(self.buckets, str) or not isinstance(self.buckets, Iterable):
            raise InvalidOption(f"S3(buckets={self.buckets!r}): buckets must be a list of names")
        buckets = tuple(self.buckets)
        for bucket in buckets:
            matching("S3", "buckets", bucket, _BUCKET, _BUCKET_RULE)
        object.__setattr__(self, "buckets", buckets)
        object.__setattr__(self, "objects", dict(_checked(self.objects)))

    def content(self) -> Content | None:
        if not self.objects:
            return None
        parts = [
            (name, content if isinstance(content, bytes) else file_digest(content, _OBJECTS))
            for name, content in sorted(self.objects.items())
        ]
        return Content(
            _OBJECTS, ("objects", self.every_bucket(), *parts), self._fill, leave_out=_OWN_FILES
        )

    def every_bucket(self) -> tuple[str, ...]:
        """The buckets that a test gets: those that it asks for, and those of its objects."""
        return tuple(sorted({*self.buckets, *(name.partition("/")[0] for name in self.objects)}))

    def _fill(self, server: S3Server) -> None:
        client = server.client()
        for name, content in self.objects.items():
            called, _, key = name.partition("/")
            bucket = server.name(called)
            if isinstance(content, Path):
                client.fput_object(bucket, key, str(content))
            else:
                client.put_object(bucket, key, io.BytesIO(content), len(content))

    def environment(self, ports: Mapping[int, int]) -> dict[str, str]:
        return {
            "MINIO_ROOT_USER": secrets.token_hex(10),
            "MINIO_ROOT_PASSWORD": secrets.token_hex(20),
        }

    def result(self, running: Running) -> S3Server:
        return S3Server(
            host=running.host,
            port=running.ports[_PORT],
            container=running.container,
            access_key_id=running.environment["MINIO_ROOT_USER"],
            secret_access_key=running.environment["MINIO_ROOT_PASSWORD"],
        )

    def check(self, server: S3Server) -> None:
        import minio
        import urllib3

        with urllib3.PoolManager(timeout=1.0, retries=False) as http:
            client = minio.Minio(
                endpoint=f"{server.host}:{server.port}",
                access_key=server.access_key_id,
                secret_key=server.secret_access_key,
                region=server.region,
                secure=False,
                http_client=http,
            )
            # Nothing that a call which was given up could leave behind its answer.
            if server.prefix:  # MinIO refuses a list of none to who may not list all
                client.bucket_exists(server.name("none"))
            else:
                client.list_buckets()
            for bucket in self.every_bucket():
                try:
                    client.make_bucket(server.name(bucket))
                except minio.S3Error as error:
                    if error.code != "BucketAlreadyOwnedByYou":
                        raise

    def load(self) -> None:
        import minio  # noqa: F401


def _checked(objects: object) -> "Iterator[tuple[str, bytes | Path]]":
    """The objects, if they are some."""
    if not isinstance(objects, Mapping):
        raise InvalidOption(
            f"S3(objects={type(objects).__name__}): objects must be a dict of BUCKET/KEY and bytes "
            "or Path"
        )
    for name, content in objects.items():
        bucket, _, key = name.partition("/") if isinstance(name, str) else ("", "", "")
        if not 0 < len(key.encode()) <= _KEY_BYTES or key.startswith("/"):
            raise InvalidOption(
                f"S3(objects={{{name!r}: …}}): its name must be BUCKET/KEY, the key of 1 to "
                f"{_KEY_BYTES} bytes"
            )
        matching("S3", "objects", bucket, _BUCKET, f"by bucket, whose name is {_BUCKET_RULE}")
        if not isinstance(content, bytes | Path):
            raise InvalidOption(
                f"S3(objects={{{name!r}: {type(content).__name__}}}): it must be bytes, or the "
                "Path of a file"
            )
        yield name, content

"""S3, by MinIO: `dockertest.start(S3(buckets=("invoices",)))`."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from pkg.dockertest.errors import InvalidOption
from pkg.dockertest.service import Running, Server, Service, matching

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
_PROBE = "berth-ready"


@dataclass(frozen=True, kw_only=True)
class S3Server(Server):
    """A MinIO server that is ready for use.

    Attributes:
        access_key_id: of the root user, who may do everything.
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

    Raises:
        InvalidOption: a bucket's name is none that S3 allows.
    """

    buckets: Sequence[str] = ()

    service: ClassVar[str] = "s3"
    ports: ClassVar[tuple[int, ...]] = (_PORT,)
    memory_mb: ClassVar[int] = 1024

    def __post_init__(self) -> None:
        if isinstance(self.buckets, str) or not isinstance(self.buckets, Iterable):
            raise InvalidOption(f"S3(buckets={self.buckets!r}): buckets must be a list of names")
        buckets = tuple(self.buckets)
        for bucket in buckets:
            matching("S3", "buckets", bucket, _BUCKET, _BUCKET_RULE)
        object.__setattr__(self, "buckets", buckets)

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
            for bucket in self.buckets or (_PROBE,):
                try:
                    client.make_bucket(bucket)
                except minio.S3Error as error:
                    if error.code != "BucketAlreadyOwnedByYou":
                        raise
            if not self.buckets:
                client.remove_bucket(_PROBE)

    def load(self) -> None:
        import minio  # noqa: F401

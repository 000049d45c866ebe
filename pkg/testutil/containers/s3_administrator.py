"""MinIO's own client of its admin API, for tests of what the S3 server's users can do."""

import minio
import urllib3
from minio.credentials.providers import StaticProvider

from pkg.dockertest.s3 import S3Server

_SECONDS = 5.0


def administrator(server: S3Server) -> minio.MinioAdmin:
    """A client with a server's, or a tenant's, credentials."""
    return minio.MinioAdmin(
        endpoint=f"{server.host}:{server.port}",
        credentials=StaticProvider(server.access_key_id, server.secret_access_key),
        secure=False,
        http_client=urllib3.PoolManager(timeout=_SECONDS, retries=False),
    )

"""An instance from its configuration: the one place where its parts are put together."""

from urllib.parse import urlsplit

from minio import Minio

from pkg.clock import Clock
from services.vault.config import Config
from services.vault.errors import InvalidConfig
from services.vault.storage import S3Storage
from services.vault.storage.patience import Patience, pool
from services.vault.vault import Vault


def build(config: Config, clock: Clock | None = None) -> Vault:
    """An instance on the configured bucket. Speaks to nobody before its first use.

    Raises:
        InvalidConfig: the client library has rules of its own for the URLs of some providers.
    """
    return Vault(build_storage(config), config.master_keys, clock)


def build_storage(config: Config) -> S3Storage:
    """What `build` gives an instance.

    Raises:
        InvalidConfig: as `build`.
    """
    url = urlsplit(config.s3_url)
    http = pool(config.s3_patience)
    try:
        client = Minio(
            endpoint=url.netloc,
            access_key=config.s3_access_key_id,
            secret_key=config.s3_secret_access_key,
            region=config.s3_region,
            secure=url.scheme == "https",
            http_client=http,
        )
    except ValueError as error:
        raise InvalidConfig(f"vault: s3_url: {error}; give the provider's own") from error
    patience = Patience(config.s3_patience, http)
    return S3Storage(client, config.s3_bucket, config.s3_prefix, patience)

"""Instances of the vault on a test's S3 server."""

from datetime import timedelta

from pkg.clock import Clock
from pkg.dockertest.s3 import S3Server
from services.vault.build import build
from services.vault.config import Config
from services.vault.keyring import MasterKey, MasterKeys
from services.vault.storage.patience import PATIENCE
from services.vault.vault import Vault

BUCKET = "vault"
# A loaded machine may stand still for longer than a service's PATIENCE, which is no fault of the
# vault's; tests of faults name the patience that they are about.
LOADED = timedelta(seconds=60)


def instance(
    s3: S3Server,
    *master_keys: MasterKey,
    patience: timedelta = LOADED,
    clock: Clock | None = None,
) -> Vault:
    """A vault as its process would start it, with nothing in memory yet.

    Args:
        s3: a server that has the bucket `BUCKET`.
        master_keys: the last one wraps; without any, it has one of its own.
        patience: how long one request to the server may take.
        clock: decides when what was read from the bucket is read anew.
    """
    keys = master_keys or (MasterKey.generate(),)
    return build(config(s3, *keys, patience=patience), clock)


def config(
    s3: S3Server, *master_keys: MasterKey, prefix: str = "", patience: timedelta = PATIENCE
) -> Config:
    """The configuration of an instance on that server."""
    return Config(
        master_keys=MasterKeys(master_keys),
        s3_url=s3.url,
        s3_bucket=s3.name(BUCKET),
        s3_prefix=prefix,
        s3_access_key_id=s3.access_key_id,
        s3_secret_access_key=s3.secret_access_key,
        s3_region=s3.region,
        s3_patience=patience,
    )

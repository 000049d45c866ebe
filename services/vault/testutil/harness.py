"""The vault's harness: one that serves on a real S3 server, fresh or shared, and its client."""

from pkg.dockertest.s3 import S3
from pkg.testutil.harness import Harness, needs
from services.vault.client import VaultClient
from services.vault.keyring import MasterKey
from services.vault.testutil.instances import BUCKET, instance
from services.vault.testutil.service import TOKEN, serving
from services.vault.vault import Vault


class VaultHarness(Harness):
    """A vault that serves.

    Attributes:
        master_key: wraps its data keys.
        vault: what serves, to ask without HTTP.
        service: where it serves, and an HTTP client of it.
        client: the typed client that other services use.
    """

    s3 = needs(S3(buckets=[BUCKET]))

    def open(self) -> None:
        """Starts serving."""
        self.master_key = MasterKey.generate()
        self.vault = self.another()
        self.service = self.enter(serving(self.vault))
        self.client = self.enter(VaultClient(self.service.url, TOKEN))

    def another(self) -> Vault:
        """A further instance, as a process of its own would be: it has the bucket and the key."""
        return instance(self.s3, self.master_key, clock=self.clock)

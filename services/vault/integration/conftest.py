"""The fixtures of these tests."""

from services.vault.testutil.harness import VaultHarness

h = VaultHarness.fixture()

"""Every test here may have a service that serves."""

from services.api.testutil.harness import ApiHarness

h = ApiHarness.fixture()

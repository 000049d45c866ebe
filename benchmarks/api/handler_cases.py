"""Handler tests on the service's harness, which a pytest of their own runs.

    BENCHMARK_TESTS     how many there are
    BENCHMARK_LIFETIME  of their harness: "module" for one that all have, or "function"

Each notes how long the handler's own work has taken.
"""

import os
import time
from collections.abc import Callable

import pytest

from services.api.testutil.harness import ApiHarness

h = ApiHarness.fixture("module" if os.environ["BENCHMARK_LIFETIME"] == "module" else "function")


@pytest.mark.parametrize("number", range(int(os.environ["BENCHMARK_TESTS"])))
def test_an_api_is_made(
    h: ApiHarness, number: int, record_property: Callable[[str, object], None]
) -> None:
    """By who has a root key, in a workspace of the test's own."""
    headers = {"authorization": f"Bearer {h.create_root_key(h.create_workspace().id)}"}
    began = time.perf_counter()
    answer = h.served.http.post("/v2/apis.createApi", json={"name": "payments"}, headers=headers)
    record_property("handler", time.perf_counter() - began)
    assert answer.status_code == 200

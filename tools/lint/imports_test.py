from pathlib import Path

import pytest

from tools.lint.checkout import Checkout
from tools.lint.imports import violations
from tools.lint.sample import sample


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("pkg/cache/cache.py", "import services.vault.rpc", "pkg imports no service"),
        ("pkg/cache/cache.py", "def f():\n    from services import vault", "cache.py:2:"),
        ("pkg/cache/cache_test.py", "from services.vault import rpc", "pkg imports no service"),
        ("tools/dev/demo.py", "import services.vault", "tools imports no service"),
        ("pkg/cache/cache.py", "from tools.dev import demo", "nothing imports tools"),
        ("services/api/run.py", "import tools", "nothing imports tools"),
        ("services/api/run.py", "from services.vault.storage import s3", "only client"),
        ("services/api/run.py", "from services.vault import testutil", "only client"),
        ("services/api/run_test.py", "from services.vault.storage import s3", "only client"),
        ("pkg/dockertest/redis.py", "from pkg import testutil", "builds on pkg/dockertest"),
        ("pkg/cache/cache.py", "from pkg.testutil import eventually", "only tests use it"),
        ("pkg/cache/cache.py", "import pkg.dockertest", "only tests use it"),
    ],
)
def test_an_import_against_the_direction_is_named(
    tmp_path: Path, name: str, text: str, words: str
) -> None:
    (line,) = violations(sample(tmp_path, {name: text}))
    assert line.startswith(f"{name}:")
    assert words in line


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("services/api/run.py", "from pkg.cache import Cache"),
        ("services/api/run.py", "from services.api.keys import Key"),
        ("services/api/run.py", "from services.vault.client import Client"),
        ("services/api/run_test.py", "from services.vault.testutil import vault"),
        ("services/api/integration/fixtures.py", "import services.vault.testutil"),
        ("pkg/testutil/containers/shared.py", "from pkg.dockertest.redis import Redis"),
        ("pkg/cache/cache_test.py", "from pkg import dockertest"),
        ("pkg/dockertest/redis_test.py", "from pkg.testutil import eventually"),
        ("pkg/dockertest/fresh/twice.py", "from pkg.testutil import eventually"),
        ("pkg/dockertest/redis.py", "from pkg.dockertest.service import Service"),
        ("tools/lint/imports.py", "from tools.lint.checkout import Checkout"),
        ("tools/dev/demo.py", "import pkg.clock"),
        ("pkg/cache/cache.py", "import redis\nimport toolsmith"),
    ],
)
def test_an_import_along_the_direction_is_fine(tmp_path: Path, name: str, text: str) -> None:
    assert violations(sample(tmp_path, {name: text})) == []


def test_imports_go_the_designs_way() -> None:
    assert violations(Checkout.declared()) == []

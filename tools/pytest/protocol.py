"""What Bazel tells a test by its environment."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Protocol:
    """Bazel's side of one test run; everything is optional, so that it also runs by hand."""

    target: str
    root: Path
    """The folder that root-relative imports and test names start from."""
    xml: Path | None
    tmp: Path | None
    only: str
    """The value of --test_filter, or ""."""
    fail_fast: bool
    timeout_s: str
    shard: int
    shards: int
    shard_status: Path | None
    premature_exit: Path | None

    @classmethod
    def read(cls, env: Mapping[str, str]) -> "Protocol":
        """Reads the variables that Bazel's test encyclopedia names."""
        sources = env.get("TEST_SRCDIR")
        return cls(
            target=env.get("TEST_TARGET", "pytest"),
            root=Path(sources, env.get("TEST_WORKSPACE", "")) if sources else Path.cwd(),
            xml=_path(env, "XML_OUTPUT_FILE"),
            tmp=_path(env, "TEST_TMPDIR"),
            only=env.get("TESTBRIDGE_TEST_ONLY", ""),
            fail_fast=env.get("TESTBRIDGE_TEST_RUNNER_FAIL_FAST") == "1",
            timeout_s=env.get("TEST_TIMEOUT", ""),
            shard=int(env.get("TEST_SHARD_INDEX", "0")),
            shards=int(env.get("TEST_TOTAL_SHARDS", "0") or 0) or 1,
            shard_status=_path(env, "TEST_SHARD_STATUS_FILE"),
            premature_exit=_path(env, "TEST_PREMATURE_EXIT_FILE"),
        )


def _path(env: Mapping[str, str], name: str) -> Path | None:
    return Path(env[name]) if env.get(name) else None

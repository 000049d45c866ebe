"""Lines that are kept for a report."""

import logging
from concurrent.futures import ThreadPoolExecutor

from pkg.logs import JsonLines, KeptLines, Log


def test_the_latest_lines_are_kept() -> None:
    """From any thread, up to a number; those that were read before stay as they were."""
    kept = KeptLines(JsonLines(), most=50)
    logger = logging.getLogger("pkg.logs.kept_test")
    logger.setLevel(logging.INFO)
    logger.addHandler(kept)
    try:
        Log(logger.name).info("first")
        first = kept.lines
        with ThreadPoolExecutor(4) as pool:
            for _ in range(200):
                pool.submit(Log(logger.name).info, "more")
                assert len(kept.lines) <= 50
    finally:
        logger.removeHandler(kept)
    assert len(first) == 1
    assert '"first"' in first[0]
    assert len(kept.lines) == 50
    assert all('"more"' in line for line in kept.lines)

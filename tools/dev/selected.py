"""Whether --test_filter has selected any test, by what Bazel writes of its targets' results."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path
from urllib.parse import unquote, urlsplit

# Bazel's own exit status where there is nothing to test.
NO_TESTS = 4


def nothing(events: Path) -> bool:
    """Whether targets were tested, and all of their results are empty.

    A target in which nothing matches passes, since others may have the test. What cannot be read,
    such as a result that stayed at a remote cache, counts as one that has tests.

    Args:
        events: what Bazel wrote for --build_event_json_file.
    """
    try:
        lines = events.read_text().splitlines()
    except OSError:
        return False
    results = [found for line in lines if (found := json.loads(line).get("testResult"))]
    return bool(results) and not any(map(_has_tests, results))


def _has_tests(result: dict[str, list[dict[str, str]]]) -> bool:
    for output in result.get("testActionOutput", []):
        if output["name"] == "test.xml":
            place = urlsplit(output.get("uri", ""))
            try:
                cases = ET.parse(unquote(place.path)).iter("testcase")
            except (OSError, ET.ParseError):
                return True
            return place.scheme != "file" or any(True for _ in cases)
    return True

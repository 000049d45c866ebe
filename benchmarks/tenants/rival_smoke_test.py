"""pytest-databases runs on our source image, and leaves nothing behind."""

from benchmarks.dockertest import litter
from benchmarks.tenants import rival
from pkg.dockertest import engine


def test_a_session_is_measured_and_nothing_stays() -> None:
    """Its container has both its own label and ours, by which it is found."""
    measured = rival.measure({"redis": None}, 2)
    assert measured.left_out == {}
    [parts] = measured.milliseconds.values()
    assert {part: len(values) for part, values in parts.items()} == {
        rival.FIRST: 3,
        "open": 6,
        "end": 6,
        "test": 6,
    }
    assert min(parts[rival.FIRST]) > max(parts["open"])
    mine = f"berth.owner={litter.owner()}"
    assert engine.connect().containers(litter.ROLE, mine) == []
    assert engine.connect().containers(rival.LABEL) == []

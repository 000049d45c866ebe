"""Settings of the property tests: the same examples in each run, wherever it is."""

from hypothesis import HealthCheck, settings


def examples(number: int, steps: int = 50) -> settings:
    """So many examples, of so many steps where they have steps."""
    return settings(
        max_examples=number,
        stateful_step_count=steps,
        derandomize=True,
        database=None,
        deadline=None,
        # A slow machine is no fault of the code's.
        suppress_health_check=[HealthCheck.too_slow],
    )

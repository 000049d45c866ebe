"""Another workspace's thing and one that never was are refused in the same time.

Of each route, answers for a name of another workspace's are timed, and as many for nobody's: 200 of
each, 1,000 in the long form. They come in pairs, in which each is as often the first as the second,
so that what a busy machine does to one series it does to the other. Their medians are to be within
10 %. Where they are not, all of it is measured anew, three times at most: a difference that the
code makes is there each time, and one by chance is not.
"""

import os
import time
from collections.abc import Sequence
from statistics import median

import pytest

from services.api.domain.rights import Right
from services.api.integration.routes.namings import NAMINGS, Naming
from services.api.integration.routes.room import Room, every
from services.api.testutil.analytics import AnalyticsHarness

CALLS = int(os.environ.get("CALLS", "200"))
WARM = 50
ROUNDS = 3
MOST = 0.10
TIMED = [
    "apis.getApi API's id",
    "apis.deleteApi API's id",
    "apis.listKeys API's id",
    "keys.createKey API's id",
    "keys.getKey key's id",
    "keys.updateKey key's id",
    "keys.deleteKey key's id",
    "keys.rerollKey key's id",
    "keys.whoami key's text",
    "keys.verifyKey key's text",
    "permissions.getPermission permission's slug",
    "ratelimit.limit name space's id",
    "ratelimit.getOverride name space's name",
    "ratelimit.getOverride override's pattern",
]
BY_NAME = {str(naming): naming for naming in NAMINGS}


@pytest.mark.parametrize("naming", [BY_NAME[name] for name in TIMED], ids=str)
def test_the_time_of_an_answer_tells_nothing(h: AnalyticsHarness, naming: Naming) -> None:
    """Of whether there is such a thing in another workspace."""
    mine, theirs = Room(h), Room(h)
    names = naming.kind.of(theirs), naming.kind.nobodys()
    bodies = [naming.body(mine, name) for name in names]
    key = mine.root_key(*every(Right.CREATE_NAMESPACE))
    seconds(h, key, naming, bodies, WARM)
    differences = []
    for _ in range(ROUNDS):
        anothers, nobodys = map(median, seconds(h, key, naming, bodies, CALLS))
        differences.append(anothers / nobodys - 1)
        if abs(differences[-1]) <= MOST:
            return
    told = ", ".join(f"{each:+.1%}" for each in differences)
    pytest.fail(f"{naming}: another's takes {told} of the time that nobody's takes")


def seconds(
    h: AnalyticsHarness, key: str, naming: Naming, bodies: Sequence[object], calls: int
) -> tuple[list[float], list[float]]:
    """The times of so many calls with each of two bodies."""
    taken: tuple[list[float], list[float]] = [], []
    for number in range(calls):
        for which in (number % 2, 1 - number % 2):
            begun = time.perf_counter()
            reply = h.call(naming.route, bodies[which], key)
            taken[which].append(time.perf_counter() - begun)
            assert reply.status == naming.status
    return taken

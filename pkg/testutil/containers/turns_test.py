"""Many share a server at once, or one has it whole."""

import os
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from pkg.testutil.containers import TurnTimeout
from pkg.testutil.containers.turns import Turn, shares

SERVICE = "redis"


def test_several_share() -> None:
    """Nobody waits."""
    one, other = Turn(SERVICE, whole=False), Turn(SERVICE, whole=False)
    one.end()
    other.end()


@pytest.mark.parametrize(("first", "second"), [(False, True), (True, False), (True, True)])
def test_one_has_it_whole(first: bool, second: bool) -> None:
    """Who comes second waits for the first one's end, and says so if that is too long."""
    held = Turn(SERVICE, whole=first)
    with pytest.raises(TurnTimeout, match=r"the shared redis .* too long"):
        Turn(SERVICE, whole=second, seconds=0.05)
    held.end()
    Turn(SERVICE, whole=second, seconds=0.05).end()


def wait_until_one_stands_in_the_door() -> None:
    while True:
        try:
            Turn(SERVICE, whole=False, seconds=0.02).end()
        except TurnTimeout:
            return


def test_those_who_share_do_not_overtake() -> None:
    """Who wants it whole gets it although others keep coming to share it."""
    held = Turn(SERVICE, whole=False)
    with ThreadPoolExecutor(2) as pool:
        whole = pool.submit(Turn, SERVICE, whole=True)
        wait_until_one_stands_in_the_door()
        shared = pool.submit(Turn, SERVICE, whole=False)
        held.end()
        got = whole.result(timeout=10)
        assert not shared.done()
        got.end()
        shared.result(timeout=10).end()


def test_a_process_does_not_wait_behind_who_waits_for_it() -> None:
    """A test that has a part of the server takes another one, while a third waits for all of it."""
    shares.take(SERVICE)
    with ThreadPoolExecutor(1) as pool:
        whole = pool.submit(Turn, SERVICE, whole=True)
        wait_until_one_stands_in_the_door()
        shares.take(SERVICE)
        shares.end(SERVICE)
        assert not whole.done()
        shares.end(SERVICE)
        whole.result(timeout=10).end()


def test_a_forked_child_shares_no_turn_of_its_parents() -> None:
    """Its parent's end is the end."""
    shares.take(SERVICE)
    read, write = os.pipe()
    if not (child := os.fork()):
        os.read(read, 1)
        os._exit(0)
    try:
        shares.end(SERVICE)
        Turn(SERVICE, whole=True, seconds=5).end()
    finally:
        os.write(write, b"x")
        os.waitpid(child, 0)
        os.close(read)
        os.close(write)


def test_turns_of_two_services_are_two() -> None:
    """Nobody waits for another service's."""
    began = time.monotonic()
    one, other = Turn("redis", whole=True), Turn("mysql", whole=True)
    assert time.monotonic() - began < 30
    one.end()
    other.end()

"""An owner lives exactly as long as its process holds it."""

import os

from pkg.testutil import eventually
from pkg.testutil.containers import compose, owner
from pkg.testutil.processes import line, python

HOLD = """
from pkg.testutil.containers import owner
one = owner.Owner()
print(one.number, flush=True)
input()
"""


def test_an_owner_is_alive_until_it_is_closed() -> None:
    """Others do not know its number, and its end is theirs alone."""
    one, other = owner.Owner(), owner.Owner()
    assert owner.is_alive(one.number)
    one.close()
    assert not owner.is_alive(one.number)
    assert owner.is_alive(other.number)
    other.close()


def test_a_killed_owner_is_dead() -> None:
    """The kernel gives its lock back, whatever else the process had to do."""
    with python(HOLD) as process:
        number = int(line(process))
        assert owner.is_alive(number)
        process.kill()
    assert not owner.is_alive(number)


def test_a_forked_child_does_not_keep_its_parents_owner_alive() -> None:
    """Nor does it end it."""
    one = owner.Owner()
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(write)
        os.read(read, 1)  # until the parent is done
        os._exit(0)
    os.close(read)
    assert owner.is_alive(one.number)
    one.close()
    eventually(lambda: not owner.is_alive(one.number))  # the child may not have run yet
    os.close(write)
    os.waitpid(child, 0)


def test_closing_the_file_elsewhere_ends_no_owner() -> None:
    """As a lock of the process would be."""
    one = owner.Owner()
    with open(compose.TEMPLATE, "rb"):
        pass
    assert owner.is_alive(one.number)
    one.close()

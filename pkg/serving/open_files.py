"""Room for connections among the files that the process may have open."""

import resource

# Beside the clients': connections to the storage, the log, the event loop's own.
_OTHERS = 128


def make_room(connections: int) -> None:
    """Raises the process's limit, if it must, so that there is room for so many connections.

    Without it, clients that rest could take what the storage's connections need.

    Raises:
        ValueError: the limit can't be raised so far; the message tells how far.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + _OTHERS
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return
    if hard != resource.RLIM_INFINITY and hard < wanted:
        raise ValueError(
            f"{connections} and {_OTHERS} files beside them are more than the {hard} that the "
            "process may open: give fewer, or raise its hard limit (ulimit -Hn)"
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))

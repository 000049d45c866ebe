"""Pages of lists: one more than asked for is read, to know whether there is more."""

from collections.abc import Callable, Sequence

from msgspec import UNSET, UnsetType

from services.api.rpc.call import Listed


def page[S, T](
    read: Callable[[str | None, int], Sequence[S]],
    cursor: str | UnsetType,
    limit: int,
    show: Callable[[S], T],
    name: Callable[[S], str],
) -> Listed[T]:
    """A page.

    Args:
        read: so many after that one, in the order of their names.
        cursor: the caller's; its previous page ended there.
        show: one of them, as it is answered.
        name: one's, which the next page begins after.
    """
    found = read(None if cursor is UNSET else cursor or None, limit + 1)
    shown = found[:limit]
    return Listed([show(each) for each in shown], name(shown[-1]) if len(found) > limit else None)

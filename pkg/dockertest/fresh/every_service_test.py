"""For every service: the next server in a container finds what one in a new container does."""

from contextlib import ExitStack
from typing import Any

import pytest

from pkg.dockertest import Server, Service, catalog
from pkg.dockertest.fresh import stock, twice

# As the server's own user may, wherever it may.
LEAVE = r"""
for place in $(awk '$9 == "tmpfs" || $8 == "tmpfs" || $9 == "mqueue" || $8 == "mqueue" {print $5}' \
    /proc/self/mountinfo); do
    [ -w "$place" ] || continue
    echo left > "$place/left" 2>/dev/null
    mkdir -p "$place/left.d/deeper" 2>/dev/null && ln -s /etc "$place/left.d/deeper/link"
    chmod 000 "$place/left.d" "$place/left" 2>/dev/null
    chmod 755 "$place" 2>/dev/null
done
(setsid sh -c 'trap "" HUP TERM INT; sleep 1000' > /dev/null 2>&1 &)
[ -e /data/left ] && [ -e /tmp/left.d ]
"""
VOLATILE = {
    r"^(file|directory) /data/\.minio\.sys/tmp/": "MinIO makes and removes them while it runs",
    r"^process minio SigBlk": "Go blocks signals for a moment while it starts a thread",
}


@pytest.mark.parametrize(
    "service",
    [catalog.service_class(name) for name in catalog.names()],
    ids=lambda one: one.service,
)
def test_the_next_server_finds_what_a_new_one_does(service: type[Service[Any]]) -> None:
    """Files, processes, sockets, limits, environment and memory, after a process that left some."""

    def leave(server: Server, _left: ExitStack) -> None:
        made = stock.untold(server).exec(["sh", "-c", LEAVE])
        assert made.status == 0, made.stderr

    twice.assert_fresh(service(), leave, lambda _server: {}, {}, VOLATILE)

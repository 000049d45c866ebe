#!/bin/sh
# Starts ClickHouse with config.xml, which takes the user's password from the environment.
set -eu
: "${CLICKHOUSE_PASSWORD:?is empty}" # an empty one would let everybody in
# A snapshot's data, once: after a restart, what the test has written is still there.
if [ -d /berth/snapshot ] && [ ! -e /tmp/laid ]; then
    sh /berth/snapshot/lay.sh /data
    : > /tmp/laid
fi
# Current releases: no second process that watches the server; the first process does.
export CLICKHOUSE_WATCHDOG_ENABLE=0
exec clickhouse-server --config-file=/berth/config.xml

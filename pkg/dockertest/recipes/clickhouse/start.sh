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
config=/berth/config.xml
# A shared server: its users are in a file that it writes itself, as a table, when one is added.
if [ -n "${CLICKHOUSE_TENANTS:-}" ]; then
    table=/data/data/tenants/users
    if [ ! -d "$table" ]; then
        mkdir -p "$table"
        cp "$config" "$table/data.TabSeparatedRaw"
        ln -s "$table/data.TabSeparatedRaw" /data/users.xml
    fi
    config=/tmp/config.xml
    sed 's|<default_profile>|<users_config>/data/users.xml</users_config>&|' \
        /berth/config.xml > "$config"
fi
exec clickhouse-server --config-file="$config"

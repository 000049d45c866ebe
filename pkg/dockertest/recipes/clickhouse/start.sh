#!/bin/sh
# Starts ClickHouse with config.xml, which takes the user's password from the environment.
set -eu
: "${CLICKHOUSE_PASSWORD:?is empty}" # an empty one would let everybody in
exec clickhouse-server --config-file=/berth/config.xml

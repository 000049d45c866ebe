#!/bin/sh
# Starts Redis: nothing is saved, the configuration comes on standard input so that the
# password is on no command line.
set -eu
exec redis-server - <<CONFIGURATION
bind 0.0.0.0
port 6379
dir /data
save ""
appendonly no
io-threads 1
loglevel warning
requirepass ${REDIS_PASSWORD:?is empty}
maxmemory ${REDIS_MAXMEMORY:-0}
CONFIGURATION

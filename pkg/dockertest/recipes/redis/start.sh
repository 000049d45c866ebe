#!/bin/sh
# Starts Redis: nothing is saved, the configuration comes on standard input so that the
# password is on no command line.
set -eu
# A snapshot's data, once: after a restart, it is what Redis loads again.
if [ -d /berth/snapshot ] && [ ! -e /tmp/laid ]; then
    sh /berth/snapshot/lay.sh /data
    : > /tmp/laid
fi
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

#!/bin/sh
# Starts MinIO on one drive in memory. MINIO_ROOT_USER and MINIO_ROOT_PASSWORD are set.
set -eu
: "${MINIO_ROOT_USER:?is empty}" "${MINIO_ROOT_PASSWORD:?is empty}" # never with the credentials everybody knows
# A snapshot's data, once: after a restart, what the test has written is still there.
if [ -d /berth/snapshot ] && [ ! -e /tmp/laid ]; then
    sh /berth/snapshot/lay.sh /data
    : > /tmp/laid
fi
export HOME=/tmp MINIO_BROWSER=off MINIO_UPDATE=off MINIO_CALLHOME_ENABLE=off
# A start makes garbage that nobody needs collected; a server in use stays within its container.
export GOGC=off GOMEMLIMIT=192MiB
exec minio server /data --address :9000 --quiet

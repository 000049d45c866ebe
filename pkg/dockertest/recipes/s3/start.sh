#!/bin/sh
# Starts MinIO on one drive in memory. MINIO_ROOT_USER and MINIO_ROOT_PASSWORD are set.
set -eu
export HOME=/tmp MINIO_BROWSER=off MINIO_UPDATE=off MINIO_CALLHOME_ENABLE=off
exec minio server /data --address :9000 --quiet

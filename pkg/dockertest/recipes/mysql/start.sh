#!/bin/sh
# Starts MySQL on a copy of the prepared data, with a new password.
set -eu
: "${MYSQL_PASSWORD:?is empty}"
umask 077

# In two steps, so that a start that was killed leaves no half a copy; after a restart, what the
# test has written is still there.
if [ ! -d /data/mysql ]; then
    rm -rf /data/copy
    if [ -d /berth/snapshot ]; then
        mkdir /data/copy
        sh /berth/snapshot/lay.sh /data/copy
        mv /data/copy/mysql /data/mysql
    else
        cp -a --sparse=always /berth/data/mysql /data/copy
        (cd /data/copy && sh /berth/data/grow.sh)
        mv /data/copy /data/mysql
    fi
fi

# The caller's flags, one a line, stand behind ours, so that they win; the last ones are not theirs
# to choose.
set -f
IFS='
'
# shellcheck disable=SC2086
set -- ${MYSQL_FLAGS:-}
password=$MYSQL_PASSWORD
unset MYSQL_PASSWORD MYSQL_FLAGS
# Keeps mysqld from spinning for 75 ms: see ticks.c.
export LD_PRELOAD=/berth/ticks.so
# One rollback segment in each undo tablespace is enough for hundreds of transactions at once; a start
# reads a page of each, and there are 256 by default.
# mysqld obeys what it reads from descriptor 3 before it accepts a connection, and ends if it cannot;
# so the password is in no file.
exec mysqld \
    --no-defaults \
    --skip-log-bin \
    --skip-innodb-doublewrite \
    --innodb-flush-method=nosync \
    --innodb-flush-log-at-trx-commit=2 \
    --innodb-redo-log-capacity=100M \
    --innodb-rollback-segments=1 \
    --innodb-buffer-pool-size=16M \
    --innodb-log-buffer-size=1M \
    --innodb-buffer-pool-load-at-startup=0 \
    --innodb-buffer-pool-dump-at-shutdown=0 \
    --innodb-purge-threads=1 \
    --innodb-read-io-threads=1 \
    --innodb-write-io-threads=1 \
    --loose-innodb-numa-interleave=OFF \
    --performance-schema=OFF \
    --event-scheduler=OFF \
    --skip-name-resolve \
    --mysqlx=OFF \
    --log-error-verbosity=1 \
    --secure-file-priv=NULL \
    "$@" \
    --datadir=/data/mysql \
    --init-file=/dev/fd/3 \
    --bind-address=0.0.0.0 \
    --port=3306 \
    --socket=/tmp/mysql.sock \
    --pid-file=/tmp/mysql.pid \
    3<<SQL
ALTER USER test@'%' IDENTIFIED BY '$password' ACCOUNT UNLOCK;
SQL

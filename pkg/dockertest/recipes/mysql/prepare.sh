#!/bin/sh
# MySQL's first start: the data directory, the user test, the database test. No account can be
# used before start.sh gives test its password: root is locked, with a password that nobody knows.
set -eu
made=/berth/data/mysql
work=/tmp/prepare
mkdir "$work"

# The sizes are those of start.sh: others would be made anew at each start.
set -- --no-defaults --datadir="$made" --innodb-redo-log-capacity=100M --innodb-rollback-segments=1 --skip-log-bin \
    --skip-innodb-doublewrite --secure-file-priv=NULL --loose-innodb-numa-interleave=OFF
mysqld "$@" --initialize-insecure

cat > "$work/first.sql" <<'SQL'
CREATE DATABASE test;
CREATE USER test@'%' IDENTIFIED BY RANDOM PASSWORD ACCOUNT LOCK;
GRANT ALL ON *.* TO test@'%' WITH GRANT OPTION;
ALTER USER root@localhost IDENTIFIED BY RANDOM PASSWORD ACCOUNT LOCK;
SHUTDOWN;
SQL
# It shuts itself down, under control; fast-shutdown=0: with nothing left for the next start to do.
mysqld "$@" --skip-networking --mysqlx=OFF --socket="$work/socket" --pid-file="$work/pid" \
    --innodb-fast-shutdown=0 --init-file="$work/first.sql"
[ -d "$made/test" ] || { echo "the server did not obey first.sql" >&2; exit 1; }
# Each server makes its own identity; the list of warm pages is not used.
rm -f "$made/auto.cnf" "$made/ib_buffer_pool"

# Most of the files' bytes are zeros at their ends: those are cut off, and grow.sh brings them back
# as holes. A layer of an image keeps no holes, and copying the zeros would take as long as all else.
cd "$made"
step=1048576
find . -type f -size +1024k > "$work/large"
while read -r file; do
    size=$(stat -c %s "$file")
    used=0
    while [ "$(tail -c "+$((used + 1))" "$file" | tr -d '\000' | head -c 1 | wc -c)" -gt 0 ]; do
        used=$((used + step))
    done
    if [ "$used" -lt "$size" ]; then
        truncate -s "$used" "$file"
        printf ' "%s"' "$file" >> "$work/grow.$size"
    fi
done < "$work/large"
for files in "$work"/grow.*; do
    echo "truncate -s ${files##*.}$(cat "$files")"
done > /berth/data/grow.sh
rm -rf "$work"

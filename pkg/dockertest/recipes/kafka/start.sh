#!/bin/sh
# Starts Kafka on what prepare.sh left. Clients reach it at 127.0.0.1:KAFKA_PORT, as the user
# KAFKA_USER with KAFKA_PASSWORD.
set -eu
: "${KAFKA_PORT:?is empty}" "${KAFKA_CLUSTER_ID:?is empty}"
: "${KAFKA_USER:?is empty}" "${KAFKA_PASSWORD:?is empty}"
umask 077
prepared=/berth/data
data=${KAFKA_DATA:-/data}
if [ -d "$data/kafka" ]; then
    # It was killed, and is refused until what it told of itself is as old as this.
    session=1000
else
    # A machine that is slow for a moment must not make it believe that it is gone.
    session=60000
    rm -rf "$data/new"
    mkdir "$data/new"
    if [ -d /berth/snapshot ]; then
        sh /berth/snapshot/lay.sh "$data/new"
    else
        # Alpine's cp has no --sparse.
        cp -a --sparse=always "$prepared/kafka" "$data/new" 2>/dev/null ||
            cp -a "$prepared/kafka" "$data/new"
    fi
    meta=$data/new/kafka/meta.properties
    sed "s/^cluster\.id=.*/cluster.id=$KAFKA_CLUSTER_ID/" "$meta" > "$data/new/meta"
    mv "$data/new/meta" "$meta"
    mv "$data/new/kafka" "$data/kafka"
fi
{
    cat /berth/server.properties
    cat <<PROPERTIES
log.dirs=$data/kafka
advertised.listeners=CLIENT://127.0.0.1:$KAFKA_PORT,NODE://127.0.0.1:9094
broker.session.timeout.ms=$session
controlled.shutdown.enable=${KAFKA_CONTROLLED_SHUTDOWN:-false}
listener.name.client.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_$KAFKA_USER="$KAFKA_PASSWORD";
PROPERTIES
} > /tmp/server.properties
unset KAFKA_PASSWORD
classes=$(printf '%s:' /opt/kafka/libs/*.jar)
# Young objects have room for a whole start: in the heap that Java begins with it collects 14 times.
# The log is log4j's simplest, which needs no set-up: that of its core takes a tenth of the start.
# shellcheck disable=SC2046 # java.options: what prepare.sh found this Java to know
exec java -Xms128m -Xmn64m -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData \
    -Djava.awt.headless=true \
    -Dlog4j2.loggerContextFactory=org.apache.logging.log4j.simple.SimpleLoggerContextFactory \
    -Dorg.apache.logging.log4j.simplelog.level=WARN \
    -Dorg.apache.logging.log4j.simplelog.showdatetime=true \
    $(cat "$prepared/java.options") \
    -cp "${classes%:}" kafka.Kafka /tmp/server.properties

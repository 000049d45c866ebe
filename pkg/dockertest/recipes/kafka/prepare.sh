#!/bin/sh
# Kafka's first start, done once: the storage is formatted, the topics are there that a first
# consumer would wait for, and a training run has shown Java which classes a start needs.
set -eu
umask 077
prepared=/berth/data
KAFKA_PASSWORD=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
KAFKA_CLUSTER_ID=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n' | cut -c1-22)
# A node that goes without saying so is waited for at the next start.
export KAFKA_CONTROLLED_SHUTDOWN=true
export KAFKA_USER=berth KAFKA_PASSWORD KAFKA_CLUSTER_ID KAFKA_PORT=9092

tool() { # MAIN-CLASS [ARGUMENT...]
    java -XX:TieredStopAtLevel=1 -Dorg.apache.logging.log4j.simplelog.level=WARN \
        -Dlog4j2.loggerContextFactory=org.apache.logging.log4j.simple.SimpleLoggerContextFactory \
        -cp "/opt/kafka/libs/*" "$@"
}
run() { # FOLDER COMMAND: a node on a copy of what is prepared, for as long as the command runs
    mkdir "$1"
    KAFKA_DATA=$1 /bin/sh /berth/start.sh &
    node=$!
    "$2" || { kill "$node"; exit 1; }
    kill "$node"
    wait "$node" || [ $? -eq 143 ] # 128 and SIGTERM
}

cat > /tmp/client.properties <<PROPERTIES
security.protocol=SASL_PLAINTEXT
sasl.mechanism=PLAIN
sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username="$KAFKA_USER" password="$KAFKA_PASSWORD";
PROPERTIES
at='--bootstrap-server 127.0.0.1:9092'

make_topics() {
    # shellcheck disable=SC2086 # two words
    tool org.apache.kafka.tools.TopicCommand $at --command-config /tmp/client.properties \
        --create --topic __berth_ready
    # To ask for a group's coordinator makes the offsets' topic; there is no such group.
    # shellcheck disable=SC2086
    tool org.apache.kafka.tools.consumer.group.ConsumerGroupCommand $at \
        --command-config /tmp/client.properties --describe --group none --timeout 30000 || true
    [ -d /tmp/first/kafka/__consumer_offsets-0 ]
}
train() {
    # shellcheck disable=SC2086
    echo trained | tool org.apache.kafka.tools.ConsoleProducer $at \
        --producer.config /tmp/client.properties --topic training
    # shellcheck disable=SC2086
    tool org.apache.kafka.tools.consumer.ConsoleConsumer $at \
        --consumer.config /tmp/client.properties --topic training --group training \
        --from-beginning --max-messages 1 --timeout-ms 30000
}

{
    cat /berth/server.properties
    echo "log.dirs=$prepared/kafka"
    echo advertised.listeners=CLIENT://127.0.0.1:9092,NODE://127.0.0.1:9094
} > /tmp/format.properties
tool kafka.tools.StorageTool format --cluster-id "$KAFKA_CLUSTER_ID" --config /tmp/format.properties
: > "$prepared/java.options"
run /tmp/first make_topics
rm -r "$prepared/kafka"
mv /tmp/first/kafka "$prepared/kafka"

# The cache of Java 25, or the class archive of those before. Mapped where it was made for, it is
# neither relocated nor copied.
cache=$prepared/java.cache
if java -XX:+PrintFlagsFinal -version 2>/dev/null | grep -q AOTCacheOutput; then
    trained=-XX:AOTCacheOutput=$cache use=-XX:AOTCache=$cache
else
    trained=-XX:ArchiveClassesAtExit=$cache use=-XX:SharedArchiveFile=$cache
fi
echo "$trained" > "$prepared/java.options"
run /tmp/second train
if [ -s "$cache" ]; then
    echo "-XX:+UnlockDiagnosticVMOptions -XX:ArchiveRelocationMode=0 $use"
fi > "$prepared/java.options"
rm -r /tmp/first /tmp/second /tmp/*.properties

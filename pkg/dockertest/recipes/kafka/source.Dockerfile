# Kafka from Maven's artifacts, on a Java runtime from Debian's packages.
ARG BASE
FROM ${BASE} AS java
LABEL berth=image
ARG PACKAGES
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ${PACKAGES} \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt \
    && mkdir -p /berth \
    && dpkg-query -W -f '${Package}=${Version}\n' ${PACKAGES} > /berth/versions
FROM java AS build
LABEL berth=image
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        ca-certificates-java maven
# The machine's certificates and Maven's settings, for this stage only; empty where there are none.
COPY ca.pem settings.xml /build/
# Java reads its own trust store, which Debian fills from single files.
RUN if [ -s /build/ca.pem ]; then \
        csplit -s -z -f /usr/local/share/ca-certificates/machine- -b '%03d.crt' \
            /build/ca.pem '/-----BEGIN CERTIFICATE-----/' '{*}' \
        && update-ca-certificates > /dev/null; \
    fi
ARG KAFKA_VERSION
ARG LOG4J_VERSION
# Of the tools only their own jar: the server brings what the ones that prepare.sh runs need.
RUN set -eu; cd /build; \
    dependency() { \
        printf '<dependency><groupId>%s</groupId><artifactId>%s</artifactId>' "$1" "$2"; \
        printf '<version>%s</version>%s</dependency>\n' "$3" "${4-}"; \
    }; \
    { \
        echo '<project><modelVersion>4.0.0</modelVersion>'; \
        echo '<groupId>berth</groupId><artifactId>kafka</artifactId><version>1</version>'; \
        echo '<dependencies>'; \
        dependency org.apache.kafka kafka_2.13 "${KAFKA_VERSION}"; \
        dependency org.apache.kafka kafka-tools "${KAFKA_VERSION}" \
            '<exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions>'; \
        dependency org.apache.logging.log4j log4j-slf4j-impl "${LOG4J_VERSION}"; \
        echo '</dependencies></project>'; \
    } > pom.xml; \
    if [ -s settings.xml ]; then set -- --settings settings.xml; fi; \
    mvn --batch-mode --no-transfer-progress "$@" \
        dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory=libs; \
    cp /berth/versions versions; \
    printf 'kafka=%s\nlog4j=%s\n' "${KAFKA_VERSION}" "${LOG4J_VERSION}" >> versions
FROM java
COPY --from=build /build/libs /opt/kafka/libs
COPY --from=build /build/versions /berth/versions

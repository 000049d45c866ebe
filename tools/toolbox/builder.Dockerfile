# What the recipes compile with: C for the first process, Go for the servers that have no package.
ARG BASE
FROM ${BASE}
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        ca-certificates gcc golang-go libc6-dev musl-tools \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt

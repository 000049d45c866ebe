# MinIO from its source: no images of it are published any more.
ARG BASE
ARG BUILDER
FROM ${BUILDER} AS build
LABEL berth=image
ARG MINIO_VERSION
ARG GOPROXY
# The machine's certificates, for this stage only; empty where there are none to add.
COPY ca.pem /build/ca.pem
# With -n it downloads only. Go waits a quarter of an hour for a connection that has died, so it gets
# three minutes, and goes on from there.
RUN if [ -s /build/ca.pem ]; then export SSL_CERT_FILE=/build/ca.pem; fi; \
    export GOTOOLCHAIN=local CGO_ENABLED=0 GOBIN=/build; \
    fetch_and_build() { timeout "$1" go install $2 -trimpath -ldflags "-s -w" "github.com/minio/minio@${MINIO_VERSION}"; }; \
    for _ in 1 2 3; do fetch_and_build 180 -n >/dev/null 2>&1 && break; done; \
    fetch_and_build 0 \
    && rm -rf /root/go /root/.cache \
    # It hashes its own file at each start, which takes half of it, unless it may not read it.
    && chmod 0711 /build/minio \
    && { echo "minio=${MINIO_VERSION}"; go version | sed 's/^go version go\([^ ]*\).*/go=\1/'; } > /build/versions
FROM ${BASE}
COPY --from=build /build/minio /usr/bin/minio
COPY --from=build /build/versions /berth/versions

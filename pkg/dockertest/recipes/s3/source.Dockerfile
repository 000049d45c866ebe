# MinIO from its source: no images of it are published any more.
ARG BASE
ARG BUILDER
FROM ${BUILDER} AS build
LABEL berth=image
ARG MINIO_VERSION
ARG GOPROXY
# The machine's certificates, for this stage only; empty where there are none to add.
COPY ca.pem /build/ca.pem
RUN if [ -s /build/ca.pem ]; then export SSL_CERT_FILE=/build/ca.pem; fi; \
    GOTOOLCHAIN=local CGO_ENABLED=0 GOBIN=/build \
    go install -trimpath -ldflags "-s -w" "github.com/minio/minio@${MINIO_VERSION}" \
    && rm -rf /root/go /root/.cache \
    # It hashes its own file at each start, which takes half of it, unless it may not read it.
    && chmod 0711 /build/minio \
    && { echo "minio=${MINIO_VERSION}"; go version | sed 's/^go version go\([^ ]*\).*/go=\1/'; } > /build/versions
FROM ${BASE}
COPY --from=build /build/minio /usr/bin/minio
COPY --from=build /build/versions /berth/versions

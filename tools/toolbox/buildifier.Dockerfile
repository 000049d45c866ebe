# buildifier has no Debian package; its Go module is built. Only the program is kept.
ARG BUILDER
FROM ${BUILDER} AS build
LABEL berth=image
COPY ca.pem /build/ca.pem
ARG GOPROXY
ARG VERSION=v0.0.0-20260904073137-eaa4d125b423
# With -n it downloads only. Go waits a quarter of an hour for a connection that has died, so it gets
# a minute, and goes on from there.
RUN if [ -s /build/ca.pem ]; then export SSL_CERT_FILE=/build/ca.pem; fi; \
    export GOTOOLCHAIN=local CGO_ENABLED=0 GOBIN=/out; \
    fetch_and_build() { timeout "$1" go install $2 "github.com/bazelbuild/buildtools/buildifier@${VERSION}"; }; \
    for _ in 1 2 3; do fetch_and_build 60 -n >/dev/null 2>&1 && break; done; \
    fetch_and_build 0
FROM scratch
COPY --from=build /out/buildifier /buildifier

# buildifier has no Debian package; its Go module is built. Only the program is kept.
ARG BUILDER
FROM ${BUILDER} AS build
LABEL berth=image
COPY ca.pem /build/ca.pem
ARG GOPROXY
ARG VERSION=v0.0.0-20260904073137-eaa4d125b423
RUN if [ -s /build/ca.pem ]; then export SSL_CERT_FILE=/build/ca.pem; fi \
    && GOBIN=/out GOTOOLCHAIN=local CGO_ENABLED=0 \
        go install "github.com/bazelbuild/buildtools/buildifier@${VERSION}"
FROM scratch
COPY --from=build /out/buildifier /buildifier

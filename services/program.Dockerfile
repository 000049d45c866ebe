# Any service's own image: Python, the locked distributions, and its code, for an unprivileged user
# on a root that may be read-only.
ARG BASE
FROM ${BASE} AS python
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        ca-certificates python3.13 \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt
FROM python AS build
LABEL berth=image
# What it takes to compile those distributions that have no wheels, of those services that use any.
ARG BUILD_PACKAGES
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        python3.13-venv ${BUILD_PACKAGES} \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt
# The machine's certificates and pip's settings, for this stage only.
COPY ca.pem pip.conf requirements.txt /build/
ARG COMPILED
RUN if [ -s /build/ca.pem ]; then export PIP_CERT=/build/ca.pem; fi; \
    python3.13 -m venv --without-pip /venv \
    && python3.13 -m venv /build/pip \
    && PIP_CONFIG_FILE=/build/pip.conf /build/pip/bin/pip --python /venv/bin/python install \
        --no-cache-dir --no-deps --require-hashes --only-binary :all: \
        ${COMPILED:+--no-binary "${COMPILED}"} -r /build/requirements.txt
FROM python
ARG RUN_PACKAGES
RUN if [ -n "${RUN_PACKAGES}" ]; then \
        apt-get update \
        && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
            ${RUN_PACKAGES} \
        && rm -rf /var/lib/apt/lists/* /var/cache/apt; \
    fi
ARG MODULE
COPY --from=build /venv /venv
COPY program/ /program/
WORKDIR /program
USER 10001:10001
ENV PATH=/venv/bin:/usr/bin:/bin PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 MODULE=${MODULE}
ENTRYPOINT ["/bin/sh", "-c", "exec python -m \"$MODULE\" \"$@\"", "python"]

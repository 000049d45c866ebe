# MySQL from Debian's packages.
ARG BASE
FROM ${BASE}
ARG PACKAGES
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ${PACKAGES} \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt \
    && mkdir -p /berth \
    && dpkg-query -W -f '${Package}=${Version}\n' ${PACKAGES} > /berth/versions

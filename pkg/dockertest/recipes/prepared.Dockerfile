# Any service's prepared image: its source image, our first process, and the recipe's files. What
# prepare.sh makes, as the user that the server runs as, is the server's first start, done once.
ARG SOURCE
ARG INIT
FROM ${INIT} AS init
FROM ${SOURCE}
USER 0:0
COPY --from=init /init /ticks.so /berth/
COPY recipe/ /berth/
RUN mkdir -p /berth/data && chown 10001:10001 /berth/data
USER 10001:10001
RUN if [ -f /berth/prepare.sh ]; then /bin/sh /berth/prepare.sh; fi
ENTRYPOINT ["/berth/init"]
CMD ["/bin/sh", "/berth/start.sh"]

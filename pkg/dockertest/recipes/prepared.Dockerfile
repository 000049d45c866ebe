# Any service's prepared image: its source image, our first process, the start script.
ARG SOURCE
ARG INIT
FROM ${INIT} AS init
FROM ${SOURCE}
COPY --from=init /init /berth/init
COPY start.sh /berth/start
ENTRYPOINT ["/berth/init"]
CMD ["/bin/sh", "/berth/start"]

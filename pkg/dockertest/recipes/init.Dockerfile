# The first process: one static binary, alone in its image.
ARG BUILDER
FROM ${BUILDER} AS build
LABEL berth=image
COPY init.c /build/init.c
RUN musl-gcc -std=c17 -static -Os -s -Wall -Wextra -Werror -o /build/init /build/init.c
FROM scratch
COPY --from=build /build/init /init
CMD ["/init"]

# The first process, one static binary, and what a server may preload; alone in their image.
ARG BUILDER
FROM ${BUILDER} AS build
LABEL berth=image
COPY clear.c clear.h init.c ticks.c /build/
RUN musl-gcc -std=c17 -static -Os -s -Wall -Wextra -Werror -o /build/init /build/init.c /build/clear.c \
    && gcc -std=c17 -shared -nostdlib -fPIC -Os -s -Wall -Wextra -Werror -o /build/ticks.so /build/ticks.c
FROM scratch
COPY --from=build /build/init /build/ticks.so /
CMD ["/init"]

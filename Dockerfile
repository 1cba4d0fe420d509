# ch-sync as an image: `docker build -t ch-sync .` in an unpacked release archive. In the repository, after
# `deno task compile`: docker build --build-arg PROGRAM=dist/ch-sync -t ch-sync .
# How to run it: docs/containers.md

# Any base with glibc 2.27 or newer and a shell will do. Pin it: --build-arg BASE=debian:bookworm-slim@sha256:…
ARG BASE=debian:bookworm-slim
FROM ${BASE}
ARG PROGRAM=ch-sync

# By number, so that Kubernetes can tell that it is not root. A new volume gets owner and mode of this folder.
RUN install -d -o 10001 -g 10001 -m 0700 /var/lib/ch-sync
COPY --chmod=0755 ${PROGRAM} /usr/local/bin/ch-sync
COPY LICENSE THIRD_PARTY_LICENSE[S] /usr/share/doc/ch-sync/
USER 10001:10001

# State, lock, pause and the record of repairs: what must outlive the container. The rest may be read-only.
ENV STATE_FILE=/var/lib/ch-sync/ch-sync-state.json
VOLUME /var/lib/ch-sync
WORKDIR /var/lib/ch-sync

# The status page, which tells the health: for the container alone, until you say otherwise.
ENV STATUS_LISTEN=127.0.0.1:8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
  CMD ["bash", "-c", "[ \"$STATUS_LISTEN\" = off ] || { exec 3<>/dev/tcp/localhost/${STATUS_LISTEN##*:} && printf 'GET /healthz HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3 && read -r _ status _ <&3 && [ \"$status\" = 200 ]; }"]

# It ends by itself within 5 seconds of SIGTERM.
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/local/bin/ch-sync"]

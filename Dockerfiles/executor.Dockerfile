# Kaniko's executor, by varve: /kaniko/executor, and with `--target debug` a shell in /busybox.
#
#   varve build . -f Dockerfiles/executor.Dockerfile -t registry.example.com/varve/executor:1.0.0 --push
#
# It stands on the image of varve.Dockerfile, and is root's, as Kaniko's is: RUN needs that, or user namespaces.
ARG VARVE=registry.example.com/varve/varve:1.0.0

FROM $VARVE AS tools
USER 0
RUN mkdir -p /made/kaniko/.docker /made/kaniko/ssl /made/busybox && ln -s /etc/ssl/certs /made/kaniko/ssl/certs \
    && for name in executor warmer; do ln -s /usr/bin/varve "/made/kaniko/$name"; done \
    && cp /usr/bin/busybox /made/busybox/busybox && cd /made/busybox \
    && for name in $(./busybox --list); do [ "$name" = busybox ] || ln -s busybox "$name"; done

FROM $VARVE AS executor
USER 0:0
COPY --from=tools /made/kaniko /kaniko
ENV HOME=/root USER=root PATH=/usr/local/bin:/kaniko:/usr/bin DOCKER_CONFIG=/kaniko/.docker SSL_CERT_DIR=/kaniko/ssl/certs
WORKDIR /workspace
ENTRYPOINT ["/kaniko/executor"]
CMD []

FROM executor AS debug
COPY --from=tools /made/busybox /busybox
ENV PATH=/usr/local/bin:/kaniko:/usr/bin:/busybox

FROM executor

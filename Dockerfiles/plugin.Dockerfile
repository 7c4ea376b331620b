# The plugins of Drone and Harness, by varve: /kaniko/kaniko-docker and its siblings; with `--target slsa` Harness' SLSA step.
#
#   varve build . -f Dockerfiles/plugin.Dockerfile -t registry.example.com/varve/plugin:1.0.0 --push
#
# It stands on the image of executor.Dockerfile.
ARG EXECUTOR=registry.example.com/varve/executor:1.0.0

FROM $EXECUTOR AS tools
RUN mkdir -p /made && for name in docker ecr gcr gar acr; do ln -s /usr/bin/varve "/made/kaniko-$name"; done

FROM $EXECUTOR AS plugin
COPY --from=tools /made /kaniko
ENTRYPOINT ["/kaniko/kaniko-docker"]

FROM $EXECUTOR AS slsa
ENTRYPOINT ["/usr/bin/varve", "plugin", "slsa"]

FROM plugin

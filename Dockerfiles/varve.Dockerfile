# varve alone, for a user who is not root. Built by varve itself: see `make images`.
#
#   varve build . -f Dockerfiles/varve.Dockerfile -t registry.example.com/varve/varve:1.0.0 --push
#
# The context holds the release program, .build/release/varve.
ARG DEBIAN=debian:bookworm-slim

FROM $DEBIAN AS tree
ARG VARVE=.build/release/varve
RUN apt-get update -qq \
    && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
        libarchive13 libcurl4 libdeflate0 libisal2 libsodium23 libssl3 libstdc++6 libyaml-0-2 libzstd1 zlib1g \
        ca-certificates git uidmap libcap2-bin busybox-static
COPY --chmod=0755 $VARVE /usr/bin/varve
COPY --chmod=0755 Dockerfiles/stage-tree.sh /usr/local/sbin/stage-tree
# What these programs need, and nothing else of Debian.
RUN stage-tree /tree /usr/bin/varve /usr/bin/git /usr/lib/git-core/git-remote-https /usr/lib/git-core/git-submodule \
        /usr/lib/git-core/git-sh-setup /usr/lib/git-core/git-sh-i18n /usr/bin/newuidmap /usr/bin/newgidmap \
        /etc/ssl/certs/ca-certificates.crt /usr/share/doc/git/copyright /usr/share/doc/busybox-static/copyright

FROM scratch
COPY --from=tree /tree /
ENV PATH=/usr/local/bin:/usr/bin HOME=/home/varve
USER 65532:65532
WORKDIR /workspace
ENTRYPOINT ["/usr/bin/varve"]
CMD ["--help"]

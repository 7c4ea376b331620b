# The toolchain and the -dev packages: everything that `make` installs, once.
#
#   docker build -f Dockerfiles/dev.Dockerfile -t varve-dev .
#   docker run --rm -it -v "$PWD":/src -w /src varve-dev make test
FROM swift:6.3-bookworm

RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        make git pkg-config libarchive-dev libssl-dev libsodium-dev zlib1g-dev libdeflate-dev libzstd-dev libisal-dev \
        libyaml-dev libcurl4-openssl-dev \
        umoci skopeo libarchive-tools zstd pigz strace busybox-static python3-venv acl attr libcap2-bin \
        golang-github-opencontainers-image-spec-dev util-linux time locales openssl \
    && rm -rf /var/lib/apt/lists/*

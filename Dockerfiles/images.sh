#!/bin/bash
# Builds the images of varve itself, with varve, on a Debian root that is a tar.
# usage: images.sh VARVE DEBIAN_TAR DIR
set -euo pipefail
varve=$(realpath "$1") debian=$(realpath "$2") out=$3
context=$out/context
rm -rf "$out" && mkdir -p "$context/Dockerfiles" "$out/debian-context"
install -m 755 "$varve" "$context/varve"
cp Dockerfiles/*.sh "$context/Dockerfiles"

# A checkout has new times each time: the last commit's stands for all of them.
export SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null || echo 0)
cp --reflink=auto "$debian" "$out/debian-context/debian.tar"
"$varve" build -q "$out/debian-context" -f- -o "oci:$out/debian:12" --no-provenance <<<$'FROM scratch\nADD debian.tar /\n' >/dev/null
rm -r "$out/debian-context"

# $1 the Dockerfile, $2 the name, $3 the target; further flags follow
image() {
    local dockerfile=$1 name=$2 target=$3
    shift 3
    echo "+ varve build -f Dockerfiles/$dockerfile.Dockerfile ${target:+--target $target }-o oci:$out/images:$name"
    "$varve" build "$context" -f "Dockerfiles/$dockerfile.Dockerfile" ${target:+--target "$target"} \
        -o "oci:$out/images:$name" --build-context debian="oci:$out/debian:12" "$@"
}
image varve varve "" --build-arg DEBIAN=debian --build-arg VARVE=varve
image executor executor "" --build-arg VARVE=varve --build-context varve="oci:$out/images:varve"
image executor executor-debug debug --build-arg VARVE=varve --build-context varve="oci:$out/images:varve"
image plugin plugin "" --build-arg EXECUTOR=executor --build-context executor="oci:$out/images:executor"
image plugin slsa slsa --build-arg EXECUTOR=executor --build-context executor="oci:$out/images:executor"

for name in varve executor executor-debug plugin slsa; do
    # As large as in a registry, and some KiB for the archive.
    "$varve" copy -q "oci:$out/images:$name" "oci-archive:$out/one.tar:$name" >/dev/null
    size=$(stat -c %s "$out/one.tar")
    rm "$out/one.tar"
    printf '%-16s %6.1f MB\n' "$name" "$(awk "BEGIN { print $size / 1e6 }")"
done

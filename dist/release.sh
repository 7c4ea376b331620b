#!/bin/bash
# Makes a release of a built varve: the tarball, its checksum, its provenance under varve's own signature, and the
# public key. The same program and commit give the same tarball.
# usage: release.sh VARVE DIRECTORY
#
# VARVE_SIGN_KEY is the private key itself, COSIGN_PASSWORD its password; without them a key is made and thrown away,
# which proves that the parts belong together and nothing more. VARVE_BUILDER_ID is the platform that builds.
set -euo pipefail
umask 022
varve=$(realpath "$1")
mkdir -p "$2"
out=$(realpath "$2")
cd "$(dirname "$0")/.."

started=$(date -u +%Y-%m-%dT%H:%M:%SZ)
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
version=$("$varve" --version | sed -n 's/^varve //p')
case $(uname -m) in
    x86_64) arch=amd64 ;;
    aarch64) arch=arm64 ;;
    *) arch=$(uname -m) ;;
esac
name=varve-$version-linux-$arch
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT

root=$stage/$name
install -D -m 755 "$varve" "$root/bin/varve"
"$varve" --experimental-dump-help | python3 dist/manual.py "$version" "$root/share/man/man1"
completion() { # SHELL FILE
    mkdir -p "$(dirname "$root/share/$2")"
    "$varve" --generate-completion-script "$1" >"$root/share/$2"
}
completion bash bash-completion/completions/varve
completion zsh zsh/site-functions/_varve
completion fish fish/vendor_completions.d/varve.fish
install -m 644 README.md LICENSE "$root"
install -D -m 644 -t "$root/docs" docs/*.md
cp -R examples "$root/examples"
chmod -R u=rwX,go=rX "$root"

tarball=$out/$name.tar.gz
rm -f "$tarball" "$tarball.intoto.jsonl"
tar -C "$stage" --format=ustar --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" \
    -cf - "$name" | gzip -n -9 >"$tarball"
(cd "$out" && "$varve" digest "$name.tar.gz" >SHA256SUMS)

if [ -n "${VARVE_SIGN_KEY:-}" ]; then
    key=env://VARVE_SIGN_KEY
else
    echo "release.sh: VARVE_SIGN_KEY is not set: signed with a key that is thrown away" >&2
    export COSIGN_PASSWORD=
    "$varve" key generate --output-prefix "$stage/release" >/dev/null
    key=$stage/release.key
fi
"$varve" key public "$key" >"$out/varve.pub"
"$varve" --version | python3 dist/predicate.py "$arch" "$started" >"$stage/predicate.json"
"$varve" attest "$tarball" --key "$key" --predicate "$stage/predicate.json" --type slsaprovenance1 --quiet >/dev/null

# What nobody could verify is no release.
(cd "$out" && sha256sum --quiet -c SHA256SUMS)
"$varve" verify "$tarball" --key "$out/varve.pub" --build-type https://varve.dev/build-types/release/v1 --quiet
for file in "$tarball" "$tarball.intoto.jsonl" "$out/SHA256SUMS" "$out/varve.pub"; do echo "$file"; done

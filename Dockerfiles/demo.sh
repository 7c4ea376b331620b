#!/bin/bash
# Stages a root file system that holds varve and what it needs to run, packs it, shows the image, and builds a Dockerfile on
# it, whose RUN is varve itself.
# usage: demo.sh VARVE DIR
set -euo pipefail
varve=$1 dir=$2
root=$dir/rootfs

rm -rf "$dir" && mkdir -p "$root/usr/bin" "$root/tmp" "$root/srv"
chmod 1777 "$root/tmp"
install -m 755 "$varve" "$root/usr/bin/varve"
# The shared objects, each at the path where the loader looks for it.
ldd "$varve" | awk '$2 == "=>" { print $3 } $1 ~ /^\// { print $1 }' | while read -r object; do
    install -D -m 755 "$object" "$root$object"
done
install -D -m 644 /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt" 2>/dev/null || true
install -D -m 644 /dev/stdin "$root/etc/passwd" <<<'root:x:0:0:root:/srv:/usr/bin/varve'
install -D -m 644 /dev/stdin "$root/etc/group" <<<'root:x:0:'

# A checkout has new times each time: the last commit's stands for all of them.
epoch=$(git log -1 --format=%ct 2>/dev/null || echo 0)
echo "+ varve pack $root -o oci:$dir/image:varve --entrypoint '[\"/usr/bin/varve\"]' --workingdir /srv …"
"$varve" pack "$root" -o "oci:$dir/image:varve" --source-date-epoch "$epoch" \
    --entrypoint '["/usr/bin/varve"]' --cmd '["--help"]' --workingdir /srv --env PATH=/usr/bin \
    --label org.opencontainers.image.title=varve --annotation org.opencontainers.image.title=varve
echo
echo "+ varve inspect oci:$dir/image:varve"
"$varve" inspect "oci:$dir/image:varve"
if [ "$(id -u)" = 0 ] && chroot "$root" /usr/bin/varve --version >/dev/null 2>&1; then
    echo "+ chroot $root varve --version"
    chroot "$root" /usr/bin/varve --version | sed 's/^/  /'
fi

# The same image as the base of another one; where programs can be run, varve packs its own /etc in there.
pack= copy=
if "$varve" doctor | grep -q '^RUN *works'; then
    pack='RUN ["/usr/bin/varve", "pack", "/etc", "-q", "--no-provenance", "-o", "oci-archive:/srv/etc.tar:etc"]'
    copy='COPY --from=tools /srv/etc.tar /usr/share/'
fi
mkdir -p "$dir/app"
printf 'varve builds me without a daemon\n' >"$dir/app/message"
cat >"$dir/app/Dockerfile" <<DOCKERFILE
FROM varve AS tools
$pack
FROM scratch
ARG VERSION=1
LABEL version=\$VERSION
COPY --from=tools /usr/bin/varve /bin/
$copy
COPY message /etc/
USER 1000:1000
ENTRYPOINT ["/bin/varve"]
DOCKERFILE
build=("$varve" build "$dir/app" --build-context "varve=oci:$dir/image:varve" -o "oci:$dir/image:app"
    --cache-dir "$dir/cache" --source-date-epoch "$epoch")
echo
echo "+ varve ${build[*]:1}"
"${build[@]}"
echo "+ and again, from the cache"
"${build[@]}"
echo
echo "The images:       $dir/image  (an OCI layout; skopeo copy oci:$dir/image:varve docker://…)"
echo "Their provenance: $(ls "$dir"/image.provenance/*.json | tr '\n' ' ')"

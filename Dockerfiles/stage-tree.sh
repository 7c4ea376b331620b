#!/bin/sh
# Puts files, and the shared objects that they need, into a tree of their own, with the users and the few tools that varve
# and git want: a shell and sed, of busybox.
# usage: stage-tree TREE FILE...
set -eu
tree=$1
shift
umask 022
mkdir -p "$tree/etc" "$tree/usr/bin" "$tree/usr/sbin" "$tree/usr/lib" "$tree/usr/lib64" "$tree/tmp" "$tree/var/tmp" "$tree/root" \
    "$tree/home/varve" "$tree/workspace"
chmod 1777 "$tree/tmp" "$tree/var/tmp"
chmod 0700 "$tree/root"
chown 65532:65532 "$tree/home/varve" "$tree/workspace"
for name in bin sbin lib lib64; do ln -s "usr/$name" "$tree/$name"; done

add() {
    [ -e "$tree$1" ] || { mkdir -p "$tree${1%/*}" && cp -p --preserve=all "$1" "$tree$1"; }
}
for file in "$@"; do
    add "$file"
    # A script is no dynamic executable.
    objects=$(ldd "$file" 2>/dev/null | awk '$2 == "=>" { print $3 } $1 ~ /^\// { print $1 }') || objects=
    for object in $objects; do add "$object"; done
done
# The resolver's own, which nothing names.
for object in /lib/*-linux-gnu*/libnss_dns.so.2 /lib/*-linux-gnu*/libnss_files.so.2; do [ ! -e "$object" ] || add "$object"; done

cp /bin/busybox "$tree/usr/bin/busybox"
for name in sh sed uname basename dirname cat env; do ln -s busybox "$tree/usr/bin/$name"; done

printf 'root:x:0:0:root:/root:/bin/sh\nvarve:x:65532:65532::/home/varve:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n' >"$tree/etc/passwd"
printf 'root:x:0:\nvarve:x:65532:\nnogroup:x:65534:\n' >"$tree/etc/group"
printf 'varve:100000:65536\n' | tee "$tree/etc/subuid" >"$tree/etc/subgid"
printf 'hosts: files dns\n' >"$tree/etc/nsswitch.conf"

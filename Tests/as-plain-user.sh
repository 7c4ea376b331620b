#!/bin/bash
# Runs the built tests once more as the user nobody, where this is root: from copies, for root's
# checkout may be closed to others. What only root can do was tested before, and is cancelled here.
# usage: as-plain-user.sh BUILD-DIRECTORY
set -euo pipefail
build=$1
if [ "$(id -u)" != 0 ]; then
    echo "as a plain user: this whole run was one"
    exit 0
fi
dir=$(mktemp -d /tmp/varve-plain-XXXXXX)
trap 'rm -rf "$dir"' EXIT
chmod 755 "$dir"
install -m 755 "$build/release/varve" "$build/debug/"{varvePackageTests.xctest,SandboxTrial} "$dir"
cp -r "$build/checks" "$dir/checks"
[ ! -e "$build/debian.tar" ] || install -m 644 "$build/debian.tar" "$dir"
mkdir -m 777 "$dir/home"
cd "$dir/home"
# Rooms that never ask who runs them: values in, values out.
values='^(Architecture|Compression|Cryptography|DockerfileSyntax|Examples|OCI|Tar|YAML)Tests\.'
exec 3>&-
HOME=$dir/home VARVE=$dir/varve VARVE_PYTHON=$dir/checks/bin/python VARVE_DEBIAN=$dir/debian.tar \
    setpriv --reuid=65534 --regid=65534 --clear-groups -- \
    "$dir/varvePackageTests.xctest" --testing-library swift-testing --skip "$values"

"""Debian's docker-registry on this machine, and the contests that send images to it and fetch them."""

from __future__ import annotations

import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from measure import CommandFailed

ADDRESS = "127.0.0.1:5599"
IMAGE = "half.1"

CONFIGURATION = """version: 0.1
storage:
  filesystem: {{rootdirectory: {data}}}
http: {{addr: {address}}}
log: {{level: error, accesslog: {{disabled: true}}}}
"""

# The same blobs as the image has, one after the other.
CURL_PUSH = f"""set -euo pipefail
layout=$1
for blob in $(python3 -c '
import json, sys
layout = sys.argv[1]
def read(digest): return json.load(open(f"{{layout}}/blobs/sha256/" + digest.removeprefix("sha256:")))
entries = json.load(open(f"{{layout}}/index.json"))["manifests"]
wanted = next(e for e in entries if e["annotations"]["org.opencontainers.image.ref.name"] == "{IMAGE}")
manifest = read(wanted["digest"])
print(*(d["digest"].removeprefix("sha256:") for d in [manifest["config"], *manifest["layers"]]))
' "$layout"); do
  place=$(curl -sf -D - -o /dev/null -X POST http://{ADDRESS}/v2/curl/blobs/uploads/ | tr -d '\\r' |
    sed -n 's/^[Ll]ocation: //p')
  curl -sf -T "$layout/blobs/sha256/$blob" "$place&digest=sha256:$blob"
done
"""

CURL_PULL = f"""set -euo pipefail
manifest=$(curl -sf -H 'Accept: application/vnd.oci.image.manifest.v1+json' http://{ADDRESS}/v2/image/manifests/1)
for digest in $(grep -o 'sha256:[0-9a-f]*' <<<"$manifest"); do
  curl -sf "http://{ADDRESS}/v2/image/blobs/$digest" | sha256sum
done
"""


class LocalRegistry:
    """One registry process over a folder that is emptied between runs."""

    def __init__(self, data: Path):
        self.data = data

    def empty(self) -> None:
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir()

    def hold(self, layout: str) -> None:
        """Hold the image under the name that the contests of fetching ask for."""
        command = ["skopeo", "copy", "--quiet", "--preserve-digests", "--dest-tls-verify=false", f"oci:{layout}:{IMAGE}"]
        done = subprocess.run([*command, f"docker://{ADDRESS}/image:1"], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise CommandFailed(f"registry: {done.stderr.strip()}")


@contextmanager
def running(folder: Path) -> Iterator[LocalRegistry]:
    """A registry whose blobs are below the folder, as long as the context lasts."""
    registry = LocalRegistry(folder / "registry")
    registry.empty()
    configuration = folder / "registry.yml"
    configuration.write_text(CONFIGURATION.format(data=registry.data, address=ADDRESS))
    process = subprocess.Popen(
        ["docker-registry", "serve", str(configuration)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _await(process)
        yield registry
    finally:
        process.terminate()
        process.wait()


def _await(process: subprocess.Popen) -> None:
    for _ in range(100):
        try:
            urllib.request.urlopen(f"http://{ADDRESS}/v2/", timeout=1).close()
            return
        except (urllib.error.URLError, OSError):
            if process.poll() is not None:
                break
            time.sleep(0.1)
    raise CommandFailed(f"docker-registry does not answer at {ADDRESS}")


def commands(varve: str) -> dict[str, list[tuple[str, Callable[[str, str], list[str]], tuple[str, ...]]]]:
    """By theme: each contender's name, its command for a layout and an output folder, and its tools."""
    # Without this it compresses what is not, and sends other blobs.
    skopeo = ["skopeo", "copy", "--quiet", "--preserve-digests", "--dest-tls-verify=false", "--src-tls-verify=false"]
    push = [
        ("varve push", lambda layout, out: [varve, "push", "-q", f"oci:{layout}:{IMAGE}", f"{ADDRESS}/image:1"], ()),
        ("skopeo copy", lambda layout, out: [*skopeo, f"oci:{layout}:{IMAGE}", f"docker://{ADDRESS}/image:1"], ("skopeo",)),
    ]
    return {
        "push": [*push, ("curl -T", lambda layout, out: ["bash", "-c", CURL_PUSH, "bash", layout], ("bash", "curl"))],
        "push-again": push,
        "pull": [
            ("varve pull", lambda layout, out: [varve, "pull", "-q", f"{ADDRESS}/image:1", f"oci:{out}/layout:1"], ()),
            ("skopeo copy", lambda layout, out: [*skopeo, f"docker://{ADDRESS}/image:1", f"oci:{out}/layout:1"], ("skopeo",)),
            ("curl | sha256sum", lambda layout, out: ["bash", "-c", CURL_PULL, "bash"], ("bash", "curl")),
        ],
    }

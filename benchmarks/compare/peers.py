"""Who is compared with whom on what: the command lines of varve and of its peers."""

from __future__ import annotations

import hashlib
import json
import os
import re
import tarfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import building
import registry
from measure import CommandFailed

TAG = "bench"

# varve flushes what it writes to the disk before it names the result; most peers leave that to the
# kernel. Each of them therefore ends with `sync` of its own files, which costs nothing twice.
SYNC_LAYOUT = 'find "$out/layout" -exec sync {} +'

PIPELINE = """set -euo pipefail
root=$1 out=$2
tar --sort=name -C "$root" -cf - . | tee >(openssl dgst -sha256 > "$out/diff-id") \\
  | COMPRESSOR | tee "$out/layer" | openssl dgst -sha256 > "$out/digest"
sync "$out/layer"
"""

UMOCI = f"""set -euo pipefail
root=$1 out=$2
umoci init --layout "$out/layout"
umoci new --image "$out/layout:{TAG}"
umoci insert --image "$out/layout:{TAG}" "$root" /
{SYNC_LAYOUT}
"""

BUILDAH = f"""set -euo pipefail
root=$1 out=$2
own_buildah() {{
  STORAGE_DRIVER=vfs buildah --root "$out/storage" --runroot "$out/run" "$@"
}}
container=$(own_buildah from scratch)
own_buildah copy --quiet "$container" "$root" / > "$out/copied"
own_buildah commit --quiet --disable-compression=false "$container" "oci:$out/layout:{TAG}" > "$out/committed"
{SYNC_LAYOUT}
"""


@dataclass(frozen=True)
class Contender:
    """One command line of a contest; `result` says what it leaves.

    A layout, a layer file, digests, `archives` beside or in place of a layout, a `tree`, or `nothing`.
    """

    name: str
    sources: tuple[str, ...]
    arguments: Callable[[list[str], str], list[str]]
    tools: tuple[str, ...]
    result: str
    # What goes before each run and is not measured.
    before: Callable[[list[str], str], list[str]] | None = None

    def layer_size(self, out: Path) -> int | None:
        """Bytes of the layer left in `out`; None where there is none."""
        if self.result not in ("layout", "file"):
            return None
        return self._layer(out).stat().st_size

    def check(self, out: Path, stdout: str, sources: list[Path]) -> None:
        """Raise CommandFailed unless what the command said and wrote is right, digest for digest."""
        if self.result == "digests":
            expected = [_sha256(source) for source in sources]
            if re.findall(r"\b[0-9a-f]{64}\b", stdout) != expected:
                raise CommandFailed(f"{self.name}: wrong digests: {stdout.strip()}")
            return
        if self.result == "nothing":
            return
        if self.result == "tree":
            _check_tree(self.name, out / "tree", sources[-1])
            return
        if self.result == "archives":
            for archive in out.glob("*.tar"):
                _check_archive(self.name, archive, stdout.strip())
            return
        layer = self._layer(out)
        if self.result == "file":
            announced = (out / "digest").read_text().split()[-1]
        else:
            announced = layer.name
        if announced != _sha256(layer):
            raise CommandFailed(f"{self.name}: the layer is not what its digest says")
        if self.name.startswith("varve pack"):
            self._check_manifest(out / "layout", stdout.strip(), layer)

    def _check_manifest(self, layout: Path, printed: str, layer: Path) -> None:
        entries = json.loads((layout / "index.json").read_text())["manifests"]
        if [entry["digest"] for entry in entries] != [printed]:
            raise CommandFailed(f"{self.name}: printed {printed!r}, which is not the manifest in index.json")
        manifest = json.loads((layout / "blobs/sha256" / printed.removeprefix("sha256:")).read_text())
        if [entry["digest"] for entry in manifest["layers"]] != [f"sha256:{layer.name}"]:
            raise CommandFailed(f"{self.name}: the manifest does not name the layer {layer.name}")

    def _layer(self, out: Path) -> Path:
        if self.result == "file":
            return out / "layer"
        return largest_blob(out / "layout")


@dataclass(frozen=True)
class Contest:
    """Commands that do the same work on one input; the first one is varve."""

    input: str
    theme: str
    contenders: tuple[Contender, ...]
    in_memory: bool = False
    # Every output on a tmpfs, not varve's alone: making files where as many were just removed is a trial of ext4.
    all_in_memory: bool = False
    # Whether a registry runs meanwhile, empty before each run, or with the image of the first source.
    registry: str | None = None

    @property
    def name(self) -> str:
        return f"{self.input}/{self.theme}"

    @property
    def varve(self) -> Contender:
        return self.contenders[0]


def largest_blob(layout: Path) -> Path:
    """The largest blob of an image layout: of an image with one layer, the layer."""
    blobs = list((layout / "blobs/sha256").iterdir())
    if not blobs:
        raise CommandFailed(f"{layout}: no blobs")
    return max(blobs, key=lambda blob: blob.stat().st_size)


def contests(varve: str, processors: int) -> list[Contest]:
    """Every comparison, in the order in which it is run and reported."""
    found = []
    for tree in ("debian", "binaries", "small", "single"):
        default_peers = [umoci(tree), pipeline(tree, "pigz -6")]
        if tree in ("debian", "small"):
            # Its storage keeps two more copies of the tree: on 2 GB that would measure the disk.
            default_peers.insert(1, buildah(tree))
        if tree == "debian":
            default_peers.append(pipeline(tree, "gzip -6"))
        if tree == "small":
            default_peers.append(pipeline(tree, "pigz -1"))
        found += [
            Contest(tree, "gzip", (pack(varve, tree), *default_peers)),
            Contest(
                tree,
                "fastest",
                (pack(varve, tree, "--compression-level", "fastest"), pipeline(tree, "igzip -1")),
            ),
            Contest(
                tree,
                "zstd",
                (pack(varve, tree, "--compression", "zstd"), pipeline(tree, f"zstd -3 -T{processors}")),
            ),
        ]
        # Of one file the tar is the file and three blocks more: openssl may as well hash the file.
        tar = {"debian": "debian.tar", "single": "single.file"}.get(tree)
        if tar:
            plain = pack(varve, tree, "--compression", "none")
            found.append(Contest(tree, "none", (plain, openssl(tar)), in_memory=True))
    found.append(Contest("single", "digest", (digest(varve, "single.file"), openssl("single.file"))))
    halves = ("half.1", "half.2")
    found.append(Contest("single", "digest-two", (digest(varve, *halves), openssl(*halves))))
    return found + image_contests(varve)


def image_contests(varve: str) -> list[Contest]:
    """What is done with whole images."""
    layout = ("oci:{out}/layout:bench",)
    archive = ("oci-archive:{out}/a.tar:bench",)
    both = ("docker-archive:{out}/d.tar:example.com/app:bench",)
    plain = outputs(varve, "varve pack -o oci:", layout)
    found = [
        Contest("debian", "archive", (outputs(varve, "varve pack -o oci-archive:", archive), plain)),
        Contest("debian", "all-forms", (outputs(varve, "varve pack, three -o", layout + archive + both), plain)),
    ]
    for packer in ("umoci", "varve"):
        image = f"debian.{packer}"
        contenders = (
            _unpacker("varve unpack", image, [varve, "unpack", "oci:{image}:bench", "{out}/tree", "--quiet"], ()),
            _unpacker(
                UMOCI_UNPACK, image, ["umoci", "raw", "unpack", "--image", "{image}:bench", "{out}/tree"], ("umoci",)
            ),
        )
        found.append(Contest("debian", f"unpack-{packer}", contenders, all_in_memory=True))
    check = Contender(
        name="varve check",
        sources=("halves.plain",),
        arguments=lambda paths, out: [varve, "check", f"oci:{paths[0]}/layout", "--quiet"],
        tools=(),
        result="nothing",
    )
    found.append(Contest("halves.plain", "check", (check, openssl("half.1", "half.2"))))
    return found + registry_contests(varve) + build_contests(varve)


def build_contests(varve: str) -> list[Contest]:
    """What is made of a Dockerfile."""
    return [
        Contest(
            "debian.context",
            theme,
            tuple(
                Contender(name, ("debian.context",), words, tools, result, before)
                for name, words, before, tools, result in commands
            ),
        )
        for theme, commands in building.commands(varve).items()
    ]


def registry_contests(varve: str) -> list[Contest]:
    """Images on their way to a registry on this machine, and back."""
    found = []
    for theme, commands in registry.commands(varve).items():
        contenders = tuple(
            Contender(
                name=name,
                sources=("halves.plain",),
                arguments=lambda paths, out, words=words: words(f"{paths[0]}/layout", out),
                tools=("docker-registry", *tools),
                result="nothing",
            )
            for name, words, tools in commands
        )
        kept = "empty" if theme == "push" else "holding"
        found.append(Contest("halves.plain", theme, contenders, all_in_memory=True, registry=kept))
    plain = outputs(varve, "varve pack -o oci:", ("oci:{out}/layout:bench",))
    sent = outputs(varve, "varve pack --destination", (f"docker://{registry.ADDRESS}/image:bench",))
    found.append(
        Contest("debian", "destination", (replace(sent, result="nothing"), plain), all_in_memory=True, registry="empty")
    )
    return found


UMOCI_UNPACK = "umoci raw unpack"


def outputs(varve: str, name: str, places: tuple[str, ...]) -> Contender:
    """Packs the Debian tree into all these places at once."""
    return Contender(
        name=name,
        sources=("debian",),
        arguments=lambda paths, out: [
            *(varve, "pack", paths[0], "--quiet"),
            *(word for place in places for word in ("-o", place.format(out=out))),
        ],
        tools=(),
        result="archives",
    )


def _unpacker(name: str, image: str, words: list[str], tools: tuple[str, ...]) -> Contender:
    return Contender(
        name=name,
        sources=(image, "debian"),
        arguments=lambda paths, out: [word.format(image=f"{paths[0]}/layout", out=out) for word in words],
        tools=tools,
        result="tree",
    )


def _check_archive(name: str, archive: Path, printed: str) -> None:
    with tarfile.open(archive) as members:
        index = json.load(members.extractfile("index.json"))
    if [entry["digest"] for entry in index["manifests"]] != [printed]:
        raise CommandFailed(f"{name}: printed {printed!r}, which {archive.name} does not name")


def _check_tree(name: str, tree: Path, source: Path) -> None:
    """Kinds, modes, owners, sizes and targets: of content the digests speak, and umoci rounds times when it packs."""

    def facts(root: Path) -> dict[str, tuple]:
        found = {}
        for folder, folders, names in os.walk(root):
            for entry in folders + names:
                path = Path(folder, entry)
                status = path.lstat()
                is_link = path.is_symlink()
                found[str(path.relative_to(root))] = (
                    *(status.st_mode, status.st_uid, status.st_gid),
                    os.readlink(path) if is_link else status.st_size if path.is_file() else 0,
                )
        return found

    expected, made = facts(source), facts(tree)
    wrong = sorted(entry for entry in expected.keys() | made.keys() if expected.get(entry) != made.get(entry))
    if wrong:
        raise CommandFailed(f"{name}: {len(wrong)} entries are not as in the tree, the first is {wrong[0]}")


def pack(varve: str, tree: str, *options: str) -> Contender:
    return Contender(
        name=" ".join(["varve pack", *options]),
        sources=(tree,),
        arguments=lambda paths, out: [
            *(varve, "pack", paths[0], "-o", f"oci:{out}/layout:{TAG}"),
            *options,
            "--quiet",
        ],
        tools=(),
        result="layout",
    )


def digest(varve: str, *files: str) -> Contender:
    return Contender("varve digest", files, lambda paths, out: [varve, "digest", *paths], (), "digests")


def openssl(*files: str) -> Contender:
    return Contender(
        name="openssl dgst",
        sources=files,
        arguments=lambda paths, out: ["openssl", "dgst", "-sha256", *paths],
        tools=("openssl",),
        result="digests",
    )


def umoci(tree: str) -> Contender:
    return _script("umoci", tree, UMOCI, ("umoci",), "layout")


def buildah(tree: str) -> Contender:
    return _script("buildah", tree, BUILDAH, ("buildah",), "layout")


def pipeline(tree: str, compressor: str) -> Contender:
    script = PIPELINE.replace("COMPRESSOR", compressor)
    tools = ("tar", "openssl", compressor.split()[0])
    return _script(f"tar | {compressor}", tree, script, tools, "file")


def _script(name: str, tree: str, script: str, tools: tuple[str, ...], result: str) -> Contender:
    return Contender(
        name=name,
        sources=(tree,),
        arguments=lambda paths, out: ["bash", "-c", script, "bash", paths[0], out],
        tools=("bash", *tools),
        result=result,
    )


def _sha256(file: Path) -> str:
    with open(file, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def usable_processors() -> int:
    """Processors this process may run on, which is what the parallel tools count too."""
    return len(os.sched_getaffinity(0))

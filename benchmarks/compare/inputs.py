"""The trees and files that are packed: made once, kept in the work folder, the same for every tool."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import random
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

from measure import CommandFailed

MEBIBYTE = 1 << 20
# Raise it when a recipe below changes: inputs of an older recipe are made anew.
RECIPE = 1
FIXED_TIME = 1_700_000_000


class Inputs:
    """The inputs by name; each is made when first asked for.

    Names: the trees `debian`, `binaries`, `small`, `single`; the files `debian.tar`, `single.file`,
    `half.1` and `half.2` (the two halves of `single.file`); the layouts `debian.umoci` and `debian.varve`
    (the tree packed by each), `debian.context` (most of the tree, to be copied into an image) and `halves.plain` (each half an image of its own, not compressed).
    """

    def __init__(self, work: Path, quick: bool, varve: str):
        self.quick = quick
        self.varve = varve
        self.folder = work / ("inputs-quick" if quick else "inputs")

    def path(self, name: str) -> Path:
        """The path of the input called `name`."""
        if name == "single.file":
            return self._made("single") / "tree" / "file"
        if name.startswith("half."):
            return self._made("halves") / "tree" / name
        if name == "debian.tar":
            return self._made("debian.tar") / "tree" / "debian.tar"
        return self._made(name) / "tree"

    def description(self, name: str) -> dict:
        """How the input was made (`maker`), its number of `files` and its `bytes`."""
        return json.loads((self._made(name) / "made.json").read_text())

    def _made(self, name: str) -> Path:
        home = self.folder / name
        record = home / "made.json"
        if record.exists() and json.loads(record.read_text()).get("recipe") == RECIPE:
            return home
        print(f"making the input {name}", flush=True)
        partial = self.folder / f"{name}.partial"
        for old in (home, partial):
            if old.exists():
                shutil.rmtree(old)
        tree = partial / "tree"
        tree.mkdir(parents=True)
        maker = self._recipes()[name](tree)
        files, size = _measured_tree(tree)
        made = {"recipe": RECIPE, "maker": maker, "files": files, "bytes": size}
        (partial / "made.json").write_text(json.dumps(made, indent=2) + "\n")
        partial.rename(home)
        return home

    def _recipes(self) -> dict[str, Callable[[Path], str]]:
        return {
            "debian": self._make_sample if self.quick else self._make_debian,
            "debian.tar": self._make_debian_tar,
            "binaries": self._make_binaries,
            "small": self._make_small,
            "single": self._make_single,
            "halves": self._make_halves,
            "debian.umoci": self._make_umoci_layout,
            "debian.varve": self._make_varve_layout,
            "halves.plain": self._make_plain_layout,
            "debian.context": self._make_context,
        }

    def _make_debian(self, tree: Path) -> str:
        if os.geteuid() != 0:
            raise CommandFailed("debian: making a Debian root file system needs root (or use --quick)")
        mirror = "http://deb.debian.org/debian"
        if shutil.which("mmdebstrap"):
            command = ["mmdebstrap", "--variant=standard", "--quiet", "bookworm", str(tree), mirror]
        else:
            command = ["debootstrap", "bookworm", str(tree), mirror]
        subprocess_checked("debian", command)
        return f"{' '.join(command[:-2])} {mirror}"

    def _make_sample(self, tree: Path) -> str:
        limit = 20 * MEBIBYTE
        for source in ("/usr/bin", "/usr/lib", "/usr/share"):
            total = 0
            for file in _files_in_order(Path(source)):
                size = file.lstat().st_size
                if total + size > limit or not os.access(file, os.R_OK):
                    continue
                total += size
                copy = tree / file.relative_to("/")
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(file, copy, follow_symlinks=False)
                if total > limit - 4096:
                    break
        return "60 MiB of /usr/bin, /usr/lib and /usr/share, in the place of a Debian root file system"

    def _make_debian_tar(self, tree: Path) -> str:
        command = ["tar", "--sort=name", "-C", str(self.path("debian")), "-cf", str(tree / "debian.tar"), "."]
        subprocess_checked("debian.tar", command)
        return "tar --sort=name of debian"

    def _make_binaries(self, tree: Path) -> str:
        limit = 60 * MEBIBYTE if self.quick else 2_000_000_000
        total, seen = 0, set()
        for file in _elf_files():
            size = file.stat().st_size
            if total + size > limit:
                continue
            with open(file, "rb") as stream:
                digest = hashlib.file_digest(stream, "sha256").digest()
            if digest in seen:
                continue
            seen.add(digest)
            copy = tree / file.relative_to("/")
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(file, copy)
            total += size
            if limit - total < MEBIBYTE:
                break
        return "ELF programs and shared objects of this machine, those of 1 MiB or more first"

    def _make_small(self, tree: Path) -> str:
        count, folders = (3_000, 20) if self.quick else (60_000, 200)
        chance = random.Random("small files")
        prose = Prose(chance)
        for number in range(count):
            folder = tree / f"{number % folders:03d}"
            folder.mkdir(exist_ok=True)
            # Evenly spread over the orders of magnitude, as sizes in source trees are.
            size = int(200 * (16_384 / 200) ** chance.random())
            is_text = number % 8 != 0
            content = prose.text(size) if is_text else chance.randbytes(size)
            file = folder / f"file-{number:05d}{'.txt' if is_text else '.bin'}"
            file.write_bytes(content)
            os.utime(file, (FIXED_TIME, FIXED_TIME))
        return f"{count} files of 200 B to 16 KiB in {folders} folders, seven of eight text, the rest random"

    def _make_single(self, tree: Path) -> str:
        chance = random.Random("single file")
        text = _chunks(file for file in _files_in_order(self.path("small")) if file.suffix == ".txt")
        binary = _chunks(_files_in_order(self.path("binaries")))
        with open(tree / "file", "wb") as stream:
            for number in range(64 if self.quick else 2048):
                kind = number % 8
                if kind < 3:
                    stream.write(next(text))
                elif kind < 7:
                    stream.write(next(binary))
                else:
                    stream.write(chance.randbytes(MEBIBYTE))
        return "one file: of every 8 MiB 3 are text, 4 program code, 1 random"

    def _make_halves(self, tree: Path) -> str:
        whole = self.path("single.file")
        half = whole.stat().st_size // 2
        with open(whole, "rb") as source:
            for name in ("half.1", "half.2"):
                with open(tree / name, "wb") as stream:
                    for _ in range(half // MEBIBYTE):
                        stream.write(source.read(MEBIBYTE))
        return "the file of single, cut in two"

    def _make_umoci_layout(self, tree: Path) -> str:
        layout = str(tree / "layout")
        for command in (
            ["umoci", "init", "--layout", layout],
            ["umoci", "new", "--image", f"{layout}:bench"],
            ["umoci", "insert", "--image", f"{layout}:bench", str(self.path("debian")), "/"],
        ):
            subprocess_checked("debian.umoci", command)
        return "debian, packed by umoci"

    def _make_varve_layout(self, tree: Path) -> str:
        pack = [self.varve, "pack", str(self.path("debian")), "-o", f"oci:{tree}/layout:bench", "--quiet"]
        subprocess_checked("debian.varve", [*pack, "--no-provenance"])
        return "debian, packed by varve"

    def _make_plain_layout(self, tree: Path) -> str:
        for name in ("half.1", "half.2"):
            alone = tree / name
            alone.mkdir()
            os.link(self.path(name), alone / name)
            pack = [self.varve, "pack", str(alone), "-o", f"oci:{tree}/layout:{name}", "--quiet"]
            subprocess_checked("halves.plain", [*pack, "--no-provenance", "--compression", "none"])
            shutil.rmtree(alone)
        return "the halves, each an image that is not compressed, in one layout"


    def _make_context(self, tree: Path) -> str:
        files = tree / "files"
        files.mkdir()
        for folder in ("etc", "opt", "usr", "var"):
            part = self.path("debian") / folder
            if part.exists():
                subprocess_checked("debian.context", ["cp", "-a", str(part), str(files / folder)])
        small = tree / "small"
        (small / "bin").mkdir(parents=True)
        shutil.copy2("/bin/true", small / "bin/true")
        pack = [self.varve, "pack", str(small), "-o", f"oci:{tree}/base:base", "--quiet", "--no-provenance"]
        subprocess_checked("debian.context", pack)
        shutil.rmtree(small)
        for name in ("plain", "ignoring"):
            (tree / name).write_text("FROM base\nCOPY . /opt/tree/\n")
        (tree / "ignoring.dockerignore").write_text("\n".join(ignore_patterns()) + "\n")
        return "etc, opt, usr and var of debian beside a base of one program"


def ignore_patterns() -> list[str]:
    """40 patterns of the kinds that ignore files have, which leave out little, so that most files are looked at."""
    patterns = ["**/.git", "**/.svn", "**/node_modules", "**/__pycache__/*.tmp", "**/*.swp", "**/*~", "**/.DS_Store"]
    patterns += [f"**/*.{kind}" for kind in ("log.old", "orig", "rej", "bak", "o", "obj", "class", "pdb", "iml", "pem")]
    patterns += [f"usr/share/{name}/*.draft" for name in ("doc", "man", "perl", "python3", "zoneinfo", "vim", "info")]
    patterns += ["**/build-[0-9]*", "target", "dist", "coverage", "tmp/**", "**/test?.out", "docs/*.md", "!docs/README.md"]
    patterns += ["**/.env", "**/.env.*", "!**/.env.example", "Dockerfile*", "docker-compose*.yml", ".dockerignore"]
    patterns += ["**/secrets/*.key", "!**/secrets/public.key"]
    return patterns


class Prose:
    """Text that compresses as source text does: common words often, rare words seldom, short lines."""

    def __init__(self, chance: random.Random):
        letters = "etaoinshrdlucmfwypvbgk"
        self.chance = chance
        self.words = ["".join(chance.choices(letters, k=chance.randint(2, 11))) for _ in range(6_000)]
        self.weights = list(itertools.accumulate(1 / rank for rank in range(1, len(self.words) + 1)))

    def text(self, size: int) -> bytes:
        """Exactly `size` bytes of text."""
        lines, length = [], 0
        while length < size:
            words = self.chance.choices(self.words, cum_weights=self.weights, k=self.chance.randint(3, 12))
            indent = "    " * self.chance.randint(0, 3)
            line = f"{indent}{' '.join(words)} {self.chance.randint(0, 9999)};\n"
            lines.append(line)
            length += len(line)
        return "".join(lines).encode()[:size]


def subprocess_checked(name: str, command: list[str]) -> None:
    """Run a preparing command; raises CommandFailed with the end of its error stream."""
    result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if result.returncode != 0:
        last_words = result.stderr.decode(errors="replace")[-2000:].strip()
        raise CommandFailed(f"{name}: {command[0]} exit status {result.returncode}\n{last_words}")


def _files_in_order(root: Path) -> Iterator[Path]:
    """Regular files below `root`, no links, in an order that does not depend on the file system."""
    for folder, folders, names in os.walk(root):
        folders.sort()
        for name in sorted(names):
            file = Path(folder, name)
            if file.is_file() and not file.is_symlink():
                yield file


def _elf_files() -> list[Path]:
    roots = [Path("/usr/lib"), Path("/usr/bin")]
    swift = shutil.which("swift")
    if swift:
        toolchain = Path(swift).resolve().parents[1]
        if toolchain not in (Path("/usr"), Path("/")):
            roots.insert(0, toolchain)
    found: dict[tuple[int, int], Path] = {}
    for root in roots:
        for file in _files_in_order(root):
            status = file.stat()
            identity = (status.st_dev, status.st_ino)
            if identity not in found and os.access(file, os.R_OK) and _is_elf(file):
                found[identity] = file
    return sorted(found.values(), key=lambda file: file.stat().st_size < MEBIBYTE)


def _is_elf(file: Path) -> bool:
    with open(file, "rb") as stream:
        return stream.read(4) == b"\x7fELF"


def _chunks(files: Iterator[Path]) -> Iterator[bytes]:
    """The files' bytes end to end in pieces of 1 MiB, from the start again when they run out."""
    pending = bytearray()
    for file in itertools.cycle(list(files)):
        pending += file.read_bytes()
        position = 0
        while len(pending) - position >= MEBIBYTE:
            yield bytes(pending[position : position + MEBIBYTE])
            position += MEBIBYTE
        del pending[:position]


def _measured_tree(tree: Path) -> tuple[int, int]:
    sizes = [file.stat().st_size for file in _files_in_order(tree)]
    return len(sizes), sum(sizes)

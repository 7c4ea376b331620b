#!/usr/bin/env python3
"""RUN: six of them on a Debian base beside buildah, and what a program that changes one file costs beyond itself.

Writes run.json and run.md. Every figure is of one run of this program: rounds, one contender after the other.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from measure import run_measured

FILES = 100_000
SIX = """FROM BASE
RUN useradd -m -u 1234 app && echo app > /etc/app
RUN mkdir -p /opt/app && for i in $(seq 200); do echo $i > /opt/app/$i; done
RUN rm -r /usr/share/doc && touch /var/log/built
RUN cp -a /usr/share/zoneinfo /opt/zones && chown -R app: /opt/zones
RUN sed -i 's/root/toor/' /etc/group && chmod 0750 /opt/app
RUN dd if=/dev/zero of=/opt/large bs=1M count=8 2>/dev/null && ln -s large /opt/link
"""
ONE = "FROM base\nRUN echo changed > /many/500/50; echo over\n"
# Cold, both begin with the base in a layout and nothing of it unpacked; buildah is told with the base unpacked, too.
BUILDAH = 'STORAGE_DRIVER=overlay exec buildah --root "$0/storage" --runroot "$0/run" "$@"'


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--varve", default=".build/release/varve")
    parser.add_argument("--work", default=".build/bench")
    parser.add_argument("--scratch", default="/dev/shm", help="where both tools work, 4 GiB at least; elsewhere where it is less")
    parser.add_argument("--results", default="benchmarks/results")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--tree", help="a Debian root file system; made by mmdebstrap where none is given")
    options = parser.parse_args()
    if os.geteuid() != 0:
        print("not root: buildah and a Debian root file system need it", file=sys.stderr)
        return 1
    work = Path(options.work).resolve()
    work.mkdir(parents=True, exist_ok=True)
    load = os.getloadavg()[0]
    # Not on ext4: before that gives an inode, it passes over all that were deleted within the last minutes, so that the
    # second round of whoever tidies up takes many times as long as the first.
    scratch = options.scratch if shutil.disk_usage(options.scratch).free > 4 << 30 else work
    with tempfile.TemporaryDirectory(prefix="running-", dir=scratch) as folder:
        os.environ["TMPDIR"] = folder
        bench = Running(str(Path(options.varve).resolve()), Path(folder), work, options.tree)
        rounds = [bench.round(number) for number in range(options.rounds)]
    rows = judged(rounds)
    results = Path(options.results)
    results.mkdir(parents=True, exist_ok=True)
    (results / "run.json").write_text(json.dumps({"load": load, "rounds": rounds, "goals": rows}, indent=1) + "\n")
    (results / "run.md").write_text(page(rows, rounds, load))
    print(page(rows, rounds, load))
    return 0


class Running:
    def __init__(self, varve: str, folder: Path, work: Path, tree: str | None):
        self.varve, self.folder = varve, folder
        self.debian = Path(tree) if tree else self._debian(work / "debian.minbase")
        self._pack(self.debian, "debian")
        self._pack(self._many(), "many")
        for name, text in (("six", SIX.replace("BASE", "base")), ("one", ONE)):
            (folder / name).mkdir()
            (folder / name / "Dockerfile").write_text(text)
        (folder / "peer").write_text(SIX.replace("BASE", "localhost/base"))
        (folder / "peer-cold").write_text(SIX.replace("BASE", f"oci:{folder}/bases:debian"))

    def _debian(self, tree: Path) -> Path:
        if not tree.exists():
            partial = tree.with_suffix(".partial")
            shutil.rmtree(partial, ignore_errors=True)
            checked(["mmdebstrap", "--variant=minbase", "--quiet", "bookworm", str(partial)])
            partial.rename(tree)
        return tree

    def _many(self) -> Path:
        """A shell and 100,000 files of some hundred bytes."""
        tree = self.folder / "tree"
        (tree / "bin").mkdir(parents=True)
        shutil.copy2("/bin/busybox", tree / "bin/busybox")
        (tree / "bin/sh").symlink_to("busybox")
        for directory in range(FILES // 100):
            place = tree / "many" / str(directory)
            place.mkdir(parents=True)
            for number in range(100):
                (place / str(number)).write_text(f"{directory} {number}\n" * 20)
        return tree

    def _pack(self, tree: Path, name: str) -> None:
        checked([self.varve, "pack", str(tree), "-q", "--no-provenance", "-o", f"oci:{self.folder}/bases:{name}"])

    def _build(self, context: str, base: str, out: str, *flags: str) -> list[str]:
        return [
            self.varve, "build", f"{self.folder}/{context}", "--build-context", f"base=oci:{self.folder}/bases:{base}",
            "-o", f"oci:{self.folder}/{out}/layout:bench", "--cache-dir", f"{self.folder}/{out}/cache",
            "--no-provenance", *flags,
        ]  # fmt: skip

    def _buildah(self, store: Path, *words: str) -> list[str]:
        return ["bash", "-c", BUILDAH, str(store), *words]

    def round(self, number: int) -> dict:
        out = f"out{number}"
        figures = {}
        six = self._build("six", "debian", out, "-q")
        for name in ("cold", "again"):
            run = run_measured(name, six, self.folder)
            figures[f"varve {name}"], figures[f"varve {name}, peak"] = run.wall, run.peak
        figures |= self._peer(self.folder / out)
        figures["find"] = self._find()
        for name, flags in (("overlay", ()), ("snapshot", ("--isolation", "chroot"))):
            figures[name], figures[f"{name}, peak"] = self._after(f"{out}-{name}", flags)
        for place in self.folder.glob(f"{out}*"):
            unmount(place)
            shutil.rmtree(place)
        return figures

    def _peer(self, out: Path) -> dict:
        figures = self._peer_builds(out / "storage-empty", self.folder / "peer-cold", ("nothing", "again"))
        store = out / "storage-pulled"
        pulled = checked(self._buildah(store, "pull", "--quiet", f"oci:{self.folder}/bases:debian")).strip()
        checked(self._buildah(store, "tag", pulled, "localhost/base"))
        return figures | self._peer_builds(store, self.folder / "peer", ("pulled",))

    def _peer_builds(self, store: Path, dockerfile: Path, names: tuple[str, ...]) -> dict:
        figures = {}
        build = [
            "bud", "--quiet", "--isolation", "chroot", "--layers", "-f", str(dockerfile), "-t", "localhost/app",
            str(self.folder / "six"),
        ]  # fmt: skip
        for name in names:
            figures[f"buildah {name}"] = run_measured(name, self._buildah(store, *build), self.folder).wall
            layout = f"{store}-{name}"
            push = self._buildah(store, "push", "--quiet", "localhost/app", f"oci:{layout}:bench")
            # What varve writes is on the disk when it ends.
            push[2] = push[2].replace("exec ", "") + f' && find "{layout}" -exec sync {{}} +'
            figures[f"buildah {name}, push"] = run_measured(name, push, self.folder).wall
        return figures

    def _find(self) -> float:
        words = ["find", str(self.folder / "tree"), "-printf", r"%p %y %m %s %T@ %C@ %i\n"]
        return run_measured("find", words, self.folder).wall

    def _after(self, out: str, flags: tuple[str, ...]) -> tuple[float, int]:
        """Seconds from the program's last word to the word that its layer is made, and the peak of varve."""
        (self.folder / out).mkdir()
        peak = self.folder / out / "peak"
        command = ["/usr/bin/time", "-f", "%M", "-o", str(peak), *self._build("one", "many", out, *flags)]
        ended = made = 0.0
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
            for line in process.stderr:
                if line.rstrip().endswith("| over"):
                    ended = time.monotonic()
                elif ended and not made and line.startswith("[stage-0 1/1] RUN"):
                    made = time.monotonic()
        if process.returncode != 0 or not made:
            raise SystemExit(f"{command}: exit status {process.returncode}")
        return made - ended, int(peak.read_text().split()[-1]) * 1024


def judged(rounds: list[dict]) -> list[dict]:
    def ratio(above, below):
        return [above(figures) / below(figures) for figures in rounds]

    claims = [
        ("six RUNs, cold: times as fast as buildah bud --layers and push", ">=", 3.0, "×", ratio(
            lambda f: f["buildah nothing"] + f["buildah nothing, push"], lambda f: f["varve cold"])),
        ("the same without buildah's push", ">=", 3.0, "×", ratio(
            lambda f: f["buildah nothing"], lambda f: f["varve cold"])),
        ("the same with push, the base unpacked in buildah's storage before", ">=", 3.0, "×", ratio(
            lambda f: f["buildah pulled"] + f["buildah pulled, push"], lambda f: f["varve cold"])),
        ("six RUNs, cached: times as fast as buildah with push", ">=", 8.0, "×", ratio(
            lambda f: f["buildah again"] + f["buildah again, push"], lambda f: f["varve again"])),
        ("the same without buildah's push", ">=", 8.0, "×", ratio(
            lambda f: f["buildah again"], lambda f: f["varve again"])),
        ("one of 100,000 files, overlayfs: the layer, beyond the program", "<=", 50.0, " ms", ratio(
            lambda f: 1000 * f["overlay"], lambda f: 1)),
        ("the same without overlayfs, share of find -printf", "<=", 1.5, "×", ratio(
            lambda f: f["snapshot"], lambda f: f["find"])),
        ("peak memory of varve, worst run", "<=", 128.0, " MiB", [max(
            value / 2**20 for figures in rounds for name, value in figures.items() if name.endswith(", peak"))]),
    ]  # fmt: skip
    rows = []
    for claim, comparison, bound, unit, values in claims:
        figure = median(values)
        is_met = figure >= bound if comparison == ">=" else figure <= bound
        rows.append({
            "claim": claim, "comparison": comparison, "bound": bound, "unit": unit, "median": figure,
            "minimum": min(values), "maximum": max(values), "met": is_met,
        })  # fmt: skip
    return rows


def page(rows: list[dict], rounds: list[dict], load: float) -> str:
    lines = [
        "# RUN", "",
        f"{time.strftime('%Y-%m-%d %H:%M UTC', time.gmtime())}, {len(rounds)} rounds, load average at the start {load:.2f}. "
        "Cold, both tools find the base in an OCI layout and have nothing of it unpacked; varve writes an OCI layout, which "
        "buildah's `push` does, so it is told with and without. All of it happens on a tmpfs. Figures are medians of ratios taken round by round, with the smallest and the largest.", "",
        "| claim | bound | measured | |", "| --- | --: | --: | --: |",
    ]  # fmt: skip
    for row in rows:
        sign = {"<=": "≤", ">=": "≥"}[row["comparison"]]
        figures = f"{row['median']:.2f} ({row['minimum']:.2f}–{row['maximum']:.2f}){row['unit']}"
        lines.append(
            f"| {row['claim']} | {sign} {row['bound']:g}{row['unit']} | {figures} | {'met' if row['met'] else 'not met'} |"
        )
    lines += ["", "Seconds:", "", "| what | median | least | most |", "| --- | --: | --: | --: |"]
    for name in rounds[0]:
        if not name.endswith(", peak"):
            values = [figures[name] for figures in rounds]
            lines.append(f"| {name} | {median(values):.3f} | {min(values):.3f} | {max(values):.3f} |")
    return "\n".join(lines) + "\n"


def checked(words: list[str]) -> str:
    result = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise SystemExit(f"{words[0]}: exit status {result.returncode}\n{result.stderr[-2000:]}")
    return result.stdout


def unmount(folder: Path) -> None:
    """buildah leaves its storage mounted onto itself."""
    for line in Path("/proc/self/mounts").read_text().splitlines():
        place = line.split()[1]
        if place.startswith(f"{folder}/"):
            checked(["umount", "--lazy", place])


if __name__ == "__main__":
    sys.exit(main())

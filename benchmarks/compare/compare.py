#!/usr/bin/env python3
"""Compares varve with the tools Debian has for the same work; see ../README.md."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import machine
import peers
import registry
import report
from goals import judged, ratios, spread
from inputs import Inputs, subprocess_checked
from measure import CommandFailed, run_measured, warm
from peers import Contender, Contest

BUSY = 0.5


def main() -> int:
    options = _options()
    repository = Path(__file__).resolve().parents[2]
    varve = str(Path(shutil.which(options.varve) or options.varve).resolve())
    if not os.access(varve, os.X_OK):
        print(f"{varve}: no such program; build it first or name it with --varve", file=sys.stderr)
        return 1
    try:
        chosen = _chosen(options, varve)
        _require_tools(chosen, options.quick)
        work = Path(options.work).resolve()
        work.mkdir(parents=True, exist_ok=True)
        is_partial = options.quick or options.only
        default = work / "results" if is_partial else repository / "benchmarks/results"
        results = _compare(options, varve, chosen, work)
        folder = Path(options.results).resolve() if options.results else default
        report.write(results, folder)
    except CommandFailed as failure:
        print(f"failed: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    print(report.goal_lines(results["goals"]))
    if options.quick:
        print("quick run: the goals are for the full inputs; these figures only show that it works")
    print(f"written: {folder}/latest.json, latest.md, latest.svg")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--varve", default=".build/release/varve", help="the program to measure")
    parser.add_argument("--work", default=".build/bench", help="where inputs are kept and outputs are made")
    parser.add_argument("--results", help="benchmarks/results, or WORK/results with --quick or --only")
    parser.add_argument("--rounds", type=int, default=5, help="runs of each command (5; 1 with --quick)")
    parser.add_argument("--quick", action="store_true", help="one round, inputs of some 60 MB: a smoke test")
    parser.add_argument(
        "--only",
        metavar="NAME",
        action="append",
        help="one input (debian) or one comparison (debian/fastest); may be given several times",
    )
    options = parser.parse_args()
    if options.rounds < 1:
        parser.error("--rounds must be at least 1")
    if options.quick:
        options.rounds = 1
    return options


def _chosen(options: argparse.Namespace, varve: str) -> list[Contest]:
    every = peers.contests(varve, peers.usable_processors())
    only = options.only
    known = {contest.input for contest in every} | {contest.name for contest in every}
    for name in only or []:
        if name not in known:
            raise CommandFailed(f"--only {name}: none of {', '.join(contest.name for contest in every)}")
    chosen = [
        contest for contest in every if not only or contest.input in only or contest.name in only
    ]
    if os.geteuid() == 0:
        return chosen
    # As a plain user buildah wants a user namespace and subordinate ids, which not every machine gives.
    print("not root: buildah is left out")
    return [
        Contest(
            contest.input,
            contest.theme,
            tuple(contender for contender in contest.contenders if "buildah" not in contender.tools),
            contest.in_memory,
        )
        for contest in chosen
    ]


def _tools(contests: list[Contest]) -> set[str]:
    return {tool for contest in contests for contender in contest.contenders for tool in contender.tools}


def _require_tools(contests: list[Contest], quick: bool) -> None:
    needed = _tools(contests) | {"find", "mount", "pigz", "sync", "tee", "time", "umount"}
    if not quick and not shutil.which("debootstrap") and any(c.input == "debian" for c in contests):
        needed.add("mmdebstrap")
    missing = machine.missing_packages(needed)
    if missing:
        raise CommandFailed("\n".join(missing))


def _compare(options: argparse.Namespace, varve: str, chosen: list[Contest], work: Path) -> dict:
    inputs = Inputs(work, options.quick, varve)
    for contest in chosen:
        for contender in contest.contenders:
            for source in contender.sources:
                inputs.path(source)
    results = {
        "date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "quick": options.quick,
        "only": options.only,
        "rounds": options.rounds,
        "load": round(machine.load_average(), 2),
        "machine": machine.machine_facts(work),
        "versions": machine.tool_versions(varve, _tools(chosen)),
        "inputs": {contest.input: inputs.description(contest.input) for contest in chosen},
    }
    if results["load"] > BUSY:
        print(f"warning: load average {results['load']}: other work on this machine spoils the figures")
    with tempfile.TemporaryDirectory(prefix="run-", dir=work) as scratch, _memory(Path(scratch)) as memory:
        place = Path(scratch)
        results["contests"] = [
            _held(contest, inputs, place, memory, options.rounds) for contest in chosen
        ]
        results["references"] = {
            contest.input: _reference_size(varve, inputs.path(contest.input), place)
            for contest in chosen
            if contest.theme == "gzip"
        }
    results["goals"] = judged(results["contests"], results["references"])
    return results


def _held(contest: Contest, inputs: Inputs, scratch: Path, memory: Path, rounds: int) -> dict:
    """All rounds of a contest; within a round the contenders take turns, so that drift hits them alike."""
    runs: dict[str, list[dict]] = {contender.name: [] for contender in contest.contenders}
    sources = {source for contender in contest.contenders for source in contender.sources}
    warm([inputs.path(source) for source in sorted(sources)])
    if contest.registry:
        with registry.running(memory) as place:
            _take_turns(contest, inputs, scratch, memory, rounds, runs, place)
    else:
        _take_turns(contest, inputs, scratch, memory, rounds, runs, None)
    return _outcome(contest, runs)


def _take_turns(
    contest: Contest,
    inputs: Inputs,
    scratch: Path,
    memory: Path,
    rounds: int,
    runs: dict[str, list[dict]],
    place: registry.LocalRegistry | None,
) -> None:
    for turn in range(rounds):
        for contender in contest.contenders:
            if place:
                place.empty()
                if contest.registry == "holding":
                    place.hold(f"{inputs.path(contender.sources[0])}/layout")
            in_memory = contest.all_in_memory or (contest.in_memory and contender is contest.varve)
            base = memory if in_memory else scratch
            run = _run(contest, contender, inputs, base, scratch, is_first=turn == 0)
            runs[contender.name].append(run)
            print(
                f"{contest.name}  round {turn + 1}  {contender.name}: {run['wall']:.2f} s wall,"
                f" {run['cpu']:.2f} s CPU, {run['peak'] / (1 << 20):.0f} MiB",
                flush=True,
            )


def _outcome(contest: Contest, runs: dict[str, list[dict]]) -> dict:
    varve = runs[contest.varve.name]
    return {
        "name": contest.name,
        "input": contest.input,
        "theme": contest.theme,
        "contenders": [
            _summary(contender, runs[contender.name], varve) for contender in contest.contenders
        ],
    }


def _run(
    contest: Contest, contender: Contender, inputs: Inputs, base: Path, scratch: Path, is_first: bool
) -> dict:
    sources = [inputs.path(source) for source in contender.sources]
    out = Path(tempfile.mkdtemp(prefix="out-", dir=base))
    try:
        paths = [str(source) for source in sources]
        if contender.before:
            subprocess_checked(f"{contest.name}, before {contender.name}", contender.before(paths, str(out)))
        argv = contender.arguments(paths, str(out))
        run = run_measured(f"{contest.name}, {contender.name}", argv, scratch)
        if is_first:
            contender.check(out, run.stdout, sources)
        return {
            "wall": run.wall,
            "user": run.user,
            "system": run.system,
            "cpu": run.cpu,
            "peak": run.peak,
            "layer": contender.layer_size(out),
        }
    finally:
        _unmount_below(out)
        shutil.rmtree(out)


def _unmount_below(folder: Path) -> None:
    """buildah leaves its storage mounted onto itself."""
    for line in Path("/proc/self/mounts").read_text().splitlines():
        place = line.split()[1]
        if place.startswith(f"{folder}/"):
            subprocess_checked("umount", ["umount", "--lazy", place])


def _summary(contender: Contender, runs: list[dict], varve: list[dict]) -> dict:
    measures = ("wall", "cpu", "peak", "layer")
    shown = [source.upper().replace(".", "_") for source in contender.sources]
    command = contender.arguments(shown, "OUT")
    if contender.name.startswith("varve"):
        command[0] = "varve"
    figures, relative = {}, {}
    for measure in measures:
        values = [run[measure] for run in runs]
        figures[measure] = None if None in values else spread(values)
        quotients = ratios(runs, varve, measure)
        relative[measure] = None if quotients is None else spread(quotients)
    return {
        "name": contender.name,
        "command": command,
        "before": _shown_before(contender, shown),
        "figures": figures,
        "relative": relative,
        "runs": runs,
    }


def _shown_before(contender: Contender, shown: list[str]) -> list[str]:
    command = contender.before(shown, "OUT") if contender.before else []
    return ["varve", *command[1:]] if contender.name.startswith("varve") and command else command


def _reference_size(varve: str, tree: Path, scratch: Path) -> int:
    """Bytes that `pigz -6` makes of the tar varve packs from `tree`: the same input for both compressors."""
    out = Path(tempfile.mkdtemp(prefix="out-", dir=scratch))
    try:
        plain = peers.pack(varve, "tree", "--compression", "none")
        subprocess_checked(plain.name, plain.arguments([str(tree)], str(out)))
        tar = peers.largest_blob(out / "layout")
        counter = subprocess.Popen(["pigz", "-6", "-c", str(tar)], stdout=subprocess.PIPE)
        size = 0
        while piece := counter.stdout.read(1 << 20):
            size += len(piece)
        if counter.wait() != 0:
            raise CommandFailed(f"pigz -6: exit status {counter.returncode}")
        return size
    finally:
        shutil.rmtree(out)


@contextmanager
def _memory(scratch: Path) -> Iterator[Path]:
    """A folder on a tmpfs: one of our own where we may mount it, else in /dev/shm."""
    if os.geteuid() != 0:
        with tempfile.TemporaryDirectory(prefix="varve-bench-", dir="/dev/shm") as folder:
            yield Path(folder)
        return
    folder = scratch / "memory"
    folder.mkdir()
    subprocess_checked("tmpfs", ["mount", "-t", "tmpfs", "tmpfs", str(folder)])
    try:
        yield folder
    finally:
        subprocess_checked("tmpfs", ["umount", "--lazy", str(folder)])


if __name__ == "__main__":
    sys.exit(main())

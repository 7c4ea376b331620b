"""One command, measured: wall clock, processor time of every process it started, peak memory."""

from __future__ import annotations

import ctypes
import json
import os
import resource
import time
from dataclasses import dataclass
from pathlib import Path

GNU_TIME = "/usr/bin/time"
PR_SET_CHILD_SUBREAPER = 36


class CommandFailed(Exception):
    """A measured or preparing command that did not exit with 0."""


@dataclass(frozen=True)
class Run:
    """What one run cost: seconds, and bytes of the largest resident set of any single process."""

    wall: float
    user: float
    system: float
    peak: int
    stdout: str

    @property
    def cpu(self) -> float:
        return self.user + self.system


def run_measured(name: str, argv: list[str], scratch: Path) -> Run:
    """Run `argv` once and return its cost; `scratch` takes its output streams.

    Raises CommandFailed, with the end of the error stream, unless every process of it exits with 0.
    """
    # Whoever ran before must not leave its dirty pages for this one to write.
    os.sync()
    report_end, meter_end = os.pipe()
    meter = os.fork()
    if meter == 0:
        os.close(report_end)
        status = 1
        try:
            report = json.dumps(_meter(argv, scratch)).encode()
            os.write(meter_end, report)
            status = 0
        finally:
            os._exit(status)
    os.close(meter_end)
    with open(report_end, "rb") as pipe:
        report = pipe.read()
    os.waitpid(meter, 0)
    if not report:
        raise CommandFailed(f"{name}: could not be started or measured: {argv}")
    return _judged(name, json.loads(report), scratch)


def _meter(argv: list[str], scratch: Path) -> dict:
    """The measuring process: starts the command and reaps all that comes of it.

    A process of its own has no earlier children, so RUSAGE_CHILDREN is the cost of this command alone.
    As a subreaper it also gets the processes whose parent did not wait (`tee >(openssl …)` leaves one),
    whose processor time would otherwise be lost to init and make a pipeline look cheaper than it is.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER)")
    # A program keeps the resident set of the process that called exec as its first peak. GNU time is
    # a parent of about a megabyte: its figure for the child is the child's own, Python's would not be.
    command = [GNU_TIME, "--quiet", "-f", "%M", "-o", str(scratch / "peak"), "--", *argv]
    create = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, str(scratch / "stdout"), create, 0o644),
        (os.POSIX_SPAWN_OPEN, 2, str(scratch / "stderr"), create, 0o644),
    ]
    start = time.monotonic_ns()
    leader = os.posix_spawn(GNU_TIME, command, dict(os.environ), file_actions=actions)
    statuses, orphan_peak = {}, 0
    while True:
        try:
            pid, status, usage = os.wait4(-1, 0)
        except ChildProcessError:
            break
        statuses[pid] = os.waitstatus_to_exitcode(status)
        if pid != leader:
            orphan_peak = max(orphan_peak, usage.ru_maxrss)
    end = time.monotonic_ns()
    total = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "wall": (end - start) / 1e9,
        "user": total.ru_utime,
        "system": total.ru_stime,
        "orphan_peak": orphan_peak,
        "leader_status": statuses.pop(leader),
        "orphan_statuses": list(statuses.values()),
    }


def _judged(name: str, report: dict, scratch: Path) -> Run:
    failed = [status for status in [report["leader_status"], *report["orphan_statuses"]] if status != 0]
    if failed:
        last_words = (scratch / "stderr").read_text(errors="replace")[-2000:].strip()
        raise CommandFailed(f"{name}: exit status {failed[0]}\n{last_words}")
    peak = int((scratch / "peak").read_text().split()[-1])
    return Run(
        wall=report["wall"],
        user=report["user"],
        system=report["system"],
        peak=max(peak, report["orphan_peak"]) * 1024,
        stdout=(scratch / "stdout").read_text(errors="replace"),
    )


def warm(paths: list[Path]) -> None:
    """Read every regular file of `paths` once, so that no run pays for the disk."""
    buffer = bytearray(1 << 20)
    for path in paths:
        for file in _regular_files(path):
            with open(file, "rb", buffering=0) as stream:
                while stream.readinto(buffer):
                    pass


def _regular_files(path: Path):
    if not path.is_dir():
        yield path
        return
    for folder, _, names in os.walk(path):
        for name in names:
            file = os.path.join(folder, name)
            if os.path.isfile(file) and not os.path.islink(file):
                yield file

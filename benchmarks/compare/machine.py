"""The machine, the versions of the tools, and which Debian package has a missing one."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from peers import usable_processors

PACKAGES = {
    "bash": "bash",
    "buildah": "buildah",
    "find": "findutils",
    "gzip": "gzip",
    "igzip": "isal",
    "mmdebstrap": "mmdebstrap",
    "mount": "mount",
    "openssl": "openssl",
    "pigz": "pigz",
    "sync": "coreutils",
    "tar": "tar",
    "tee": "coreutils",
    "time": "time",
    "umoci": "umoci",
    "umount": "mount",
    "zstd": "zstd",
}

VERSION_COMMANDS = {
    "buildah": ["buildah", "--version"],
    "gzip": ["gzip", "--version"],
    "igzip": ["igzip", "--version"],
    "openssl": ["openssl", "version"],
    "pigz": ["pigz", "--version"],
    "tar": ["tar", "--version"],
    "umoci": ["umoci", "--version"],
    "zstd": ["zstd", "--version"],
}


def missing_packages(tools: set[str]) -> list[str]:
    """One line for each of `tools` that is not on PATH, naming its Debian package."""
    lines = []
    for tool in sorted(tools):
        # GNU time is looked for by its path: as a bare word it is a keyword of the shell.
        present = os.access("/usr/bin/time", os.X_OK) if tool == "time" else shutil.which(tool)
        if not present:
            lines.append(f"{tool}: not found; it is in the Debian package {PACKAGES[tool]}")
    return lines


def tool_versions(varve: str, tools: set[str]) -> dict[str, str]:
    """The first line each tool says about its version. Asking also brings it into the page cache."""
    versions = {"varve": _first_line([varve, "--version"])}
    for tool in sorted(tools & VERSION_COMMANDS.keys()):
        versions[tool] = _first_line(VERSION_COMMANDS[tool])
    return versions


def machine_facts(work: Path) -> dict[str, str | int]:
    """Processor, processors in use, memory (MiB), kernel, distribution and the work folder's file system."""
    system = _fields(Path("/etc/os-release"), "=")
    memory = _fields(Path("/proc/meminfo"), ":").get("MemTotal", "0 kB").split()[0]
    return {
        "processor": _fields(Path("/proc/cpuinfo"), ":").get("model name", os.uname().machine),
        "processors": usable_processors(),
        "memory": int(memory) // 1024,
        "kernel": f"{os.uname().sysname} {os.uname().release}",
        "distribution": system.get("PRETTY_NAME", "unknown").strip('"'),
        "file_system": _first_line(["findmnt", "-n", "-o", "FSTYPE", "-T", str(work)]),
    }


def load_average() -> float:
    """Processes that ran or waited over the last minute: other work on the machine spoils figures."""
    return os.getloadavg()[0]


def _first_line(command: list[str]) -> str:
    try:
        result = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    except OSError:
        return "unknown"
    lines = (result.stdout or result.stderr).strip().splitlines()
    return lines[0].strip("* ") if lines and result.returncode == 0 else "unknown"


def _fields(file: Path, separator: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    for line in file.read_text(errors="replace").splitlines():
        key, _, value = line.partition(separator)
        fields.setdefault(key.strip(), value.strip())
    return fields

#!/usr/bin/env python3
"""Writes the SLSA provenance predicate of a release: what it was built of, and by what.

usage: varve --version | predicate.py ARCHITECTURE STARTED

Source and commit are the git checkout's. One with changes that are not committed is no commit's: none is named then.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

# Whoever runs this by hand vouches for nothing.
UNATTESTED = "https://varve.dev/builders/unattested/v1"


def main() -> int:
    if len(sys.argv) != 3:
        print("usage: predicate.py ARCHITECTURE STARTED <VERSIONS", file=sys.stderr)
        return 2
    architecture, started = sys.argv[1:]
    versions = dict(line.rstrip("\n").split(" ", 1) for line in sys.stdin)
    code = code_metadata()
    external = {"target": "dist", "version": versions["varve"], "platform": f"linux/{architecture}"}
    predicate = {
        "buildDefinition": {
            "buildType": "https://varve.dev/build-types/release/v1",
            "externalParameters": {"codeMetadata": code, **external} if code else external,
            "internalParameters": {},
            "resolvedDependencies": source(code) + packages(),
        },
        "runDetails": {
            "builder": {"id": os.environ.get("VARVE_BUILDER_ID") or UNATTESTED, "version": versions},
            "metadata": {"startedOn": started, "finishedOn": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())},
        },
    }
    print(json.dumps(predicate, indent=2))
    return 0


def code_metadata() -> dict[str, str]:
    """The checkout in the names that Harness' policies read; empty outside of one."""
    found = {}
    if url := repository_url(git("remote", "get-url", "origin")):
        found["repositoryURL"] = url
    if branch := git("symbolic-ref", "--short", "-q", "HEAD"):
        found["branch"] = branch
    if tag := git("describe", "--exact-match", "--tags"):
        found["tag"] = tag
    commit = git("rev-parse", "HEAD")
    if commit and git("status", "--porcelain"):
        print("predicate.py: files are changed that are not committed: no commit is named", file=sys.stderr)
    elif commit:
        found["commitSha"] = commit
    return found


def repository_url(remote: str) -> str:
    """The remote without a login and a final `.git`; nothing for a place of this machine."""
    if short := re.fullmatch(r"(?:[^@/]+@)?([^:/]+):(?!//)(.+)", remote):
        remote = f"ssh://{short[1]}/{short[2]}"
    if not (parts := re.fullmatch(r"(https|ssh)://(?:[^/]*@)?([^/]+/.+)", remote)):
        return ""
    return f"{parts[1]}://{parts[2].removesuffix('.git')}"


def source(code: dict[str, str]) -> list[dict]:
    if "commitSha" not in code:
        return []
    uri = {"uri": f"git+{code['repositoryURL']}"} if "repositoryURL" in code else {"name": "source"}
    return [{**uri, "digest": {"gitCommit": code["commitSha"]}}]


def packages() -> list[dict]:
    """The Swift packages as the build resolved them."""
    path = Path("Package.resolved")
    pins = json.loads(path.read_text(encoding="utf-8"))["pins"] if path.exists() else []
    return [
        {
            "uri": f"git+{repository_url(pin['location'])}@refs/tags/{pin['state']['version']}",
            "digest": {"gitCommit": pin["state"]["revision"]},
        }
        for pin in pins
    ]


def git(*arguments: str) -> str:
    """What git says, or nothing where it fails."""
    outcome = subprocess.run(["git", *arguments], capture_output=True, text=True, check=False)
    return outcome.stdout.strip() if outcome.returncode == 0 else ""


if __name__ == "__main__":
    sys.exit(main())

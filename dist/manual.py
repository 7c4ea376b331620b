#!/usr/bin/env python3
"""Writes varve's manual pages, one for each command, from what the program says of itself.

usage: varve --experimental-dump-help | manual.py VERSION DIRECTORY

The argument parser's own generator is a package plugin, and would build a second program. The pages' date is
SOURCE_DATE_EPOCH, so that the same program gives the same pages.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

EXIT_CODES = [
    ("0", "done"),
    ("1", "failed; one line says what, where, why, and what to do. Of varve diff: the images differ"),
    ("2", "a flag or argument is wrong"),
    ("3", "verification: bytes are not what their digest says, or no attestation says what is expected"),
]


def main() -> int:
    if len(sys.argv) != 3:
        print("usage: manual.py VERSION DIRECTORY <DUMP", file=sys.stderr)
        return 2
    version, directory = sys.argv[1], Path(sys.argv[2])
    tool = json.load(sys.stdin)
    if tool["serializationVersion"] != 0:
        print(f"manual.py reads version 0 of the dump, not {tool['serializationVersion']}", file=sys.stderr)
        return 1
    directory.mkdir(parents=True, exist_ok=True)
    for command in shown_commands(tool["command"]):
        path = directory / f"{page_name(command)}.1"
        path.write_text(page(command, version), encoding="utf-8")
    return 0


def shown_commands(command: dict) -> list[dict]:
    """The command and those below it, but for `help`, whose pages these are."""
    found = [command]
    for child in children(command):
        found += shown_commands(child)
    return found


def children(command: dict) -> list[dict]:
    shown = [child for child in command.get("subcommands", []) if child.get("shouldDisplay", True)]
    return [child for child in shown if child["commandName"] != "help"]


def words(command: dict) -> list[str]:
    return [*command.get("superCommands", []), command["commandName"]]


def page_name(command: dict) -> str:
    return "-".join(words(command))


def page(command: dict, version: str) -> str:
    arguments = [one for one in command.get("arguments", []) if one.get("shouldDisplay", True)]
    lines = [
        f'.TH "{page_name(command).upper()}" "1" "{date()}" "varve {version}" "varve"',
        ".nh",
        ".ad l",
        ".SH NAME",
        f"{escaped(page_name(command))} \\- {escaped(command.get('abstract', ''))}",
        ".SH SYNOPSIS",
        f".B {escaped(' '.join(words(command)))}",
        *synopsis(command, arguments),
    ]
    if "discussion" in command:
        lines += [".SH DESCRIPTION", *text(command["discussion"])]
    lines += options(arguments)
    if children(command):
        lines.append(".SH COMMANDS")
        for child in children(command):
            lines += [".TP", f".BR {escaped(page_name(child))} (1)", *text(child.get("abstract", ""))]
    lines.append(".SH EXIT STATUS")
    for code, meaning in EXIT_CODES:
        lines += [".TP", f".B {code}", *text(meaning)]
    lines += see_also(command)
    return "\n".join(lines) + "\n"


def date() -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH", time.time()))))


def synopsis(command: dict, arguments: list[dict]) -> list[str]:
    lines = []
    if any(one["kind"] != "positional" for one in arguments):
        lines.append(r"[\fIoptions\fR]")
    for one in arguments:
        if one["kind"] == "positional":
            name = rf"\fI{escaped(one['valueName'])}\fR" + (" ..." if one["isRepeating"] else "")
            lines.append(f"[{name}]" if one["isOptional"] else name)
    if children(command):
        lines.append(r"\fIcommand\fR ...")
    return lines


def options(arguments: list[dict]) -> list[str]:
    """A section for each title, in the order of the program's own help."""
    titles: list[str] = []
    for one in arguments:
        title = section(one)
        if title not in titles:
            titles.append(title)
    lines = []
    # What has no title of its own comes last in the dump and is what everybody looks for.
    for title in sorted(titles, key=lambda title: title not in ("ARGUMENTS", "OPTIONS")):
        lines.append(f".SH {title}")
        for one in arguments:
            if section(one) == title:
                lines += [".TP", *argument(one)]
    return lines


def section(one: dict) -> str:
    if "sectionTitle" in one:
        return escaped(one["sectionTitle"].upper())
    return "ARGUMENTS" if one["kind"] == "positional" else "OPTIONS"


def argument(one: dict) -> list[str]:
    value = rf" \fI{escaped(one.get('valueName', ''))}\fR"
    if one["kind"] == "positional":
        head = value.strip()
    else:
        names = [rf"\fB{dashes(name)}{escaped(name['name'])}\fR" for name in one["names"]]
        head = ", ".join(names) + (value if one["kind"] == "option" else "")
    notes = []
    if one["isRepeating"]:
        notes.append("Can be given several times.")
    if "allValues" in one:
        notes.append("One of: " + ", ".join(one["allValues"]) + ".")
    if "defaultValue" in one:
        notes.append(f"{one['defaultValue']} by default.")
    return [head, *text(" ".join([one.get("abstract", ""), *notes]).strip())]


def dashes(name: dict) -> str:
    return r"\-\-" if name["kind"] == "long" else r"\-"


def see_also(command: dict) -> list[str]:
    above = ["-".join(words(command)[:-1])] if command.get("superCommands") else []
    pages = [*above, *(page_name(child) for child in children(command))]
    if not pages:
        return []
    return [".SH SEE ALSO", ",\n".join(f".BR {escaped(name)} (1)" for name in pages).replace(",\n.BR", " ,\n.BR")]


def text(paragraphs: str) -> list[str]:
    """A text's lines; a line that begins like a request is none."""
    lines = []
    for line in escaped(paragraphs).split("\n"):
        lines.append(rf"\&{line}" if line.startswith((".", "'")) else line or ".PP")
    return lines


def escaped(plain: str) -> str:
    return plain.replace("\\", r"\e").replace("-", r"\-")


if __name__ == "__main__":
    sys.exit(main())

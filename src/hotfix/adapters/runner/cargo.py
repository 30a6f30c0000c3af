"""Rust's tests, read from libtest's event stream: integration tests one target per process, the rest in one."""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec

from hotfix.adapters.runner import preset
from hotfix.adapters.runner.preset import Command, Preset, Reading
from hotfix.adapters.runner.sandbox import Ended, Room
from hotfix.policy import rules
from hotfix.ports import TestCase

_OUTCOMES = {"ok": "passed", "failed": "failed", "timeout": "failed", "ignored": "skipped"}


class Cargo(Preset):
    """``cargo test``. Only the test programs themselves are told that their JSON is unstable, never the compiler."""

    see = (
        *("~/.cargo/registry", "~/.cargo/git", "~/.rustup"),
        *("$CARGO_HOME/registry", "$CARGO_HOME/git", "$RUSTUP_HOME"),
    )

    def __init__(self, rule: rules.Test) -> None:
        super().__init__(rule)
        self.version = (rule.run[0], "--version")

    def env(self, room: Room) -> Mapping[str, str]:
        """What is compiled is kept for the runs of one tree."""
        wrapper = room.cache / "json-tests"
        wrapper.write_text('#!/bin/sh\nRUSTC_BOOTSTRAP=1 exec "$@"\n')
        wrapper.chmod(0o755)
        return {
            "CARGO_HOME": os.environ.get("CARGO_HOME") or str(Path.home() / ".cargo"),
            "RUSTUP_HOME": os.environ.get("RUSTUP_HOME") or str(Path.home() / ".rustup"),
            "CARGO_NET_OFFLINE": "true",
            "CARGO_TARGET_DIR": room.inside(room.cache / "target"),
            # For whatever machine the compiler builds.
            **{f"CARGO_TARGET_{triple}_RUNNER": room.inside(wrapper) for triple in _TRIPLES},
        }

    def chosen(self, paths: Sequence[str]) -> tuple[str, ...]:
        """Each file right below ``tests`` is a program; deeper ones are modules of theirs."""
        return tuple(
            path for path in paths if path.endswith(".rs") and PurePosixPath(path).parent.name == "tests"
        )

    def commands(self, room: Room, files: Sequence[str], only: Sequence[str]) -> Sequence[Command]:
        """See the base."""
        told = ("--no-fail-fast",)
        stream = ("--", "-Zunstable-options", "--format=json", "--report-time")[:3]
        if not files:
            return [Command((*self._rule.run, *told, *stream), (), report=preset.OUTPUT)]
        found = []
        for file in files:
            crate = str(PurePosixPath(file).parent.parent)
            manifest = ("--manifest-path", f"{crate}/Cargo.toml") if crate != "." else ()
            target = ("--test", PurePosixPath(file).stem)
            found.append(
                Command((*self._rule.run, *manifest, *told, *target, *stream), (file,), preset.OUTPUT)
            )
        return found

    def read(self, room: Room, command: Command, ended: Ended, raw: bytes) -> Reading:
        """See the base. What cannot be compiled has no event: its file could not be loaded."""
        file = command.files[0] if command.files else ""
        cases = preset.worst(list(_cases(raw, file, room)))
        return preset.judged("cargo test", command, ended, cases)


_TRIPLES = tuple(
    f"{machine}_{system}"
    for machine in ("X86_64", "AARCH64", "RISCV64GC")
    for system in ("UNKNOWN_LINUX_GNU", "UNKNOWN_LINUX_MUSL", "APPLE_DARWIN")
)


def _cases(raw: bytes, file: str, room: Room) -> Iterator[TestCase]:
    """Of the whole suite, a test is told with the program that it lies in."""
    program = file
    for line in raw.splitlines():
        if not file and line.lstrip().startswith(b"Running "):
            program = line.split()[1].decode("utf-8", "replace") if b"unittests" not in line else "src"
        if not line.startswith(b"{"):
            continue
        event = _event(line)
        if event.get("type") == "test" and event.get("event") in _OUTCOMES:
            said = preset.hide(str(event.get("stdout", "")), room.hidden)
            lines = [each for each in said.splitlines() if each.strip() and not each.startswith("note:")]
            message = " ".join(lines[:2])[: preset.MESSAGE_LIMIT] if event["event"] != "ok" else ""
            yield TestCase(f"{program}::{event['name']}", _OUTCOMES[str(event["event"])], message)


def _event(line: bytes) -> dict[str, Any]:
    try:
        decoded = msgspec.json.decode(line, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError):
        # A program may print whatever looks like one.
        return {}
    return decoded

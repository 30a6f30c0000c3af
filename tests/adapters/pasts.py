"""Repositories with a past: commits and tags on the days that a test names, written by git's own importer."""

import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

BEGIN = 1_672_531_200
"""2023-01-01 at midnight, UTC."""
DAY = 86400


class Step(NamedTuple):
    """A commit, and the tags that it gets on the same day."""

    day: float
    message: str
    files: dict[str, str]
    tags: tuple[str, ...] = ()
    """A name with ``: text`` after it becomes a tag object with that message."""
    branch: str = "main"
    start: str = ""
    """The tag that a new branch starts at."""


def write(folder: Path, steps: Iterable[Step]) -> Path:
    """A bare repository with that past."""
    subprocess.run(["git", "init", "-q", "--bare", str(folder)], check=True)
    add(folder, steps)
    subprocess.run(["git", "symbolic-ref", "HEAD", "refs/heads/main"], cwd=folder, check=True)
    return folder


def add(folder: Path, steps: Iterable[Step]) -> None:
    """The steps, on branches that are new there."""
    begun: set[str] = set()
    parts = []
    for step in steps:
        parts.append(_commit(step, first=step.branch not in begun))
        parts += [_tag(step, tag) for tag in step.tags]
        begun.add(step.branch)
    subprocess.run(["git", "fast-import", "--quiet"], input="".join(parts).encode(), cwd=folder, check=True)


def _commit(step: Step, *, first: bool) -> str:
    begin = f"from refs/tags/{step.start}\n" if first and step.start else ""
    files = "".join(f"M 644 inline {path}\n{_data(text)}" for path, text in step.files.items())
    return (
        f"commit refs/heads/{step.branch}\ncommitter {_who(step.day)}\n{_data(step.message)}{begin}{files}\n"
    )


def _tag(step: Step, tag: str) -> str:
    name, _, said = tag.partition(": ")
    if not said:
        return f"reset refs/tags/{name}\nfrom refs/heads/{step.branch}\n\n"
    return f"tag {name}\nfrom refs/heads/{step.branch}\ntagger {_who(step.day)}\n{_data(said)}"


def _who(day: float) -> str:
    return f"Ada <ada@example.com> {BEGIN + round(day * DAY)} +0000"


def _data(text: str) -> str:
    return f"data {len(text.encode())}\n{text}\n"


def monthly(releases: int, commits: int = 10) -> list[Step]:
    """A release a month on one line, each with so many commits: v1.0.1, v1.0.2, …"""
    steps = []
    for release in range(releases):
        for number in range(commits):
            steps.append(
                Step(
                    30 * release + 2 * number,
                    f"Add thing {release}.{number}",
                    {f"src/shop/thing{number}.py": f"{release}.{number}\n"},
                )
            )
        steps.append(
            Step(
                30 * release + 29,
                f"Release 1.0.{release}",
                {"VERSION": f"1.0.{release}\n"},
                (f"v1.0.{release}",),
            )
        )
    return steps

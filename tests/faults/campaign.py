"""Many trials: how many, with which seeds, and what to do with one that shows a fault."""

import os
import statistics
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from faults import trials
from faults.scene import Scene
from faults.trials import Report, Trial

KINDS: dict[str, Callable[[Trial], Report]] = {
    "kills": trials.killed,
    "preemptions": trials.preempted,
    "stops": trials.stopped,
    "races": trials.raced,
}
SIZES = {"ci": {"kills": 32, "preemptions": 4, "stops": 4, "races": 4}}
SIZES["few"] = {"kills": 4, "preemptions": 2, "stops": 2, "races": 2}
SIZES["full"] = {"kills": 1000, "preemptions": 200, "stops": 200, "races": 200}

# Read when this is imported: the walls around the tests take every HOTFIX_… away before the first one runs.
SIZE = SIZES[os.environ.get("HOTFIX_FAULTS", "ci")]
FIRST = int(os.environ.get("HOTFIX_FAULTS_SEED", "1"))
"""The same for everybody, so that parallel test processes agree on what there is to run."""


@dataclass
class Figures:
    """What many trials came to."""

    trials: int = 0
    strikes: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    failed: list[Report] = field(default_factory=list)

    def count(self, report: Report) -> None:
        """Add one trial."""
        self.trials += 1
        self.strikes += report.strikes
        self.outcomes[report.outcome or "nothing"] += 1
        self.refusals.update(report.refusals)
        self.seconds.append(report.seconds)
        if report.faults:
            self.failed.append(report)

    def __str__(self) -> str:
        many = ", ".join(f"{count} {outcome}" for outcome, count in self.outcomes.most_common())
        refused = ", ".join(f"{count} {code}" for code, count in self.refusals.most_common()) or "none"
        return (
            f"{self.trials} trials, {self.strikes} strikes: {many}; refusals: {refused}; slowest command of a trial: median "
            f"{statistics.median(self.seconds or [0.0]):.1f} s, worst {max(self.seconds, default=0.0):.1f} s; "
            f"{len(self.failed)} failed"
        )


def carry_out(scene: Scene, kind: str, strikes: int, first: int) -> Iterator[Report]:
    """Trials, each with the next seed, until processes were hit so often.

    The world of one that shows a fault is put aside, and how to repeat it is in its report.
    """
    seed, done = first, 0
    while done < strikes:
        report = KINDS[kind](Trial(kind, seed, scene))
        done += report.strikes
        if report.faults:
            aside = scene.put_aside(f"failed-{kind}-{seed}")
            report.commands.append(f"  kept in {aside}")
            report.commands.append(
                f"  repeat: PYTHONPATH=tests python -m faults.run --{kind} 1 --seed {seed}"
            )
        seed += 1
        yield report


def shares(kind: str, parts: int) -> list[tuple[int, int]]:
    """The whole size of a kind in parts, as (first seed, strikes): parallel test processes share the work."""
    each = SIZE[kind] // parts
    return [(FIRST + part * 100_000, each) for part in range(parts)]


def show(scene: Scene, kind: str, strikes: int, first: int) -> list[str]:
    """Carry it out; what went wrong, each with what was done and the command that repeats it."""
    figures = Figures()
    for report in carry_out(scene, kind, strikes, first):
        figures.count(report)
    print(f"{kind}: {figures}")
    return [str(report) for report in figures.failed]

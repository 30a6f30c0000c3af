"""What a very long record costs: python benchmarks/trend/big_record.py [--hotfixes 10000]

Makes two repositories, one with ten hotfixes on record and one with very many (thirty facts each, in fifteen appends),
and measures the CPU time, git's with it, of `hotfix trend` and `hotfix status` on both: the first run of a fresh clone,
which reads everything, and the second.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hotfix.policy.rules import Environment, Rules, Target, Unit, to_plain
from hotfix.record import chain, facts, moment
from hotfix.record.any_fact import AnyFact
from hotfix.record.hotfix import fold
from hotfix.record.page import render
from hotfix.record.parts import (
    Answer,
    Effect,
    Evidence,
    Sample,
    TestRow,
    UnitPlan,
    UnitRelease,
    UnitState,
    WayOut,
)
from hotfix.record.patch import Patch

TREND_BAR, STATUS_BAR = 3.0, 2.0
"""CPU seconds of `trend`, and times the `status` of ten."""
POLICY = """version = 1
service = "shop"
profile = "solo"
[target.vm]
kind = "command"
observe = ["cat", "{root}/release"]
activate = ["true"]
[env.production]
target = "vm"
[env.production.units.shop-1]
[env.production.units.shop-2]
"""
PEOPLE = tuple(f"person{number}@example.com" for number in range(7))
UNITS = ("shop-1", "shop-2")
RULES = Rules(
    service="shop",
    profile="solo",
    targets={"vm": Target("command", ("cat", "release"), activate=("true",))},
    environments={
        "production": Environment("vm", tuple(Unit(unit) for unit in UNITS), (("shop-1",), ("shop-2",)))
    },
)


def life(number: int, begin: datetime) -> Iterator[list[AnyFact]]:
    """One hotfix's appends: started, picked, proven, rehearsed, shipped in two waves, landed, learned, closed."""
    by = PEOPLE[number % len(PEOPLE)]
    clock = begin

    def at(seconds: float) -> str:
        nonlocal clock
        clock += timedelta(seconds=seconds)
        return moment.to_text(clock)

    base, fix = f"{number:040x}", f"{number + 1:040x}"
    patch = Patch("a" * 40, "shop", "production", base, "b" * 40, f"{number + 2:040x}")
    digest = patch.digest
    old, new = f"v1.{number}.0", f"v1.{number}.0+hf.1"
    units = tuple(UnitPlan(unit, old, base, old) for unit in UNITS)

    def states(release: str, *named: str) -> tuple[UnitState, ...]:
        return tuple(UnitState(unit, "serving", release) for unit in named)

    def samples(outcome: str) -> tuple[Sample, ...]:
        return tuple(
            Sample(f"check-{place}", unit, outcome, "200 OK", 0.12) for place in range(4) for unit in UNITS
        )

    def planned(ship: int, purpose: str) -> facts.Planned:
        return facts.Planned(
            at=at(5),
            by=by,
            ship=ship,
            patch=digest,
            environment="production",
            token=2 * number + ship,
            release=new,
            commit=fix,
            artifact=f"tree-{number}",
            units=units,
            waves=(("shop-1",), ("shop-2",)),
            goals=("check-0",),
            guards=("check-1", "check-2", "check-3"),
            unit_checks=("check-1",),
            baseline=samples("fail"),
            window_seconds=900.0,
            patience_seconds=60.0,
            interval_seconds=2.0,
            failures=2,
            waived=(),
            purpose=purpose,
            target="t" * 64,
        )

    yield [
        facts.Started(
            at=at(0),
            by=by,
            title=f"Defect {number}",
            service="shop",
            environment="production",
            severity="SEV2",
            detected_at=moment.to_text(begin - timedelta(minutes=20)),
            impact="orders fail",
            criteria=(Answer("Do customers lose money?", "yes"),),
            ways_out=(
                WayOut("flag flip", False, "no flag"),
                WayOut("hotfix", True, "the faster ways do not apply"),
            ),
            profile="solo",
        ),
        facts.RulesRead(
            at=at(0),
            by=by,
            trunk="main",
            commit="c" * 40,
            policy="d" * 40,
            signers="e" * 40,
            rules=to_plain(RULES),
        ),
    ]
    yield [
        facts.Picked(
            at=at(300),
            by=by,
            patch=patch,
            base_release=old,
            units=tuple(UnitRelease(u, old, old, base) for u in UNITS),
            fixes=(fix,),
            commits=(fix,),
            result_commit=fix,
            release=new,
            branch=f"hotfix/HF-{number}",
            subject="fix it",
            paired_with=(),
            authors=(by,),
            not_included=12,
            strays=(),
        )
    ]
    path = f"shop/part{number % 9}/module.py"
    yield [
        facts.Scoped(
            at=at(2),
            by=by,
            patch=digest,
            files=2,
            added=9,
            removed=3,
            counted_files=1,
            counted_lines=6,
            paths=(path, "tests/test_module.py"),
            kinds=("source", "test"),
        )
    ]
    yield [
        facts.Proved(
            at=at(60),
            by=by,
            patch=digest,
            verdict="PROVEN",
            reason="red, then green",
            base_tree="b" * 40,
            base_with_tests_tree="f" * 40,
            result_tree=patch.result_tree,
            runner="pytest",
            argv=("pytest",),
            rule="r" * 64,
            fingerprint="CPython 3.11",
            repeats=3,
            fail_to_pass=("tests/test_module.py::test_it",),
            broke=(),
            tests=(TestRow("tests/test_module.py::test_it", "absent", "failed", "passed"),),
            evidence=(Evidence("proof.json", "0" * 64),),
            seconds=12.5,
        ),
        facts.LeftOut(
            at=at(9), by=by, patch=digest, rule="r" * 64, hunks=2, unproven=(), unasked=(), seconds=4.0
        ),
    ]
    yield [
        facts.Reviewed(
            at=at(240), by=PEOPLE[(number + 1) % 7], patch=digest, verdict="self", because="", signed=None
        )
    ]
    yield [
        facts.Authorized(
            at=at(60),
            by=PEOPLE[(number + 2) % 7],
            patch=digest,
            environment="production",
            expires_at=at(0),
            signed=None,
        )
    ]
    for ship, purpose in ((1, "rehearsal"), (2, "hotfix")):
        first = UNITS[:1]
        yield [
            facts.LeaseTaken(
                at=at(2), by=by, environment="production", token=2 * number + ship, holder=f"{by}, clone 1"
            ),
            planned(ship, purpose),
        ]
        yield [facts.Activating(at=at(1), by=by, ship=ship, wave=1, units=first)]
        yield [
            facts.Activated(
                at=at(4),
                by=by,
                ship=ship,
                wave=1,
                effects=(Effect("shop-1", 0, 3.2, "0" * 64),),
                states=states(new, "shop-1"),
            ),
            facts.Observed(
                at=at(10),
                by=by,
                ship=ship,
                phase="wave 1",
                states=states(new, "shop-1"),
                samples=samples("pass"),
            ),
        ]
        if purpose == "rehearsal":
            yield [
                facts.Returning(at=at(1), by=by, ship=ship, units=first),
                facts.Returned(at=at(4), by=by, ship=ship, effects=(), states=states(old, "shop-1")),
                facts.Ended(at=at(5), by=by, ship=ship, outcome="rehearsed", because="there and back"),
            ]
            continue
        yield [
            facts.WavePassed(at=at(1), by=by, ship=ship, wave=1),
            facts.Activating(at=at(1), by=by, ship=ship, wave=2, units=UNITS[1:]),
            facts.Activated(at=at(4), by=by, ship=ship, wave=2, effects=(), states=states(new, "shop-2")),
        ]
        for _ in range(2):
            yield [
                facts.Observed(
                    at=at(300),
                    by=by,
                    ship=ship,
                    phase="window",
                    states=states(new, *UNITS),
                    samples=samples("pass"),
                )
            ]
        yield [
            facts.Ended(
                at=at(300), by=by, ship=ship, outcome="validated", because="goals green, guards green"
            )
        ]
    yield [facts.Notified(at=at(1), by=by, event="ended", delivered=True, said="ok")]
    yield [facts.Landed(at=at(3600), by=by, trunk="main", commit=fix, how="ancestor")]
    yield [
        facts.PostmortemWritten(
            at=at(86400), by=by, evidence=Evidence("postmortem.md", "1" * 64), empty_boxes=()
        )
    ]
    yield [facts.Closed(at=at(60), by=by, outcome="learned", because="validated, landed and learned")]


def make(folder: Path, hotfixes: int, open_ones: int = 3) -> int:
    """A repository with that many hotfixes on record, the last of them open; the number of facts."""
    subprocess.run(["git", "init", "-q", "-b", "main", str(folder)], check=True)
    importer = subprocess.Popen(["git", "fast-import", "--quiet"], cwd=folder, stdin=subprocess.PIPE)
    assert importer.stdin is not None
    now = datetime.now(UTC)
    importer.stdin.write(_commit("main", now, "policy", {"hotfix.toml": POLICY.encode()}))
    previous, seq = chain.GENESIS, 1
    for number in range(1, hotfixes + 1):
        # At most four in a day, and all of them before now.
        begin = now - timedelta(hours=6 * (hotfixes - number) + 40)
        id = f"HF-{number}"
        told: list[AnyFact] = []
        for place, append in enumerate(life(number, begin)):
            if number > hotfixes - open_ones and place == 4:
                break
            lines = []
            for fact in append:
                lines.append(chain.seal(seq + len(lines), previous, id, fact))
                previous = chain.digest(lines[-1])
            file = f"{id}/record/{seq:06d}.jsonl"
            importer.stdin.write(
                _commit("hotfix-record", begin, id, {file: b"".join(line + b"\n" for line in lines)})
            )
            seq += len(lines)
            told += append
        page = {f"{id}/README.md": render(fold(id, told)).encode()}
        importer.stdin.write(_commit("hotfix-record", begin, id, page))
    importer.stdin.close()
    if importer.wait() != 0:
        sys.exit("git fast-import failed")
    for key, value in (("user.name", "Bench"), ("user.email", PEOPLE[0])):
        subprocess.run(["git", "config", key, value], cwd=folder, check=True)
    return seq - 1


def _commit(branch: str, when: datetime, message: str, content: dict[str, bytes]) -> bytes:
    head = f"commit refs/heads/{branch}\ncommitter Bench <bench@example.com> {int(when.timestamp())} +0000\n"
    parts = [head.encode(), b"data %d\n%b\n" % (len(message), message.encode())]
    parts += [
        b"M 100644 inline %b\ndata %d\n%b\n" % (path.encode(), len(body), body)
        for path, body in content.items()
    ]
    return b"".join([*parts, b"\n"])


def cpu_seconds(folder: Path, *argv: str) -> float:
    """User and system time of one run and of everything it started."""
    compiled = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    child = subprocess.Popen(
        [sys.executable, "-m", "hotfix", *argv],
        cwd=folder,
        env=compiled,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    assert child.stderr is not None
    said = child.stderr.read().decode()
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"hotfix {' '.join(argv)} ended with {child.returncode}: {said}")
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Make both records, and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--hotfixes", type=int, default=10_000)
    parser.add_argument("--keep", type=Path, help="Make the long record in this folder, and leave it there.")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        few, many = Path(scratch) / "few", wanted.keep or Path(scratch) / "many"
        make(few, 10)
        print(f"{make(many, wanted.hotfixes)} facts of {wanted.hotfixes} hotfixes")
        seconds = {
            (verb, size, run): cpu_seconds(folder, verb)
            for verb in ("trend", "status")
            for size, folder in (("ten", few), ("many", many))
            for run in ("first", "second")
        }
    for (verb, size, run), took in seconds.items():
        print(f"hotfix {verb:<7} {size:<5} {run:<7} {took:6.2f} s CPU")
    ratio = seconds["status", "many", "second"] / seconds["status", "ten", "second"]
    print(f"status of many beside that of ten: {ratio:.2f} (bar {STATUS_BAR}); trend: bar {TREND_BAR} s")


if __name__ == "__main__":
    main()

"""The trials: what is done to the processes, by a seed, and what came of it."""

import json
import random
import re
import signal
import time
from dataclasses import dataclass, field

from faults.books import Books, Story
from faults.fleet import FOREIGN, UNITS
from faults.judge import ENDS, Judge, broken_record
from faults.scene import LEASE, Scene, Seat
from nursery import Running

LONGEST = 60.0
"""Seconds after which a command counts as stuck."""
MOST_TOLD = {"ship": 25, "rollback": 11}
"""How many things the commands tell, about."""
_LOOK = 0.005
_QUIET = 20.0
_MOST_COMMANDS = 8
BEFORE = ("approved", "rehearsed", "rehearsed")
SHIP, ROLLBACK = ("ship", "--wait", "0s", "--json"), ("rollback", "--json")


@dataclass
class Report:
    """What came of one trial."""

    kind: str
    seed: int
    outcome: str = ""
    faults: list[str] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    seconds: float = 0.0
    """The longest that one command took."""
    strikes: int = 0
    """How often a process was hit while it ran: a trial may come too late."""
    refusals: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return "\n".join((f"{self.kind} {self.seed}: {self.outcome}", *self.faults, *self.commands))


class Trial:
    """One trial in a scene."""

    def __init__(self, kind: str, seed: int, scene: Scene) -> None:
        self.report = Report(kind, seed)
        self.chance = random.Random(f"{kind} {seed}")
        self.scene = scene
        self._begun = time.monotonic()
        self._planted: dict[str, float] = {}

    # -- what a trial is made of --

    def set_up(self, *points: str) -> None:
        """The scene stands at one of the points; a fix in five breaks what the guard watches."""
        self.scene.set_up(self.chance.choice(points))
        if self.chance.random() < 0.2:
            for unit in self.chance.sample(UNITS, self.chance.randint(1, 4)):
                (self.scene.fleet.folder / unit / "breaks").touch()

    def some_moment(self, running: Running) -> bool:
        """Wait for a moment in the life of the command, as the seed has it; whether it still runs then.

        Every other moment is one at which units are being changed, where there is most to go wrong. The others
        are some time after it told the so-many-th thing, so that a slow machine comes as far.
        """
        chance = self.chance
        if chance.random() < 0.5:
            seen, things, after = _changes, chance.randint(1, 3), chance.uniform(0.0, 0.1)
        else:
            seen, things = _things, chance.randint(0, MOST_TOLD[running.argv[0]])
            after = chance.uniform(0.0, 0.3 if things else 1.0)
        while seen(running) < things:
            if not self.wait(running, _LOOK):
                return False
        return self.wait(running, after)

    def start(self, seat: Seat, argv: tuple[str, ...]) -> Running:
        """Begin a command."""
        self._begun = time.monotonic()
        running = self.scene.start(seat, *argv)
        self._note(f"{seat.name}: hotfix {' '.join(argv)}")
        return running

    def wait(self, running: Running, seconds: float) -> bool:
        """Let some time go by; whether the command still runs."""
        return self.scene.nursery.wait(running, seconds) is None

    def stop(self, running: Running) -> None:
        """The process hangs from now on."""
        if self.scene.nursery.signal(running, signal.SIGSTOP):
            self.report.strikes += 1
            self._note(f"stopped {running.argv[0]}")

    def resume(self, running: Running) -> None:
        """It goes on, and knows nothing of the time that went by."""
        self._begun = time.monotonic()
        self.scene.nursery.signal(running, signal.SIGCONT)
        self._note(f"resumed {running.argv[0]}")

    def kill(self, running: Running) -> bool:
        """Kill that process, and only that, at some moment; False where it ended by itself before."""
        if not self.some_moment(running):
            return False
        self.scene.nursery.signal(running, signal.SIGKILL)
        self.scene.nursery.wait(running, LONGEST)
        self.report.strikes += 1
        self._note(f"killed {running.argv[0]} after {running.told.strip().splitlines()[-1:]}")
        return True

    def finish(self, running: Running) -> int | None:
        """Wait for the command's own end; its exit code."""
        code = self.scene.nursery.wait(running, LONGEST)
        seconds = time.monotonic() - self._begun
        self.report.seconds = max(self.report.seconds, seconds)
        self._note(f"{running.argv[0]} ended with {code} after {seconds:.1f} s")
        if code is None:
            self.fault(f"{' '.join(running.argv)} is stuck: nothing for {LONGEST:g} s")
            self.scene.nursery.signal(running, signal.SIGKILL)
        elif code == 3:
            self.fault(f"a bug: {running.told[-2000:]}")
        elif code in (1, 8):
            self.report.refusals += codes(running)
            self._note(f"refused: {', '.join(codes(running))}: {running.told.strip().splitlines()[-2:]}")
        return code

    def plant(self) -> None:
        """Somebody changes a unit by hand, while nobody else does."""
        if self.quiet():
            unit = self.chance.choice(UNITS)
            self.scene.fleet.put(unit, FOREIGN)
            self._planted[unit] = time.time()
            self._note(f"{unit} was changed to {FOREIGN} by hand")

    def quiet(self) -> bool:
        """Wait until nothing runs any more."""
        left = self.scene.nursery.quiet(_QUIET)
        if left:
            self.fault(f"still running after {_QUIET:g} s: {left}")
        return not left

    def fault(self, sentence: str) -> None:
        """Something that must not be."""
        self.report.faults.append(sentence)

    def _note(self, what: str) -> None:
        self.report.commands.append(f"  {time.strftime('%H:%M:%S')} {what}")

    def over(self, seat: Seat) -> bool:
        """Whether the newest ship on that seat's record ended, or none can begin because of what was planted."""
        books = Books()
        story = Story().tell(books.facts(seat.clone, books.head(seat.clone)))
        kept_out = bool(self._planted) and self.report.refusals[-1:] == ["pick-release-unknown"]
        return story.outcome in ENDS or (kept_out and story.is_ashore)

    def next(self) -> tuple[str, ...]:
        """What brings it to an end: ship, unless that was refused because the way back was asked for."""
        return ROLLBACK if self.report.refusals[-1:] == ["ship-asked-back"] else SHIP

    def plans(self) -> int:
        """How many plans of the hotfix itself the remote's record has."""
        books = Books()
        story = Story().tell(books.facts(self.scene.remote, books.head(self.scene.remote)))
        return sum(voyage.plan["purpose"] == "hotfix" for voyage in story.voyages)

    def conclude(self, seat: Seat) -> Report:
        """Ship once more where nobody brought it to an end, then judge by the records of both clones."""
        for _ in range(3):
            if self.over(seat):
                break
            self._note("nobody brought it to an end")
            self.finish(self.start(seat, self.next()))
        other = self.scene.laptop if seat == self.scene.desk else self.scene.desk
        return self.judge(seat, other)

    def judge(self, seat: Seat, *others: Seat) -> Report:
        """What is on record and what serves, once nothing runs any more."""
        self.quiet()
        for one in (seat, *others):
            log = self.start(one, ("log", "--verify", "--json"))
            if self.scene.nursery.wait(log, LONGEST) != 0:
                self.fault(f"the record at the {one.name} is not whole: {broken_record(log.said)}")
            self._compare_status(one, *(() if one == seat else ("--fetch",)))
        judge = Judge(self.scene, seat, self._planted)
        self.report.outcome = judge.outcome()
        self.report.faults += judge.faults()
        self.quiet()
        return self.report

    def _compare_status(self, seat: Seat, *options: str) -> None:
        """What the product itself says of the units; whoever did not end it has to ask the remote first."""
        asked = self.start(seat, ("status", "HF-1", *options, "--json"))
        if self.scene.nursery.wait(asked, LONGEST) != 0:
            self.fault(f"status at the {seat.name} failed: {asked.told[-500:]}")
            return
        serves = self.scene.fleet.serves()
        for state in json.loads(asked.said)["hotfixes"][0]["units"]:
            unit = state["unit"]
            if unit not in self._planted and (state["state"], state["release"]) != ("serving", serves[unit]):
                self.fault(f"{unit} serves {serves[unit]}, and status at the {seat.name} says {state}")


def _things(running: Running) -> int:
    return len(running.told.splitlines())


def _changes(running: Running) -> int:
    """How often the command told that it is about to change units."""
    return len(re.findall(r"^(?:wave \d+: .* → |way back: (?:web-\d,? ?)+$)", running.told, re.MULTILINE))


def codes(running: Running) -> list[str]:
    """The codes of the findings of a command that refused."""
    said = json.loads(running.said) if running.said else {}
    return [finding["code"] for finding in said.get("error", {}).get("findings", [])]


def killed(trial: Trial) -> Report:
    """Ship or roll back, killed up to three times at moments that the seed names, until a command ends by itself."""
    chance, seat = trial.chance, trial.scene.desk
    rolls_back = chance.random() < 0.3
    trial.set_up(*(("validated",) if rolls_back else BEFORE))
    argv = ROLLBACK if rolls_back else SHIP
    kills, plants = chance.choice((1, 2, 3, 3)), chance.random() < 0.1
    for _ in range(_MOST_COMMANDS):
        running = trial.start(seat, argv)
        argv = chance.choice((SHIP, ROLLBACK)) if kills > 1 else SHIP
        if kills and trial.kill(running):
            kills -= 1
            if plants:
                plants = False
                trial.plant()
            continue
        trial.finish(running)
        if trial.over(seat):
            break
        argv = trial.next()
    return trial.judge(seat)


def preempted(trial: Trial) -> Report:
    """A ship runs, and somebody rolls back: at the same machine, or at another one that cannot end its processes."""
    chance, desk = trial.chance, trial.scene.desk
    trial.set_up(*BEFORE)
    rival = chance.choice((desk, trial.scene.laptop))
    ship = trial.start(desk, SHIP)
    running = trial.some_moment(ship)
    rollback = trial.start(rival, ROLLBACK)
    if trial.finish(rollback) == 0 and running:
        trial.report.strikes += 1
    trial.finish(ship)
    return trial.conclude(rival if trial.over(rival) else desk)


def stopped(trial: Trial) -> Report:
    """A ship hangs for longer than its lease, somebody elsewhere ships or rolls back, and then it goes on."""
    chance, desk, laptop = trial.chance, trial.scene.desk, trial.scene.laptop
    trial.set_up(*BEFORE)
    ship = trial.start(desk, SHIP)
    if not trial.some_moment(ship):
        return trial.conclude(desk)
    trial.stop(ship)
    time.sleep(LEASE + chance.uniform(0.1, 1.0))
    other = trial.start(laptop, chance.choice((SHIP, ROLLBACK)))
    if chance.random() < 0.5:
        trial.some_moment(other)
        trial.resume(ship)
        trial.finish(other)
    else:
        trial.finish(other)
        trial.resume(ship)
    trial.finish(ship)
    return trial.conclude(laptop if trial.over(laptop) else desk)


def raced(trial: Trial) -> Report:
    """Two ship the same from two clones at once; now and then one of them is killed, and comes again."""
    chance, seats = trial.chance, [trial.scene.desk, trial.scene.laptop]
    trial.set_up(*BEFORE)
    chance.shuffle(seats)
    first = trial.start(seats[0], SHIP)
    trial.wait(first, chance.uniform(0.0, 0.5))
    second = trial.start(seats[1], SHIP)
    trial.report.strikes += 1
    if chance.random() < 0.25 and trial.kill(second):
        second = trial.start(seats[1], SHIP)
    ends = {seat.name: trial.finish(running) for seat, running in zip(seats, (first, second), strict=True)}
    if not set(ends.values()) & {0, 10, 11}:
        trial.fault(f"nobody shipped: {ends}")
    if not set(ends.values()) & {1, 8}:
        trial.fault(f"nobody was refused: {ends}")
    won = next((seat for seat in seats if ends[seat.name] in (0, 10, 11)), seats[0])
    report = trial.conclude(won)
    plans = trial.plans()
    if plans > 1 or (plans == 0 and report.outcome != "rolled_back"):  # in its rehearsal, then
        trial.fault(f"the remote has {plans} plans for one hotfix")
    return report

"""A light world: a bare remote, four people, and a service of shell scripts on two units that are folders.

Small enough to be built anew for every story, and real all the same: git, ssh-keygen, the command
line and the team's own scripts run as they would anywhere.
"""

import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

from stories.people import Person
from stories.shelf import Shelf

LIVE = "v1.1.0"
NEW = "v1.1.0+hf.1"
UNITS = ("web-1", "web-2")
WRONG, RIGHT = "echo $(($1 - $2))\n", "echo $(($1 + $2))\n"
TEST = 'test "$(sh total.sh 2 3)" = 5\n'

POLICY = """\
version = 1
service = "shop"

[deciders]
oncall = ["olga@shop.example"]
seniors = ["rita@shop.example"]

[test]
runner = "script"
run = ["sh", "tests/regression.sh"]
files = ["tests/regression.sh"]
repeats = 2

[check.total]
kind = "command"
run = ["sh", "{ops}/check.sh", "total.sh", "5"]

[check.greeting]
kind = "command"
run = ["sh", "{ops}/check.sh", "greet.sh", "hello"]

[check.alive]
kind = "command"
run = ["sh", "{ops}/check.sh", "alive.sh", "alive"]

[target.app]
kind = "command"
observe = ["sh", "-c", "cat \\"$HOTFIX_UNIT_ROOT/release\\""]
activate = ["sh", "{ops}/activate.sh", "{{unit}}", "{{release}}", "{{root}}"]
timeout = "10s"
start_timeout = "1s"

[env.production]
target = "app"
goals = ["total"]
guards = ["alive"]
window = "100ms"
interval = "50ms"
patience = "3s"

[env.production.units]
web-1 = {{ root = "{units}/web-1" }}
web-2 = {{ root = "{units}/web-2" }}
"""

ACTIVATE = """\
printf '%s\\n' "$@" >> "$HOTFIX_UNIT_ROOT/argv"
cd "$HOTFIX_UNIT_ROOT" || exit 2
if [ -n "$HOTFIX_FILES" ] && [ ! -d "releases/$HOTFIX_RELEASE" ]; then
    cp -R "$HOTFIX_FILES" "releases/$HOTFIX_RELEASE" || exit 2
fi
printf '%s\\n' "$HOTFIX_RELEASE" > release.new && mv release.new release
"""

CHECK = """\
cd "{units}/$HOTFIX_UNIT" || exit 2
release=$(cat release) || exit 2
said=$(sh "releases/$release/$1" 2 3)
echo "$1 says $said"
[ "$said" = "$2" ]
"""

FILES = {"total.sh": WRONG, "alive.sh": "echo alive\n", "greet.sh": "echo helo\n"}


class World:
    """The service as it stands when the defect is noticed: v1.1.0 subtracts where it should add."""

    def __init__(self, folder: Path, shelf: Shelf | None = None) -> None:
        """Build all of it in `folder`; with a `shelf`, take what is kept there as long as nobody touches the world."""
        self.folder = folder
        self._shelf = shelf
        self.remote = folder / "remote.git"
        self.olga, self.rita, self.sam, self.mallory = (
            Person(login, folder / "people" / login) for login in ("olga", "rita", "sam", "mallory")
        )
        self._reach("found", self._build)
        self.fix = self.rita.git("rev-parse", "HEAD")

    def _reach(self, point: str, live: Callable[[], object]) -> "World":
        if self._shelf is None:
            live()
        else:
            self._shelf.bring(point, live)
        return self

    def _build(self) -> None:
        self._install()
        self._found()

    # -- production --

    def _install(self) -> None:
        ops, units = self.folder / "ops", self.folder / "units"
        ops.mkdir(parents=True)
        (ops / "activate.sh").write_text(ACTIVATE)
        (ops / "check.sh").write_text(CHECK.format(units=units))
        for unit in UNITS:
            for release, total in (("v1.0.0", RIGHT), (LIVE, WRONG)):
                place = units / unit / "releases" / release
                place.mkdir(parents=True)
                for name, text in (FILES | {"total.sh": total}).items():
                    (place / name).write_text(text)
            self.put(unit, LIVE)

    def put(self, unit: str, release: str) -> None:
        """Let the unit serve something by hand, past every tool."""
        (self.folder / "units" / unit / "release").write_text(release + "\n")

    def serves(self) -> list[str]:
        """What the units serve, in order."""
        return [(self.folder / "units" / unit / "release").read_text().strip() for unit in UNITS]

    def file(self, unit: str, name: str) -> str:
        """A file of the release that the unit serves."""
        place = self.folder / "units" / unit
        return (place / "releases" / (place / "release").read_text().strip() / name).read_text()

    def orders(self, unit: str) -> list[str]:
        """The words that the team's command was given for the unit, call after call; empty if never called."""
        log = self.folder / "units" / unit / "argv"
        return log.read_text().splitlines() if log.exists() else []

    # -- the repository --

    def _found(self) -> None:
        subprocess.run(
            ["git", "init", "-q", "--template=", "--bare", "-b", "main", str(self.remote)], check=True
        )
        for person in (self.olga, self.rita, self.sam, self.mallory):
            person.move_in()
        self.rita.clone.mkdir()
        self.rita.git("init", "-q", "--template=")
        self.rita.git("remote", "add", "origin", str(self.remote))
        policy = POLICY.format(ops=self.folder / "ops", units=self.folder / "units")
        signers = "".join(person.signer for person in (self.olga, self.rita, self.sam))
        files = FILES | {"hotfix.toml": policy, ".hotfix/allowed_signers": signers}
        self.rita.commit(files | {"total.sh": RIGHT}, "Totals and greetings")
        self.rita.git("tag", "v1.0.0")
        self.rita.commit({"total.sh": WRONG}, "Rework totals")
        self.rita.git("tag", LIVE)
        self.rita.commit({"wishes.sh": "echo wish\n"}, "Wish lists, not to be released today")
        self.rita.commit({"total.sh": RIGHT, "tests/regression.sh": TEST}, "Totals add up again")
        self.rita.git("push", "-q", "-u", "origin", "main", "v1.0.0", LIVE)
        self.rita.git("remote", "set-head", "origin", "main")
        for person in (self.olga, self.sam, self.mallory):
            self.clone(person)

    def clone(self, person: Person) -> None:
        """Give somebody a clone."""
        subprocess.run(
            ["git", "clone", "-q", "--template=", str(self.remote), str(person.clone)],
            env=person.environment,
            check=True,
        )

    def on_trunk(self, files: Mapping[str, str], message: str, author: str = "ada") -> str:
        """Rita commits to main and pushes; the commit's id."""
        commit = self.rita.commit(files, message, author)
        self.rita.git("push", "-q", "origin", "main")
        return commit

    def change_policy(self, old: str, new: str) -> None:
        """Trunk's policy says `new` where it said `old`."""
        text = (self.rita.clone / "hotfix.toml").read_text()
        assert old in text, f"{old!r} is not in the policy"
        self.on_trunk({"hotfix.toml": text.replace(old, new)}, "Other rules")

    def trust(self, *signers: str) -> None:
        """Trunk's list of signers has exactly these lines."""
        self.on_trunk({".hotfix/allowed_signers": "".join(signers)}, "Other signers")

    # -- the life, as far as a story wants to have it behind it --

    def start(self, *more: str | bytes) -> None:
        """Olga decides on a hotfix."""
        words = ["--severity", "SEV2", "--detected", "5m", "--impact", "every total is wrong"]
        words += ["--not-flag", "no flag guards it", "--not-return", "v1.0.0 cannot read today's data"]
        self.olga.hotfix("start", "Totals are wrong", *words, *more)

    def picked(self) -> "World":
        """Olga started, and picked the fix."""
        return self._reach("picked", self._pick)

    def approved(self) -> "World":
        """Rita read it and signed, as peer and as senior."""
        return self._reach("approved", self._approve)

    def rehearsed(self) -> "World":
        """Olga practised the way back, so that what is shipped next is not rehearsed first."""
        return self._reach("rehearsed", self._rehearse)

    def shipped(self) -> "World":
        """Validated in production."""
        return self._reach("shipped", self._ship)

    def noticed_by_a_customer(self) -> "World":
        """Shipped and on trunk, where no alert had fired; the postmortem is drawn, and nobody has written into it."""
        return self._reach("noticed by a customer", self._notice)

    def reasoned(self) -> None:
        """Olga says why hunks that no test notices ship all the same."""
        self.olga.hotfix("scope", "--because", "scope-unproven=it goes with the rest")

    def _pick(self) -> None:
        self.start()
        self.olga.git("fetch", "-q")
        self.olga.hotfix("pick", self.fix)

    def _notice(self) -> None:
        self.start("--detected-by", "customer")
        self.olga.git("fetch", "-q")
        self.olga.hotfix("pick", self.fix)
        self.rita.hotfix("review", "--approve")
        self.rita.hotfix("authorize")
        self.olga.hotfix("ship")
        self.olga.hotfix("land")
        self.olga.hotfix("postmortem")

    def _approve(self) -> None:
        self.picked()
        self.rita.hotfix("review", "--approve")
        self.rita.hotfix("authorize")

    def _rehearse(self) -> None:
        self.approved()
        self.olga.hotfix("rehearse")

    def _ship(self) -> None:
        self.rehearsed()
        self.olga.hotfix("ship")

    def gates(self, person: Person | None = None) -> dict[str, str]:
        """State by gate, as `ship --plan` judges it now."""
        plan = (person or self.olga).hotfix("ship", "--plan", "--json").json
        return {gate["name"]: gate["state"] for gate in plan["gates"]}

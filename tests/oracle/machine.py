"""What people, strangers, trunk, the clock and production do, in any order; after each step the oracle is asked.

The rules of this machine drive the real verbs where a verb does it (``ship``, ``rehearse``, ``rollback``,
``override``), and write the facts by hand where a person with push rights could.
"""

from collections import Counter
from typing import Any

import msgspec
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from hotfix.actions import judge as judging
from hotfix.actions import override as overriding
from hotfix.actions.find import find
from hotfix.actions.read_rules import read_rules
from hotfix.actions.rehearse import rehearse
from hotfix.actions.rollback import rollback
from hotfix.actions.ship import ship
from hotfix.lifecycle import authorize, override, review
from hotfix.lifecycle.prove import rule_digest
from hotfix.lifecycle.start import WAYS_OUT
from hotfix.policy import rules as policy
from hotfix.record import canonical, facts, parts
from hotfix.record.finding import Refused
from hotfix.record.patch import Patch as Signed
from oracle import law
from oracle.law import DAY, HOUR, MINUTE, Law, Patch
from oracle.town import KEYS, Killed, Town, id_of, owner, text_of

SEEN: Counter[str] = Counter()
"""How often what happened, over a whole run: a test that never ships shows nothing."""
WHY = "INC-4711: every cart is lost while nothing ships"
FIXES = ("fix-1", "fix-2", "fix-3")

keys = st.sampled_from(sorted(KEYS))
gates = st.sampled_from(law.OVERRIDABLE)
numbers = st.integers(0, 30)


class Port(Exception):
    """Stands for the other kind of error that a port may raise."""


class Lives(RuleBasedStateMachine):
    """One hotfix, from its start to whatever becomes of it."""

    def __init__(self) -> None:
        super().__init__()
        self.town = Town()
        self.law = Law()
        self.town.ledger.before = self._before
        self.town.ledger.after = self._after
        self.shipper = ""
        self.in_verb = False
        self.signed: list[facts.Fact] = []
        self.plans: list[facts.Planned] = []
        self.burnt = False
        self.pick_count = 0
        self.steps = 0
        self._trunk()

    # -- what the oracle hears, and when it is asked ----------------------------------------------

    def _before(self, written: tuple[facts.AnyFact, ...]) -> None:
        """A plan is about to be put on record: at this very moment every gate must be open by today's rules."""
        for fact in written:
            if isinstance(fact, facts.Planned) and self.in_verb:
                shut = self.law.shut(self.shipper, self.now, sure=False)
                if fact.purpose == "rehearsal":
                    shut.pop("rehearse", None)
                assert shut == {}, f"planned a {fact.purpose} while shut: {shut}"
                assert fact.patch == self.digest(self.law.patch), "planned another patch than today's"
                assert not self.burnt or fact.purpose == "rehearsal", "planned after a port had raised"

    def _after(self, written: tuple[facts.AnyFact, ...]) -> None:
        for fact in written:
            match fact:
                case facts.Planned():
                    self.plans.append(fact)
                    self._tally(fact)
                    self.law.planned(self.now, rehearsal=fact.purpose == "rehearsal")
                case facts.RollbackRequested():
                    self.law.ships[fact.ship - 1].outcome = ""
                case facts.Ended():
                    outcome = "left" if "left in the middle" in fact.because else fact.outcome
                    SEEN[f"{self.plans[fact.ship - 1].purpose} {outcome}"] += 1
                    self.law.ended(fact.ship, outcome, self.now, in_time=not self.town.target.slow)
                case facts.Notified() if fact.event == "override" and fact.delivered:
                    if fact.about in self.law.overrides:
                        self.law.overrides[fact.about].told = True
                case _:
                    pass

    def _story(self) -> str:
        """What an oracle that disagrees goes by."""
        said = [f"  {one}" for one in (*self.law.picks[-1:], *self.law.overrides.values(), *self.law.ships)]
        return "\n".join(["", f"  {self.law.rules}", f"  trusted: {sorted(self.law.trusted)}, now {self.now}", *said])

    def _tick(self) -> None:
        """Nobody says two things in the same millisecond."""
        self.town.clock.seconds += 1.001

    def _tally(self, plan: facts.Planned) -> None:
        SEEN[f"planned {plan.purpose}"] += 1
        for word in plan.waived:
            if word.startswith("OVERRIDDEN"):
                SEEN["planned by an override"] += 1
                SEEN[f"planned by an override, {self.law.rules.override}"] += 1
        if len([one for one in self.plans if one.purpose == "hotfix"]) > 1 and plan.purpose == "hotfix":
            SEEN["planned again"] += 1

    @property
    def now(self) -> float:
        return self.town.clock.seconds

    def digest(self, patch: Patch | None) -> str:
        return self.signed_patch(patch).digest if patch else ""

    def signed_patch(self, patch: Patch) -> Signed:
        base_tree = self.town.git.trees[patch.base]
        result = id_of(f"tree {patch.fix} on {base_tree}")
        origin = self.town.ledger.origin()
        return Signed(origin, "shop", patch.environment, patch.base, base_tree, result)

    @invariant()
    def the_gates_read_as_the_oracle_says(self) -> None:
        """Gate by gate: what the product opens may open, and what certainly opens the product opens."""
        self._tick()
        self.steps += 1
        if self.steps % 7 == 0:
            self._life_goes_on(self.steps // 7)
        ports = self.town.ports("ann-1")
        today = read_rules(ports)
        hotfix = find(ports.ledger.read(), "HF-1")
        by = KEYS["ann-1"]
        answer = judging.judge(ports, hotfix, today.rules, today.signers, by)
        opened = {gate.name for gate in answer.gates if gate.state == "open"}
        may = self.law.shut("ann", self.now, sure=False)
        must = self.law.shut("ann", self.now, sure=True)
        if self.law.under_way:
            # The ship that used an override goes on by it; whether it may is not asked here.
            return
        assert not opened & may.keys(), f"open, and must not be: {sorted(opened & may.keys())}{self._story()}"
        assert opened >= set(law.GATES) - must.keys(), (
            f"shut, and must be open: {sorted(set(law.GATES) - must.keys() - opened)}"
        )
        assert answer.owed == (set(must.values()) == {"owed"}) or must != may
        for gate in must:
            SEEN[f"shut {gate}"] += 1

    # -- the fix ----------------------------------------------------------------------------------

    @initialize()
    def start(self) -> None:
        self.town.write(
            facts.Started(
                at=self.town.at(),
                by=KEYS["ann-1"],
                title="no cart e-mail",
                service="shop",
                environment="production",
                severity="SEV2",
                detected_at=self.town.at(),
                impact="carts are lost",
                criteria=(parts.Answer("question 1", "money"),),
                ways_out=tuple(parts.WayOut(way, way == "hotfix", "because") for way in WAYS_OUT),
                profile="team",
            )
        )
        self.pick("fix-1", "production", "ann", "bob", "", "plain", 5, True)

    @rule(
        fix=st.sampled_from(FIXES),
        environment=st.sampled_from(("production", "production", "production", "staging")),
        by=st.sampled_from(("ann", "ann", "eve", "cat")),
        author=st.sampled_from(("bob", "bob", "cat", "dan")),
        pair=st.sampled_from(("", "", "dan", "cat")),
        kind=st.sampled_from(("plain", "plain", "plain", "migration", "policy")),
        lines=st.sampled_from((5, 5, 60)),
        measured=st.sampled_from((True, True, True, False)),
    )
    def pick(
        self, fix: str, environment: str, by: str, author: str, pair: str, kind: str, lines: int, measured: bool
    ) -> None:
        """A new commit is a new patch; the same fix onto the same base is the same patch, whoever picks it."""
        serves = {self.town.target.serving[unit] for unit in self.town.units_of(environment)}
        release = next(iter(serves))
        if len(serves) > 1 or release is None or self.law.under_way:
            return
        base = self.town.git.tags.get(release) or next(
            picked.result_commit
            for picked in self.town.facts()
            if isinstance(picked, facts.Picked) and picked.release == release
        )
        patch = Patch(fix, base, environment)
        known = [pick for pick in self.law.picks if (pick.patch.fix, pick.patch.base) == (fix, base)]
        kind, lines = (known[0].kind, known[0].lines) if known else (kind, lines)
        self._write_pick(patch, release, (by, author, pair))
        if patch != self.law.patch:
            self.law.built.clear()
        writers = frozenset(name for name in (by, author, pair) if name)
        self.law.picks.append(law.Picked(patch, writers, lines, kind, self.town.rules.units, True))
        self.law.branch_moved = False
        if measured:
            self.measure()

    def _write_pick(self, patch: Patch, release: str, people: tuple[str, str, str]) -> None:
        by, author, pair = (f"{name}@Example.com" if name else "" for name in people)
        signed = self.signed_patch(patch)
        self.pick_count += 1
        commit = self.town.git.made(id_of(f"pick {self.pick_count}"), signed.result_tree)
        self.town.git.branch = (commit,)
        self.town.write(
            facts.Picked(
                at=self.town.at(),
                by=by,
                patch=signed,
                base_release=release,
                units=tuple(
                    parts.UnitRelease(unit, release, release, patch.base)
                    for unit in self.town.units_of(patch.environment)
                ),
                fixes=(id_of(patch.fix),),
                commits=(commit,),
                result_commit=commit,
                release=f"{release.partition('+')[0]}+hf.{self.pick_count}",
                branch="hotfix/HF-1",
                subject=patch.fix,
                paired_with=(pair,) if pair else (),
                authors=(author,),
                not_included=0,
                strays=(),
            )
        )

    @rule()
    def measure(self) -> None:
        pick = self.law.picks[-1]
        path = {"plain": "cart.py", "migration": "migrations/0002.py", "policy": "hotfix.toml"}[pick.kind]
        self.town.write(
            facts.Scoped(
                at=self.town.at(),
                by=KEYS["ann-1"],
                patch=self.digest(pick.patch),
                files=2,
                added=pick.lines,
                removed=0,
                counted_files=1,
                counted_lines=pick.lines,
                paths=(path, "tests/test_cart.py"),
                kinds=() if pick.kind == "plain" else (f"{pick.kind}:{path}",),
            )
        )
        self.law.measured = pick.patch

    @rule(code=st.sampled_from(("wide", "migration")))
    def give_a_reason(self, code: str) -> None:
        patch = self.law.picks[-1].patch
        reason = parts.Reason(f"scope-{code}", "it cannot be smaller")
        self.town.write(
            facts.Reasoned(
                at=self.town.at(), by=KEYS["ann-1"], patch=self.digest(patch), reasons=(reason,)
            )
        )
        self.law.reasons.add((patch, code))

    @rule(moved=st.booleans())
    def somebody_pushes_to_the_branch(self, moved: bool) -> None:
        """Where an earlier pick stood is no new commit."""
        commits = [fact.result_commit for fact in self.town.facts() if isinstance(fact, facts.Picked)]
        self.town.git.branch = (commits[-1], id_of("a new commit") if moved else commits[0])
        self.law.branch_moved = moved

    @rule()
    def somebody_swaps_the_commit_under_the_signed_trees(self) -> None:
        pick = self.law.picks[-1]
        newest = next(
            fact for fact in reversed(self.town.facts()) if isinstance(fact, facts.Picked)
        )
        other = self.town.git.made(id_of("another commit"), id_of("another tree"))
        self.town.write(msgspec.structs.replace(newest, result_commit=other, at=self.town.at()))
        self.law.picks.append(law.Picked(pick.patch, pick.writers, pick.lines, pick.kind, pick.units, False))
        self.town.git.branch = (other,)
        self.law.branch_moved = False

    @rule(artifact=st.sampled_from(("a", "a", "b")))
    def build(self, artifact: str) -> None:
        patch = self.law.picks[-1].patch
        digest = canonical.sha256(f"{artifact} of {patch.fix}".encode())
        (self.town.folder / "artifacts" / f"sha256-{digest}").mkdir(parents=True, exist_ok=True)
        self.town.write(
            facts.Built(
                at=self.town.at(),
                by=KEYS["ann-1"],
                patch=self.digest(patch),
                artifact=f"sha256:{digest}",
                argv=("make",),
                seconds=1.0,
            )
        )
        self.law.built.setdefault(patch, digest)

    @rule(
        good=st.sampled_from((True, True, False)),
        of_today=st.sampled_from((True, True, True, False)),
        repeats=st.sampled_from((0, 0, 0, 3, 5)),
        by=keys,
    )
    def prove(self, good: bool, of_today: bool, repeats: int, by: str) -> None:
        """Whoever may push can write one (docs/limits.md); it counts for what it says it is of."""
        patch, repeats = self.law.picks[-1].patch, repeats or self.law.rules.repeats
        of = patch if of_today else patch._replace(fix="another fix")
        signed, test = self.signed_patch(of), "tests/test_cart.py::test_email"
        self.town.write(
            facts.Proved(
                at=self.town.at(),
                by=KEYS[by],
                patch=signed.digest,
                verdict="PROVEN" if good else "NOT_RED",
                reason="as it was seen",
                base_tree=signed.base_tree,
                base_with_tests_tree=id_of("BT"),
                result_tree=signed.result_tree,
                runner="pytest",
                argv=("python3", "-m", "pytest"),
                rule=rule_digest(policy.Test(repeats=repeats)),
                fingerprint="CPython",
                repeats=repeats,
                fail_to_pass=(test,) if good else (),
                broke=(),
                tests=(parts.TestRow(test, "absent", "failed", "passed"),) if good else (),
                evidence=(),
                seconds=1.0,
            )
        )
        self.law.proof = (of.fix, of.base, good, repeats)

    # -- people -----------------------------------------------------------------------------------

    @rule(key=keys, verdict=st.sampled_from(("approve", "approve", "approve", "reject")), label=keys)
    def say(self, key: str, verdict: str, label: str) -> None:
        """Sign a verdict. What the fact says of its writer is only text."""
        self._tick()
        patch = self.law.picks[-1].patch
        context = {"at": self.town.at()}
        message = judging.review_statement(self.signed_patch(patch), verdict, context)
        self._sign_and_write(
            facts.Reviewed(
                at=self.town.at(),
                by=KEYS[label],
                patch=self.digest(patch),
                verdict=verdict,
                because="read it",
                signed=self.town.sign(key, review.NAMESPACE, message, context),
            )
        )
        self.law.words.append(law.Word(verdict, key, patch, self.now, 0.0))

    @rule(key=st.sampled_from(("dan-1", "eve-1", "dan-1", "eve-1", *KEYS)), valid=st.sampled_from((HOUR, 12 * HOUR)))
    def go(self, key: str, valid: float) -> None:
        self._tick()
        patch, until = self.law.picks[-1].patch, self.now + valid
        message = judging.authorize_statement(self.signed_patch(patch), patch.environment, text_of(until))
        self._sign_and_write(
            facts.Authorized(
                at=self.town.at(),
                by=KEYS[key],
                patch=self.digest(patch),
                environment=patch.environment,
                expires_at=text_of(until),
                signed=self.town.sign(key, authorize.NAMESPACE, message),
            )
        )
        self.law.words.append(law.Word("go", key, patch, self.now, until))

    def _sign_and_write(self, fact: facts.Fact) -> None:
        self.town.write(fact)
        self.signed.append(fact)

    @rule(gate=gates, key=st.sampled_from(("ann-1", "eve-1", *KEYS)), by_hand=st.booleans())
    def ask_for_an_override(self, gate: str, key: str, by_hand: bool) -> None:
        self._tick()
        patch = self.law.picks[-1].patch
        if by_hand:
            fact = self._override(gate, key, patch)
            self.law.overrides[fact.override] = law.Override(gate, key, patch, self.now + 15 * MINUTE)
            self._sign_and_write(fact)
        else:
            begun = self.now
            self._verb(lambda: overriding.ask(self.town.ports(key), None, gate, WHY, lambda it: it.environment),
                       asked=law.Override(gate, key, patch, begun + 15 * MINUTE))

    def _override(self, gate: str, key: str, patch: Patch) -> facts.Overridden:
        unsigned = facts.Overridden(
            at=self.town.at(),
            by=KEYS[key],
            override="",
            gate=gate,
            patch=self.digest(patch),
            environment=patch.environment,
            because=WHY,
            policy=self.law.rules.override,
            expires_at=text_of(self.now + 15 * MINUTE),
            signed=None,
        )
        message = override.statement("HF-1", self.town.ledger.origin(), unsigned)
        return msgspec.structs.replace(
            unsigned,
            override=canonical.sha256(message),
            signed=self.town.sign(key, override.NAMESPACE, message),
        )

    def _verb(self, verb: Any, asked: law.Override | None = None) -> bool:
        """Run a verb of overrides; whatever of it came to be on record was really said."""
        before = self.town.ledger.after

        def heard(written: tuple[facts.AnyFact, ...]) -> None:
            for fact in written:
                if isinstance(fact, facts.Overridden) and asked is not None:
                    self.law.overrides[fact.override] = asked
                    self.signed.append(fact)
                elif isinstance(fact, facts.OverrideConfirmed):
                    self.law.overrides[fact.override].yes.append(fact.signed.key if fact.signed else "")
                    self.signed.append(fact)
                elif isinstance(fact, facts.OverrideReviewed):
                    self.law.overrides[fact.override].looked.append(fact.signed.key if fact.signed else "")
            before(written)

        self.town.ledger.after = heard
        try:
            verb()
        except Refused as no:
            SEEN[f"refused {no.findings[0].code}"] += 1
            return False
        finally:
            self.town.ledger.after = before
        return True

    @precondition(lambda self: self.law.overrides)
    @rule(key=keys, number=numbers, by_hand=st.booleans())
    def confirm(self, key: str, number: int, by_hand: bool) -> None:
        if not by_hand:
            self._verb(lambda: overriding.confirm(self.town.ports(key), None, "", lambda it: ""))
            return
        of = list(self.law.overrides)[-1 - number % min(3, len(self.law.overrides))]
        signed = self.town.sign(key, override.NAMESPACE, override.confirmation(of))
        self.law.overrides[of].yes.append(key)
        self._sign_and_write(
            facts.OverrideConfirmed(at=self.town.at(), by=KEYS[key], override=of, signed=signed)
        )

    @precondition(lambda self: self.law.overrides)
    @rule(key=keys)
    def look_back(self, key: str) -> None:
        self._verb(lambda: overriding.look_back(self.town.ports(key), None, "", "it was right"))

    @precondition(lambda self: self.law.overrides)
    @rule(number=numbers, delivered=st.booleans())
    def somebody_says_that_everyone_was_told(self, number: int, delivered: bool) -> None:
        """Nobody signs a notice: whoever may push can say so (docs/limits.md)."""
        of = list(self.law.overrides)[number % len(self.law.overrides)]
        self.town.write(
            facts.Notified(
                at=self.town.at(), by=KEYS["mal-1"], event="override", delivered=delivered, said="", about=of
            )
        )

    # -- strangers --------------------------------------------------------------------------------

    @precondition(lambda self: self.signed)
    @rule(
        number=numbers,
        how=st.sampled_from(("copied", "redated", "retargeted", "turned", "renamed", "unsigned", "crossed")),
        other=numbers,
    )
    def forge(self, number: int, how: str, other: int) -> None:
        """Put what was once signed on record again, as it was or bent; nobody has said anything new."""
        fact: Any = self.signed[-1 - number % len(self.signed)]
        today = self.law.picks[-1].patch
        bent: dict[str, object] = {}
        if how == "redated":
            bent = {"at": self.town.at()}
        elif how == "retargeted":
            bent = {"patch": self.digest(today), "environment": today.environment}
        elif how == "turned":
            bent = {
                "verdict": "approve",
                "gate": law.OVERRIDABLE[other % 5],
                "expires_at": text_of(self.now + 10 * MINUTE),
                "at": self.town.at(),
            }
        elif how == "renamed":
            bent = {"by": KEYS["dan-1"]}
        elif how == "unsigned":
            bent = {"signed": None, "by": KEYS["dan-1"]}
        elif how == "crossed":
            bent = {"signed": getattr(self.signed[other % len(self.signed)], "signed"), "by": KEYS["cat-1"]}
            if isinstance(fact, facts.OverrideConfirmed) and self.law.overrides:
                bent["override"] = list(self.law.overrides)[-1]
        known = {name: value for name, value in bent.items() if name in fact.__struct_fields__}
        SEEN["forged"] += 1
        self.town.write(msgspec.structs.replace(fact, **known))

    # -- trunk ------------------------------------------------------------------------------------

    def _trunk(self) -> None:
        self.law.rules = self.town.rules
        self.law.trusted = {
            key: owner(key) for key in self.town.trusted - self.town.revoked_keys
        }
        self.town.publish()

    @rule(key=keys, revoked=st.sampled_from((True, False, False)))
    def revoke(self, key: str, revoked: bool) -> None:
        self.town.revoked_keys = self.town.revoked_keys | {key} if revoked else self.town.revoked_keys - {key}
        self._trunk()

    @rule(key=keys, listed=st.sampled_from((True, True, False)))
    def list_a_signer(self, key: str, listed: bool) -> None:
        self.town.trusted = self.town.trusted | {key} if listed else self.town.trusted - {key}
        self._trunk()

    @rule(
        oncall=st.sampled_from((("ann", "eve"), ("ann", "eve"), ("ann",), ("ann", "cat", "bob"), ("eve",), ())),
        seniors=st.sampled_from((("dan", "eve"), ("dan", "eve"), ("dan", "cat"), ("eve", "ann"))),
    )
    def change_roles(self, oncall: tuple[str, ...], seniors: tuple[str, ...]) -> None:
        self.town.rules = self.town.rules._replace(oncall=frozenset(oncall), seniors=frozenset(seniors))
        self._trunk()

    @rule(
        change=st.sampled_from(
            (
                {"peers": 1},
                {"peers": 2},
                {"peers": 0},
                {"two_hats": True},
                {"two_hats": False},
                {"go_needed": 1},
                {"go_needed": 2},
                {"valid": HOUR},
                {"valid": 12 * HOUR},
                {"repeats": 3},
                {"repeats": 5},
                {"lines": 35},
                {"lines": 100},
                {"override": "announce"},
                {"override": "second person"},
                {"notifier": False},
                {"notifier": True},
                {"questions": 1},
                {"questions": 2},
                {"builds": True},
                {"builds": False},
                {"restart": "restart"},
                {"restart": "start again"},
                {"rehearse_on": "in place"},
                {"rehearse_on": "shop-2"},
                {"rehearsal_valid": 2 * HOUR},
                {"rehearsal_valid": 7 * DAY},
                {"units": 2},
                {"units": 3},
            )
        )
    )
    def change_policy(self, change: dict[str, Any]) -> None:
        self.town.rules = self.town.rules._replace(**change)
        self._trunk()

    @rule(begins=st.sampled_from((-HOUR, HOUR)), lasts=st.sampled_from((0.0, 0.0, 2 * HOUR, 30 * HOUR)))
    def freeze(self, begins: float, lasts: float) -> None:
        begun = round(self.now + begins)
        self.town.rules = self.town.rules._replace(freeze=(begun, begun + lasts) if lasts else None)
        self._trunk()

    # -- time and production ----------------------------------------------------------------------

    @rule(
        jump=st.sampled_from((MINUTE, 4 * MINUTE, 16 * MINUTE, 61 * MINUTE, 13 * HOUR, 25 * HOUR, -10 * MINUTE, -HOUR, -5 * HOUR))
    )
    def the_clock_jumps(self, jump: float) -> None:
        self.town.clock.seconds += jump

    @rule(works=st.sampled_from((True, True, False)))
    def the_pager(self, works: bool) -> None:
        self.town.pager_works = works

    @rule(unit=st.sampled_from(("", "", "shop-1", "shop-2", "shop-2", "stage-1")))
    def units_that_cannot_start_it(self, unit: str) -> None:
        self.town.target.broken = {unit} if unit else set()

    @rule(slow=st.sampled_from((False, False, True)))
    def the_way_back_takes_its_time(self, slow: bool) -> None:
        self.town.target.slow = slow

    @rule(release=st.sampled_from(("v1", "v1", "v2")))
    def somebody_deploys(self, release: str) -> None:
        for unit in self.town.target.serving:
            self.town.target.serving[unit] = release

    @rule(key=st.sampled_from(("ann-1", "cat-1", "eve-1")))
    def rehearse(self, key: str) -> None:
        self._ship(key, lambda ports: rehearse(ports, None))

    @rule(key=st.sampled_from(("ann-1", "ann-1", "cat-1", "eve-1", "mal-1")))
    def ship(self, key: str) -> None:
        """The oracle says yes: it ships. It says no: nothing is planned (see `_before`)."""
        self._ship_and_compare(key)

    def _ship_and_compare(self, key: str) -> None:
        due = self._must_ship(key)
        plans = len([plan for plan in self.plans if plan.purpose == "hotfix"])
        said = self._ship(key, lambda ports: ship(ports, None, 0.0, lambda hotfix: False))
        shipped = len([plan for plan in self.plans if plan.purpose == "hotfix"]) > plans
        if due:
            SEEN["certainly due"] += 1
            assert shipped, f"every gate is open, and it was not planned: {said}"
        elif not shipped:
            SEEN["not shipped"] += 1

    def _must_ship(self, key: str) -> bool:
        """Whether nothing is in the way, now nor in the minutes that a rehearsal takes."""
        patch, who, town = self.law.patch, self.law.who(key), self.town
        if not who or patch is None or self.law.live or self.law.under_way or town.target.slow:
            return False
        if town.target.broken or {town.target.serving[unit] for unit in town.units_of(patch.environment)} != {
            self._base_of(patch)
        }:
            return False
        lease = town.leases.read(patch.environment)
        if lease is not None and lease.holder and not lease.holder.startswith(f"{KEYS[key]},"):
            return False
        shut = [self.law.shut(who, self.now + later, sure=True) for later in (0.0, MINUTE, 5 * MINUTE)]
        return all(set(one.values()) <= {"owed"} for one in shut)

    def _base_of(self, patch: Patch) -> str:
        picks = [fact for fact in self.town.facts() if isinstance(fact, facts.Picked)]
        return picks[-1].base_release

    def _ship(self, key: str, verb: Any) -> str:
        """Run a verb that ships; what it said where it did not."""
        self.shipper, self.in_verb = owner(key), True
        self.burnt = False
        self.town.fuse.burnt = self._burns
        ports = self.town.ports(key)
        try:
            verb(ports)
        except (Refused, OSError) as no:
            code = no.findings[0].code if isinstance(no, Refused) else "oserror"
            SEEN[f"refused {code}"] += 1
            return str(no)
        except Killed:
            SEEN["killed"] += 1
            return "killed"
        finally:
            self.in_verb = False
            self.town.fuse.calls = 0
            self.town.target.dies_at = 0
            self.burnt = False
        return "done"

    def _burns(self) -> None:
        """Where it burns before anything was planned in this call, nothing may be planned after it."""
        SEEN["a port raised"] += 1
        self.burnt = not self.law.under_way

    @rule(
        key=st.sampled_from(("ann-1", "cat-1")),
        calls=st.integers(1, 120),
        error=st.sampled_from((OSError, Refused)),
    )
    def ship_while_a_port_breaks(self, key: str, calls: int, error: type[Exception]) -> None:
        self.town.fuse.calls, self.town.fuse.error = calls, error
        self._ship(key, lambda ports: ship(ports, None, 0.0, lambda hotfix: False))

    @rule(effects=st.integers(1, 4))
    def ship_and_be_killed(self, effects: int) -> None:
        self.town.target.dies_at = effects
        self._ship("ann-1", lambda ports: ship(ports, None, 0.0, lambda hotfix: False))

    @rule()
    def roll_back(self) -> None:
        self._ship("ann-1", lambda ports: rollback(ports, None, "it is worse"))

    # -- good will: else hardly any life would come to its ship ------------------------------------

    @rule(missing=st.sampled_from((*law.GATES, "", "", "", "", "")), key=st.sampled_from(("ann-1", "ann-1", "eve-1")))
    def mend_and_ship(self, missing: str, key: str) -> None:
        """Somebody does what the gates ask for, in the order of life, all but one or all, then ships."""
        if self.law.live:
            self._pick_something_else()
        for known in ("ann-1", "bob-1", "cat-1", "dan-1", "eve-1"):
            self.town.trusted |= {known}
            self.town.revoked_keys -= {known}
        self._trunk()
        self._mend_all_but(missing, owner(key))
        self._ship_and_compare(key)

    @rule(gate=st.sampled_from(law.GATES))
    def mend(self, gate: str) -> None:
        if gate in self.law.shut("ann", self.now, sure=True):
            self._mend(gate)

    @rule(
        gate=gates,
        rules=st.sampled_from(("second person", "announce")),
        second=st.sampled_from(("dan-1", "dan-1", "eve-1", "ann-1", "cat-1", "")),
        by_hand=st.booleans(),
    )
    def override_and_ship(self, gate: str, rules: str, second: str, by_hand: bool) -> None:
        """All is mended but one gate, and that one is overridden as the rules want it, or nearly so."""
        self.change_policy({"override": rules, "notifier": True})
        if self.law.live:
            self._pick_something_else()
        self._mend_all_but(gate, "ann")
        self.ask_for_an_override(gate, "ann-1", by_hand)
        if self.law.overrides and second:
            self.confirm(second, 0, by_hand)
        self._ship_and_compare("ann-1")

    @precondition(lambda self: self.law.overrides)
    @rule(
        gone=st.sampled_from(("dan-1", "eve-1", "ann-1", "bob-1")),
        key=st.sampled_from(("eve-1", "dan-1", "cat-1", "ann-1")),
        rules=st.sampled_from(("second person", "second person", "announce")),
        said=st.sampled_from(("confirm", "confirm", "told", "nothing")),
    )
    def try_the_same_override_again(self, gone: str, key: str, rules: str, said: str) -> None:
        """One of its people left, another joins, the rules changed: what was used stays used."""
        if not self.law.overrides:
            return
        of = list(self.law.overrides)[-1]
        self.revoke(gone, True)
        self.change_policy({"override": rules, "notifier": True})
        if said == "confirm":
            self.confirm(key, 0, True)
        elif said == "told":
            self.somebody_says_that_everyone_was_told(-1, True)
        SEEN["the same override again"] += self.law.overrides[of].used_at is not None
        self._mend_all_but(self.law.overrides[of].gate, "ann")
        self._ship_and_compare("ann-1")

    def _life_goes_on(self, turn: int) -> None:
        """Whichever rules Hypothesis leaves out of this life, now and then somebody wants to get on with it."""
        gate = law.OVERRIDABLE[turn % 5]
        match turn % 4:
            case 0:
                self.mend_and_ship("", "ann-1")
            case 1:
                self.override_and_ship(gate, "second person", "dan-1", True)
            case 2:
                self.try_the_same_override_again(("dan-1", "ann-1", "eve-1")[turn % 3], "eve-1", "second person", "confirm")
            case _:
                self.override_and_ship(gate, "announce", "", False)

    def _mend_all_but(self, missing: str, requester: str) -> None:
        if self.town.target.serving["shop-1"] is None:
            self.somebody_deploys("v1")
        for gate in law.GATES:
            if gate != missing and gate in self.law.shut(requester, self.now, sure=True):
                self._mend(gate)

    def _pick_something_else(self) -> None:
        others = [fix for fix in FIXES if self.law.patch and fix != self.law.patch.fix]
        self.pick(others[self.pick_count % 2], "production", "ann", "bob", "", "plain", 5, True)

    def _mend(self, gate: str) -> None:
        pick = self.law.picks[-1]
        match gate:
            case "start":
                self.change_roles(("ann", "eve"), ("dan", "eve"))
                self.change_policy({"questions": 1})
            case "pick":
                self.pick(pick.patch.fix, pick.patch.environment, "ann", "bob", "", "plain", 5, True)
                if self.law.rules.builds:
                    self.build("a")
            case "scope" if pick.kind != "plain":
                self._pick_something_else()
            case "scope":
                self.measure()
                self.give_a_reason("wide")
            case "prove":
                self.prove(True, True, 0, "ann-1")
            case "review":
                for key in ("cat-1", "dan-1", "eve-1", "bob-1"):
                    if owner(key) not in pick.writers:
                        self.say(key, "approve", key)
            case "authorize":
                self.change_policy({"freeze": None})
                for key in ("dan-1", "eve-1"):
                    self.go(key, 12 * HOUR)
            case _:
                pass

    def teardown(self) -> None:
        SEEN["sequences"] += 1

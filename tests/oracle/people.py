"""What people do to a hotfix, and strangers with push rights: pick, prove, sign, override, forge."""

from typing import Any

import msgspec
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from hotfix.actions import judge as judging
from hotfix.actions import override as overriding
from hotfix.lifecycle import authorize, override, review
from hotfix.lifecycle.prove.gate import rule_digest
from hotfix.lifecycle.start import WAYS_OUT
from hotfix.policy import rules as policy
from hotfix.record import canonical, facts, parts
from oracle import law
from oracle.fakes import id_of
from oracle.law import HOUR, MINUTE, Patch
from oracle.town import KEYS, text_of
from oracle.watch import SEEN, Watched

WHY = "INC-4711: every cart is lost while nothing ships"
FIXES = ("fix-1", "fix-2", "fix-3")

keys = st.sampled_from(sorted(KEYS))
gates = st.sampled_from(law.OVERRIDABLE)
numbers = st.integers(0, 30)


class People(Watched):
    """Every one of them may do anything at any time."""

    # -- the fix ----------------------------------------------------------------------------------

    @initialize(mood=st.integers(0, 27))
    def start(self, mood: int) -> None:
        """The decision, and a first pick; `mood` is where in their habits its people begin."""
        self.mood = mood
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
        self,
        fix: str,
        environment: str,
        by: str,
        author: str,
        pair: str,
        kind: str,
        lines: int,
        measured: bool,
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
        patch = Patch(fix, base, environment, self.town.git.trees[base])
        known = [pick for pick in self.law.picks if (pick.patch.fix, pick.patch.files) == (fix, patch.files)]
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
            facts.Reasoned(at=self.town.at(), by=KEYS["ann-1"], patch=self.digest(patch), reasons=(reason,))
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
        newest = next(fact for fact in reversed(self.town.facts()) if isinstance(fact, facts.Picked))
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
        self.town.write(
            facts.LeftOut(
                at=self.town.at(),
                by=KEYS[by],
                patch=signed.digest,
                rule=rule_digest(policy.Test(repeats=repeats)),
                hunks=1,
                unproven=(),
                unasked=(),
                seconds=0.0,
            )
        )
        self.law.proof = (of.fix, of.files, good, repeats)

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

    @rule(
        key=st.sampled_from(("dan-1", "eve-1", "dan-1", "eve-1", *KEYS)),
        valid=st.sampled_from((HOUR, 12 * HOUR)),
    )
    def go(self, key: str, valid: float) -> None:
        self._tick()
        patch, until = self.law.picks[-1].patch, self.now + valid
        message = judging.authorize_statement(
            self.signed_patch(patch), patch.environment, text_of(self.now), text_of(until)
        )
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
            self._verb(
                lambda: overriding.ask(self.town.ports(key), None, gate, WHY, lambda it: it.environment),
                asked=law.Override(gate, key, patch, begun + 15 * MINUTE),
            )

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
            bent = {"signed": self.signed[other % len(self.signed)].signed, "by": KEYS["cat-1"]}
            if isinstance(fact, facts.OverrideConfirmed) and self.law.overrides:
                bent["override"] = list(self.law.overrides)[-1]
        known = {name: value for name, value in bent.items() if name in fact.__struct_fields__}
        SEEN["forged"] += 1
        self.town.write(msgspec.structs.replace(fact, **known))

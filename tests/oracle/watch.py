"""The product watched by the oracle: what it writes is heard, what it plans is judged, what it refuses is asked about."""

from collections import Counter
from typing import Any

from hypothesis.stateful import RuleBasedStateMachine, invariant

from hotfix.actions import judge as judging
from hotfix.actions.find import find
from hotfix.actions.read_rules import read_rules
from hotfix.actions.ship import ship
from hotfix.record import facts
from hotfix.record.any_fact import AnyFact
from hotfix.record.finding import Refused
from hotfix.record.patch import Patch as Signed
from oracle import law
from oracle.fakes import Killed, id_of
from oracle.law import MINUTE, Law, Patch
from oracle.town import KEYS, Town, owner

SEEN: Counter[str] = Counter()
"""How often what happened, over a whole run: a test that never ships shows nothing."""


class Watched(RuleBasedStateMachine):
    """One hotfix, from its start to whatever becomes of it."""

    def __init__(self) -> None:
        super().__init__()
        self.town = Town()
        self.law = Law()
        self.town.ledger.before = self._before
        self.town.ledger.after = self._after
        self.shipper = ""
        self.in_verb = False
        self.signed: list[Any] = []
        self.plans: list[facts.Planned] = []
        self.burnt = False
        self.plans_before = 0
        self.pick_count = 0
        self.steps = 0
        self.mood = 0
        self._trunk()

    # -- what the oracle hears, and when it is asked ----------------------------------------------

    def _before(self, written: tuple[AnyFact, ...]) -> None:
        """A plan is about to be put on record: at this very moment every gate must be open by today's rules."""
        for fact in written:
            if isinstance(fact, facts.Planned) and self.in_verb:
                shut = self.law.shut(self.shipper, self.now, sure=False)
                if fact.purpose == "rehearsal":
                    shut.pop("rehearse", None)
                assert shut == {}, f"planned a {fact.purpose} while shut: {shut}"
                assert fact.patch == self.digest(self.law.patch), "planned another patch than today's"
                assert not self.law.under_way, "planned over a ship that is under way"
                assert not self.burnt, "planned after a port had raised"

    def _after(self, written: tuple[AnyFact, ...]) -> None:
        for fact in written:
            match fact:
                case facts.Planned():
                    self.plans.append(fact)
                    self._tally(fact)
                    self.law.planned(self.now, rehearsal=fact.purpose == "rehearsal")
                case facts.RollbackRequested():
                    self.law.ships[fact.ship - 1].outcome = ""
                case facts.Returning():
                    turned = self.law.ships[fact.ship - 1]
                    turned.turned_at = self.now if turned.turned_at is None else turned.turned_at
                case facts.Returned():
                    self.law.ships[fact.ship - 1].back_at = self.now
                case facts.Ended():
                    outcome = "left" if "left in the middle" in fact.because else fact.outcome
                    SEEN[f"{self.plans[fact.ship - 1].purpose} {outcome}"] += 1
                    self.law.ended(fact.ship, outcome, self.now)
                case facts.Notified() if fact.event == "override" and fact.delivered:
                    if fact.about in self.law.overrides:
                        self.law.overrides[fact.about].told = True
                case _:
                    pass

    def _story(self) -> str:
        """What an oracle that disagrees goes by."""
        said = [f"  {one}" for one in (*self.law.picks[-1:], *self.law.overrides.values(), *self.law.ships)]
        return "\n".join(
            ["", f"  {self.law.rules}", f"  trusted: {sorted(self.law.trusted)}, now {self.now}", *said]
        )

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
        key = ("ann-1", "cat-1", "eve-1")[self.steps % 3]
        ports = self.town.ports(key)
        today = read_rules(ports)
        hotfix = find(ports.ledger.read(), "HF-1")
        answer = judging.judge(ports, hotfix, today.rules, today.signers, KEYS[key])
        opened = {gate.name for gate in answer.gates if gate.state == "open"}
        may = self.law.shut(owner(key), self.now, sure=False)
        must = self.law.shut(owner(key), self.now, sure=True)
        if self.law.under_way:
            # The ship that used an override goes on by it; whether it may is not asked here.
            return
        assert not opened & may.keys(), f"open, and must not be: {sorted(opened & may.keys())}{self._story()}"
        assert opened >= set(law.GATES) - must.keys(), (
            f"shut, and must be open: {sorted(set(law.GATES) - must.keys() - opened)}"
        )
        owed = set(must.values()) == {"owed"}
        assert answer.owed == owed or must != may, (
            f"the ship rehearses by itself: {answer.owed}, and must: {owed}"
        )

    # -- verbs ------------------------------------------------------------------------------------

    def _trunk(self) -> None:
        self.law.rules = self.town.rules
        self.law.trusted = {key: owner(key) for key in self.town.trusted - self.town.revoked_keys}
        self.town.publish()

    def _ship_and_compare(self, key: str) -> None:
        due = self._must_ship(key)
        plans = len([plan for plan in self.plans if plan.purpose == "hotfix"])
        said = self._ship(key, lambda ports: ship(ports, None, 0.0, lambda hotfix: False))
        shipped = len([plan for plan in self.plans if plan.purpose == "hotfix"]) > plans
        if due:
            SEEN["certainly due"] += 1
            assert shipped, f"every gate is open, and it was not planned: {said}"
        elif not shipped and not self.law.live:
            shut = self.law.shut(owner(key), self.now, sure=True)
            firm = [gate for gate, state in shut.items() if state != "owed"]
            if len(firm) == 1:
                SEEN[f"kept in port by {firm[0]} alone"] += 1

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
        self.burnt, self.plans_before = False, len(self.plans)
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
            self.town.fuse.calls, self.town.fuse.named = 0, ""
            self.town.target.dies_at = 0
            self.burnt = False
        return "done"

    def _burns(self) -> None:
        """Where it burns before anything was planned in this call, nothing may be planned after it."""
        SEEN["a port raised"] += 1
        self.burnt = len(self.plans) == self.plans_before

    def _verb(self, verb: Any, asked: law.Override | None = None) -> bool:
        """Run a verb of overrides; whatever of it came to be on record was really said."""
        before = self.town.ledger.after

        def heard(written: tuple[AnyFact, ...]) -> None:
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

    def _life_goes_on(self, turn: int) -> None:
        """What somebody does every now and then, whatever else happens."""

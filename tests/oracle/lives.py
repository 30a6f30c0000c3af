"""Whole lives: trunk changes its mind, clocks jump, units break; and now and then somebody wants to get on with it."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from hotfix.actions.rehearse import rehearse
from hotfix.actions.rollback import rollback
from hotfix.actions.ship import ship
from hotfix.record.finding import Refused
from oracle import law
from oracle.law import DAY, HOUR, MINUTE
from oracle.people import FIXES, People, gates, keys
from oracle.town import owner
from oracle.watch import SEEN


class Lives(People):
    """One hotfix, from its start to whatever becomes of it."""

    # -- trunk ------------------------------------------------------------------------------------

    @rule(key=keys, revoked=st.sampled_from((True, False, False)))
    def revoke(self, key: str, revoked: bool) -> None:
        self.town.revoked_keys = self.town.revoked_keys | {key} if revoked else self.town.revoked_keys - {key}
        self._trunk()

    @rule(key=keys, listed=st.sampled_from((True, True, False)))
    def list_a_signer(self, key: str, listed: bool) -> None:
        self.town.trusted = self.town.trusted | {key} if listed else self.town.trusted - {key}
        self._trunk()

    @rule(
        oncall=st.sampled_from(
            (("ann", "eve"), ("ann", "eve"), ("ann",), ("ann", "cat", "bob"), ("eve",), ())
        ),
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
        jump=st.sampled_from(
            (
                MINUTE,
                4 * MINUTE,
                16 * MINUTE,
                61 * MINUTE,
                13 * HOUR,
                25 * HOUR,
                -10 * MINUTE,
                -HOUR,
                -5 * HOUR,
            )
        )
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

    @rule(
        key=st.sampled_from(("ann-1", "cat-1")),
        calls=st.integers(1, 120),
        error=st.sampled_from((OSError, Refused)),
    )
    def ship_while_a_port_breaks(self, key: str, calls: int, error: type[Exception]) -> None:
        self.town.fuse.calls, self.town.fuse.error = calls, error
        self._ship(key, lambda ports: ship(ports, None, 0.0, lambda hotfix: False))

    @rule()
    def ship_while_nobody_can_verify(self) -> None:
        """Everything else is done; of no signature can it be told whose it is."""
        self._mend_all_but("review", "ann")
        self.town.fuse.named, self.town.fuse.error = "verify", Refused
        self._ship("ann-1", lambda ports: ship(ports, None, 0.0, lambda hotfix: False))

    @rule(
        cards=st.integers(1, 2), what=st.sampled_from(("reject", "revoke", "freeze", "peers", "push", "pick"))
    )
    def ship_while_others_act(self, cards: int, what: str) -> None:
        """All is done and the ship is being prepared; the very last moment is what counts."""
        if self.law.live:
            self._pick_something_else()
        self._mend_all_but("", "ann")
        self.town.cards.meanwhile = (cards, lambda: self._act(what))
        self._ship("ann-1", lambda ports: ship(ports, None, 0.0, lambda hotfix: False))
        SEEN["others acted in the last moment"] += self.town.cards.meanwhile is None
        self.town.cards.meanwhile = None

    def _act(self, what: str) -> None:
        match what:
            case "reject":
                self.say("cat-1", "reject", "cat-1")
            case "revoke":
                for key in ("dan-1", "eve-1"):
                    self.revoke(key, revoked=True)
            case "freeze":
                self.freeze(-HOUR, 2 * HOUR)
            case "peers":
                self.change_policy({"peers": 2, "two_hats": False})
            case "push":
                self.somebody_pushes_to_the_branch(moved=True)
            case _:
                self._pick_something_else()

    @rule(name=st.sampled_from(("has_remote", "origin", "find", "commit", "tips", "file_at", "observe")))
    def ship_while_a_port_named_breaks(self, name: str) -> None:
        """Every time that it is asked, and not once only."""
        self.town.fuse.named, self.town.fuse.error = name, Refused
        self._ship("ann-1", lambda ports: ship(ports, None, 0.0, lambda hotfix: False))

    @rule(effects=st.integers(1, 4))
    def ship_and_be_killed(self, effects: int) -> None:
        self.town.target.dies_at = effects
        self._ship("ann-1", lambda ports: ship(ports, None, 0.0, lambda hotfix: False))

    @rule()
    def roll_back(self) -> None:
        self._ship("ann-1", lambda ports: rollback(ports, None, "it is worse"))

    # -- good will: else hardly any life would come to its ship ------------------------------------

    @rule(
        missing=st.sampled_from((*law.GATES, "", "", "", "", "")),
        key=st.sampled_from(("ann-1", "ann-1", "eve-1")),
    )
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
        SEEN["a used override tried again"] += self.law.overrides[of].used_at is not None
        self._mend_all_but(self.law.overrides[of].gate, "ann")
        self._ship_and_compare("ann-1")

    def _life_goes_on(self, turn: int) -> None:
        """Whichever rules Hypothesis leaves out of this life, now and then somebody wants to get on with it."""
        gate = law.OVERRIDABLE[(turn + self.mood) % 5]
        match (turn + self.mood) % 28:
            case 0 | 1 | 2:
                self.mend_and_ship("", "ann-1")
            case 3 | 4:
                self.override_and_ship(gate, "second person", "dan-1", by_hand=True)
            case 5:
                gone = ("dan-1", "ann-1", "eve-1")[self.mood % 3]
                self.try_the_same_override_again(gone, "eve-1", "second person", "confirm")
            case 6:
                self.override_and_ship(gate, "announce", "", by_hand=False)
            case 7:
                self.mend_and_ship(gate, "ann-1")
            case 8:
                self.somebody_pushes_to_the_branch(moved=True)
                self.mend_and_ship("pick", "ann-1")
            case 9:
                self.pick("wide", "production", "ann", "bob", "", "plain", 60, measured=True)
                self.mend_and_ship("scope", "ann-1")
            case 10:
                self.change_policy({"questions": 2})
                self.mend_and_ship("start", "ann-1")
            case 11:
                self.say("cat-1", "approve", "cat-1")
                self.say("cat-1", "reject", "cat-1")
                self.forge(1, "copied", 0)
                self.mend_and_ship("review", "ann-1")
            case 12 | 13:
                self._ship_with(broken={("shop-1", "shop-2")[self.mood % 2]}, slow=False)
            case 14:
                self._ship_with(broken=set(), slow=True)
            case 15:
                self.say("mal-1", "approve", "cat-1")
                self.ship_while_nobody_can_verify()
            case 16:
                self.go("cat-1", HOUR)
                self.mend_and_ship("authorize", "ann-1")
            case 17:
                self._override_slowly("ann-1", 16 * MINUTE)
            case 18:
                self._override_slowly("cat-1", MINUTE)
            case 19:
                self._override_with_a_debt()
            case 20:
                self.change_policy({"restart": f"restart {turn}"})
            case 21:
                self.mend_and_ship("", "ann-1")
                self.change_policy({"rehearsal_valid": 2 * HOUR})
                self.the_clock_jumps(5 * HOUR)
            case 22:
                self.mend_and_ship("", "eve-1")
            case 25 | 26:
                self.ship_while_others_act(
                    1 + self.mood % 2, ("reject", "revoke", "freeze", "peers", "push", "pick")[turn % 6]
                )
            case 23:
                self.override_and_ship(gate, "second person", "ann-1", by_hand=True)
            case 24:
                self.go("dan-1", 12 * HOUR)
                self.change_policy({"valid": HOUR})
                self.the_clock_jumps(61 * MINUTE)
                self.mend_and_ship("authorize", "ann-1")
            case _:
                self.freeze(-HOUR, 2 * HOUR)
                self.mend_and_ship("authorize", "ann-1")

    def _override_slowly(self, asker: str, later: float) -> None:
        """Asked for, confirmed, and then nobody hurries."""
        self.change_policy({"override": "second person"})
        if self.law.live:
            self._pick_something_else()
        self._mend_all_but("prove", "ann")
        self.ask_for_an_override("prove", asker, by_hand=True)
        self.confirm("dan-1", 0, by_hand=True)
        self.the_clock_jumps(later)
        self._ship_and_compare("ann-1")

    def _override_with_a_debt(self) -> None:
        """Nobody has looked back at the last one, and none of these two is a senior."""
        self.override_and_ship("prove", "second person", "dan-1", by_hand=True)
        self.the_clock_jumps(25 * HOUR)
        self.change_roles(("ann", "cat"), ("dan", "eve"))
        self.override_and_ship("review", "second person", "cat-1", by_hand=True)

    def _ship_with(self, broken: set[str], slow: bool) -> None:
        """A patch that nobody has rehearsed, and units in trouble."""
        self._pick_something_else()
        self.town.target.broken, self.town.target.slow = broken, slow
        self.mend_and_ship("", "ann-1")
        self.town.target.broken, self.town.target.slow = set(), False

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

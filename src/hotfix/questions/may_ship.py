"""May this ship, now, by today's rules?"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from hotfix.lifecycle import authorize, override, rehearse, review, scope, start
from hotfix.lifecycle.gate import Gate
from hotfix.lifecycle.pick import gate as pick
from hotfix.lifecycle.prove import gate as prove
from hotfix.policy.rules import Rules
from hotfix.questions.overridden import applied
from hotfix.record.finding import Finding
from hotfix.record.hotfix import Hotfix


class Answer(msgspec.Struct, frozen=True):
    """Every gate, in the order of life."""

    gates: tuple[Gate, ...]

    @property
    def blocking(self) -> tuple[Gate, ...]:
        """Gates that keep the ship in port."""
        return tuple(gate for gate in self.gates if gate.state != "open")

    @property
    def may_ship(self) -> bool:
        """Whether nothing blocks."""
        return not self.blocking

    @property
    def owed(self) -> bool:
        """Whether nothing blocks but a rehearsal that the ship makes by itself."""
        return bool(self.blocking) and all(gate.state == "owed" for gate in self.blocking)

    @property
    def closed(self) -> tuple[Gate, ...]:
        """Gates that no waiting opens."""
        return tuple(gate for gate in self.gates if gate.state == "closed")

    @property
    def waived(self) -> tuple[str, ...]:
        """Disciplines that were not applied, in the words shown everywhere."""
        words = [word for gate in self.gates for word in gate.waived.split(" · ") if word]
        return tuple(dict.fromkeys(words))

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything that blocks."""
        return tuple(finding for gate in self.blocking for finding in gate.findings)


def may_ship(
    hotfix: Hotfix,
    rules: Rules,
    votes: Sequence[review.Vote],
    goes: Sequence[authorize.Go],
    requester: str,
    now: datetime,
    seen: pick.Seen,
    overrides: Sequence[override.Word] = (),
) -> Answer:
    """Every gate judged.

    `votes` and `goes` carry what signatures verify *today*; `requester` ships, or would; `seen` is what
    this clone's objects and refs say of the newest pick. A gate that is shut reads open where one of
    `overrides` is in effect, and says so.
    """
    peers = review.peers(hotfix, votes, requester)
    contributors = review.contributors(hotfix, "")
    gates = (
        start.gate(hotfix, rules),
        pick.gate(hotfix, rules, seen),
        scope.gate(hotfix, rules),
        prove.gate(hotfix, rules),
        review.gate(hotfix, rules, votes, requester),
        rehearse.gate(hotfix, rules, now),
        authorize.gate(hotfix, rules, goes, now, peers=peers, contributors=contributors),
    )
    of_hotfix = override.standings(hotfix, rules, overrides, now)
    return Answer(tuple(applied(gate, hotfix, rules, of_hotfix) for gate in gates))

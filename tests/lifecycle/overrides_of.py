"""Overrides as the record and today's list of signers have them, every field filled in."""

from hotfix.lifecycle import override
from hotfix.lifecycle.override import Word, Yes
from hotfix.record import canonical, facts
from hotfix.record.any_fact import AnyFact
from hotfix.record.hotfix import Hotfix
from lifecycle.facts_of import ANN, PATCH, at, hotfix, picked, proved, scoped, started, with_

RECORD = PATCH.repository
WHY = "INC-4711: every cart is lost while nothing ships"


def asked(by: str = ANN, gate: str = "prove", *, seconds: float = 150, **changes: object) -> facts.Overridden:
    """What `by` asked for at `seconds`, with the id that its words have."""
    fact = facts.Overridden(
        at=at(seconds),
        by=by,
        override="",
        gate=gate,
        patch=PATCH.digest,
        environment="production",
        because=WHY,
        policy="second person",
        expires_at=at(seconds + 900),
        signed=facts.Signed(override.NAMESPACE, {}, f"signature of {by}", "SHA256:one"),
    )
    fact = with_(fact, **changes)
    return with_(fact, override=canonical.sha256(override.statement("HF-7", RECORD, fact)))


def confirmed(of: facts.Overridden, by: str, *, seconds: float = 160) -> facts.OverrideConfirmed:
    signed = facts.Signed(override.NAMESPACE, {}, f"signature of {by}", "SHA256:two")
    return facts.OverrideConfirmed(at=at(seconds), by=by, override=of.override, signed=signed)


def reviewed(of: facts.Overridden, by: str, *, seconds: float = 5000) -> facts.OverrideReviewed:
    signed = facts.Signed(override.NAMESPACE, {}, f"signature of {by}", "SHA256:three")
    return facts.OverrideReviewed(
        at=at(seconds), by=by, override=of.override, because="it was right", signed=signed
    )


def told(of: facts.Overridden, *, delivered: bool = True, seconds: float = 155) -> facts.Notified:
    return facts.Notified(
        at=at(seconds), by=of.by, event="override", delivered=delivered, said="", about=of.override
    )


def words(state: Hotfix, *, strangers: tuple[str, ...] = (), overdue: str = "") -> tuple[Word, ...]:
    """What the signatures say today: everybody is who they say, save `strangers`, who are nobody."""

    def who(fact: AnyFact) -> str:
        return "" if fact.by in strangers else fact.by

    return tuple(
        Word(
            one,
            who(one),
            "" if who(one) else "the key is not on trunk's list of signers",
            tuple(
                Yes(fact, who(fact))
                for fact in state.facts
                if isinstance(fact, facts.OverrideConfirmed) and fact.override == one.override
            ),
            tuple(
                Yes(fact, who(fact))
                for fact in state.facts
                if isinstance(fact, facts.OverrideReviewed) and fact.override == one.override
            ),
            overdue,
        )
        for one in state.facts
        if isinstance(one, facts.Overridden)
    )


def after(*more: AnyFact) -> Hotfix:
    """A hotfix that is ready but for its proof, and then these facts."""
    return hotfix(started(), picked(), scoped(), proved(verdict="NOT_RED"), *more)

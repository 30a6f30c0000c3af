"""What one hotfix's facts add up to, stage by stage: small frozen records, each with its own `apply`.

Evidence is kept with the patch that it speaks of, so that a gate can ask "does it name *today's* patch?".
"""

import msgspec

from hotfix.record.any_fact import AnyFact
from hotfix.record.facts import (
    Authorized,
    Built,
    Closed,
    Landed,
    LeaseTaken,
    LeftOut,
    Notified,
    Overridden,
    OverrideConfirmed,
    OverrideReviewed,
    Picked,
    Planned,
    PostmortemWritten,
    Proved,
    Reasoned,
    Reviewed,
    RulesRead,
    Scoped,
    Started,
)
from hotfix.record.parts import Reason


class Start(msgspec.Struct, frozen=True):
    """What was decided, and by whose rules."""

    fact: Started | None = None
    rules: RulesRead | None = None

    def apply(self, fact: AnyFact) -> "Start":
        """This stage with one more fact."""
        match fact:
            case Started():
                return msgspec.structs.replace(self, fact=fact)
            case RulesRead():
                return msgspec.structs.replace(self, rules=fact)
            case _:
                return self


class Pick(msgspec.Struct, frozen=True):
    """The newest pick. A new pick is a new patch; what was said of the old one no longer counts."""

    fact: Picked | None = None
    history: tuple[Picked, ...] = ()
    built: Built | None = None

    def apply(self, fact: AnyFact) -> "Pick":
        """This stage with one more fact."""
        match fact:
            case Picked():
                same = self.built is not None and self.built.patch == fact.patch.digest
                return Pick(fact, (*self.history, fact), self.built if same else None)
            case Built() if self.fact is not None and fact.patch == self.fact.patch.digest:
                return msgspec.structs.replace(self, built=self.built or fact)
            case _:
                return self


class Scope(msgspec.Struct, frozen=True):
    """The newest count, and the reasons given for each patch."""

    fact: Scoped | None = None
    reasons: tuple[tuple[str, Reason], ...] = ()

    def apply(self, fact: AnyFact) -> "Scope":
        """This stage with one more fact."""
        match fact:
            case Scoped():
                return msgspec.structs.replace(self, fact=fact)
            case Reasoned():
                added = tuple((fact.patch, reason) for reason in fact.reasons)
                return msgspec.structs.replace(self, reasons=self.reasons + added)
            case _:
                return self

    def reasons_for(self, patch: str) -> dict[str, str]:
        """The reasons given for `patch`, by finding code; the newest wins."""
        return {reason.code: reason.because for given_for, reason in self.reasons if given_for == patch}


class Prove(msgspec.Struct, frozen=True):
    """The newest proof, and what leaving out its hunks showed after it."""

    fact: Proved | None = None
    left_out: LeftOut | None = None

    def apply(self, fact: AnyFact) -> "Prove":
        """This stage with one more fact."""
        match fact:
            case Proved():
                return Prove(fact)
            case LeftOut() if self.fact is not None and fact.patch == self.fact.patch:
                return Prove(self.fact, fact)
            case _:
                return self


class Review(msgspec.Struct, frozen=True):
    """Every review, in order; the gate decides which count today."""

    facts: tuple[Reviewed, ...] = ()

    def apply(self, fact: AnyFact) -> "Review":
        """This stage with one more fact."""
        return Review((*self.facts, fact)) if isinstance(fact, Reviewed) else self


class Authorize(msgspec.Struct, frozen=True):
    """Every authorization, in order."""

    facts: tuple[Authorized, ...] = ()

    def apply(self, fact: AnyFact) -> "Authorize":
        """This stage with one more fact."""
        return Authorize((*self.facts, fact)) if isinstance(fact, Authorized) else self


OfOverrides = Overridden | OverrideConfirmed | OverrideReviewed | Notified | LeaseTaken | Planned


class Overrides(msgspec.Struct, frozen=True):
    """What was asked, confirmed, told, used and reviewed, in the order of the record, which no clock can change."""

    facts: tuple[OfOverrides, ...] = ()

    def apply(self, fact: AnyFact) -> "Overrides":
        """This stage with one more fact. Nothing before the first override is of any use to one."""
        if isinstance(fact, Overridden) or (self.facts and isinstance(fact, OfOverrides)):
            return Overrides((*self.facts, fact))
        return self

    @property
    def asked(self) -> tuple[Overridden, ...]:
        """Every override that was asked for, whoever asked."""
        return tuple(fact for fact in self.facts if isinstance(fact, Overridden))


class After(msgspec.Struct, frozen=True):
    """What is owed once production is well: landed, learned, closed."""

    landed: Landed | None = None
    postmortem: PostmortemWritten | None = None
    closed: Closed | None = None

    def apply(self, fact: AnyFact) -> "After":
        """This stage with one more fact."""
        match fact:
            case Landed():
                return msgspec.structs.replace(self, landed=fact)
            case PostmortemWritten():
                return msgspec.structs.replace(self, postmortem=fact)
            case Closed():
                return msgspec.structs.replace(self, closed=fact)
            case _:
                return self

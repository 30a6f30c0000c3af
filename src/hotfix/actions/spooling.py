"""A record that cannot be written does not hold a way back up: its facts are spooled beside the rollback card.

Only a rollback goes by this ledger. A ship needs its intents on record before it touches anything.
"""

from collections.abc import Callable, Iterable, Sequence

import msgspec

from hotfix.policy.rules import to_plain
from hotfix.ports import Append, Book, CommitSignature, Ledger, Verification
from hotfix.ports.cards import Card, Cards, Spooled
from hotfix.record.any_fact import AnyFact
from hotfix.record.chain import Entry
from hotfix.record.facts import Activating, RulesRead
from hotfix.record.finding import Refused, refused
from hotfix.record.hotfix import Hotfix, fold

_NEVER_READ = Book("", (), 0)
_decode = msgspec.json.Decoder(Spooled).decode


class SpoolingLedger:
    """The record and what is spooled for one ship, as one ledger.

    From the first append that fails, everything this process has to say is spooled, so that it stays in order.
    """

    def __init__(self, inner: Ledger, cards: Cards, card: Card, narrate: Callable[[str], None]) -> None:
        self._inner = inner
        self._cards = cards
        self._card = card
        self._narrate = narrate
        self._known: list[Spooled] = []
        self._unsaved: list[Spooled] = []
        self._last = _NEVER_READ
        self._spooling = False
        self._place = ""
        self._told: set[str] = set()
        book = self._record()
        self._learn()
        if not_yet_on_record(book.entries, self._known):
            self._begin("what an earlier rollback spooled is not on it yet")

    # -- reading --

    def origin(self) -> str:
        """See the port."""
        try:
            return self._inner.origin()
        except (Refused, OSError):
            return self._card.origin

    def read(self) -> Book:
        """The record, and behind it what is spooled. Where there is no record to read, the card stands in for it."""
        return self._with_spooled(self._record())

    def _record(self) -> Book:
        """The record as it is, or as it was when it could last be read."""
        try:
            self._last = self._inner.read()
        except (Refused, OSError) as error:
            self._tell(f"the record cannot be read, the way back goes by the rollback card: {error}")
        return self._last

    def _with_spooled(self, book: Book) -> Book:
        self._learn()
        entries = list(book.entries)
        if not self._has_plan(book):
            entries += _as_entries(self._card, book.next_seq)
        for line in not_yet_on_record(book.entries, self._known):
            entries.append(Entry(entries[-1].seq + 1, "", line.hotfix, line.fact))
        if len(entries) == len(book.entries):
            return book
        return Book(book.head, tuple(entries), max(book.anchored, 0))

    def _has_plan(self, book: Book) -> bool:
        return any(entry.fact == self._card.plan for entry in book.entries)

    def _learn(self) -> None:
        """What other processes spooled for this ship. What was known stays so, whatever becomes of the files."""
        for spool in self._cards.spooled(self._card.origin, self._card.roots):
            if spool.name != self._card.name:
                continue
            for raw in spool.lines:
                try:
                    line = _decode(raw)
                except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
                    self._tell(f"{', '.join(spool.files)} holds a line that cannot be read: {error}")
                    continue
                if line not in self._known:
                    self._known.append(line)
        self._known.sort(key=lambda line: line.n)

    def evidence(self, hotfix: str, name: str) -> bytes | None:
        """See the port."""
        return self._inner.evidence(hotfix, name)

    def verify(self) -> Verification:
        """See the port: of the record alone."""
        return self._inner.verify()

    def signature_of(self, seq: int) -> CommitSignature | None:
        """See the port: of the record alone."""
        return self._inner.signature_of(seq)

    def signatures(self) -> Iterable[CommitSignature]:
        """See the port: of the record alone."""
        return self._inner.signatures()

    # -- the remote --

    def refresh(self, *, within: float = 60.0) -> str:
        """See the port; whatever is wrong with record or remote is a reason, and never raised."""
        if self._spooling:
            return self._where()
        try:
            return self._inner.refresh(within=within)
        except (Refused, OSError) as error:
            return str(error)

    def push(self, *, within: float = 60.0) -> str:
        """See the port; whatever is wrong with record or remote is a reason, and never raised."""
        if self._spooling:
            return self._where()
        try:
            return self._inner.push(within=within)
        except (Refused, OSError) as error:
            return str(error)

    def _where(self) -> str:
        if self._unsaved:
            return "the record cannot be written, and neither can any spool"
        return f"the record cannot be written; it is spooled in {self._place}"

    # -- writing --

    def append(self, decide: Callable[[Book], Append], *, anchor: bool) -> Book:
        """See the port. Where the record does not take the facts they are spooled, and `anchor` is not heeded.

        What `decide` itself raises is passed on.
        """
        if self._spooling:
            return self._spool(decide, self._record())
        raised: list[Refused | OSError] = []

        def ask(book: Book) -> Append:
            self._last = book
            if not self._has_plan(book):
                raise refused(
                    "record-no-plan", f"The record here has no plan of ship {self._card.plan.ship}."
                )
            try:
                return decide(self._with_spooled(book))
            except (Refused, OSError) as error:
                raised.append(error)
                raise

        try:
            self._last = self._inner.append(ask, anchor=anchor)
            return self._with_spooled(self._last)
        except (Refused, OSError) as error:
            if any(error is own for own in raised):
                raise
            self._begin(_with_cure(error))
        # Seen before the attempt: should the append have gone through after all, its facts are told from new ones.
        return self._spool(decide, self._last)

    def _begin(self, why: str) -> None:
        self._spooling = True
        self._tell(f"the record cannot be written, the way back goes on and is spooled beside it: {why}")

    def _spool(self, decide: Callable[[Book], Append], seen: Book) -> Book:
        draft = decide(self.read())
        if draft.evidence or draft.hotfix != self._card.hotfix:
            raise AssertionError(f"only facts of {self._card.hotfix} can be spooled")
        for fact in draft.facts:
            line = {
                "n": self._known[-1].n + 1 if self._known else 1,
                "head": seen.head,
                "seq": seen.next_seq - 1,
                "hotfix": draft.hotfix,
                "fact": fact,
            }
            # As it will be read again, and not as it was given: the two must compare.
            self._known.append(_decode(msgspec.json.encode(line)))
            self._unsaved.append(self._known[-1])
        self._save()
        return self.read()

    def _save(self) -> None:
        """Give the spool what it has not got yet, oldest first."""
        while self._unsaved:
            try:
                self._place = self._cards.spool(self._card, msgspec.json.encode(self._unsaved[0]))
            except (Refused, OSError) as error:
                return self._tell_loss(error)
            del self._unsaved[0]
        return None

    def _tell_loss(self, error: Refused | OSError) -> None:
        self._tell(
            "NOTHING TAKES THE TRACE OF THIS WAY BACK: neither the record nor a spool can be written. It goes on all "
            f"the same, and what is printed here is all that will tell of it. KEEP IT. ({error})"
        )
        for line in self._unsaved:
            self._tell(f"in no file: {msgspec.json.encode(line).decode()}")

    def _tell(self, text: str) -> None:
        if text not in self._told:
            self._told.add(text)
            self._narrate(text)


def _with_cure(error: Refused | OSError) -> str:
    """What went wrong and what helps, for somebody who is not stopped by it and so is not told it again."""
    cures = [finding.next for finding in error.findings if finding.next] if isinstance(error, Refused) else []
    return " → ".join((str(error), *cures))


def as_hotfix(card: Card) -> Hotfix:
    """All that is known of a hotfix where only the card of its ship is."""
    return fold(card.hotfix, [entry.fact for entry in _as_entries(card, 1)])


def not_yet_on_record(entries: Iterable[Entry], lines: Sequence[Spooled]) -> list[Spooled]:
    """The lines whose facts the record lacks.

    One may have got there all the same: with a process that died between the append and the end of its spool, or
    with an append that said it had failed.
    """
    since = min((line.seq for line in lines), default=0)
    later = [entry for entry in entries if entry.seq > since] if lines else []
    lacking = []
    for line in lines:
        for at, entry in enumerate(later):
            if entry.seq > line.seq and entry.hotfix == line.hotfix and entry.fact == line.fact:
                del later[at]
                break
        else:
            lacking.append(line)
    return lacking


def _as_entries(card: Card, seq: int) -> list[Entry]:
    """The card in the words of the record. How far its ship went nobody can tell here: each unit may have been changed."""
    rules = RulesRead(
        at=card.plan.at,
        by=card.plan.by,
        trunk=card.rules.trunk,
        commit="",
        policy="",
        signers="",
        rules=to_plain(card.rules),
    )
    units = tuple(unit.unit for unit in card.plan.units)
    begun = Activating(at=card.plan.at, by=card.plan.by, ship=card.plan.ship, wave=1, units=units)
    facts: tuple[AnyFact, ...] = (rules, card.plan, begun)
    return [Entry(seq + n, "", card.hotfix, fact) for n, fact in enumerate(facts)]

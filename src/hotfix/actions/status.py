"""``hotfix status``: where every hotfix stands. Reads the record and judges by the rules on record; changes nothing."""

from collections.abc import Sequence

import msgspec

from hotfix.actions.find import find
from hotfix.actions.judge import judge, overrides, reviews_owed
from hotfix.actions.places import RESOLVING, STATE
from hotfix.actions.shelf import Extent, is_closed, open_ones, owed_by
from hotfix.lifecycle import override
from hotfix.lifecycle.action import Standing, State, standing
from hotfix.lifecycle.gate import Gate
from hotfix.policy.path_kind import POLICY_FILE
from hotfix.policy.rules import Rules, from_plain
from hotfix.ports import Ports, Signers
from hotfix.ports.cards import roots_of
from hotfix.questions.by_hand import Unit, by_hand
from hotfix.questions.clocks import Clocks, clocks
from hotfix.questions.looked_back import Owed
from hotfix.questions.next_command import next_command
from hotfix.record import moment
from hotfix.record.actions import Action
from hotfix.record.finding import Refused
from hotfix.record.hotfix import Hotfix, fold_all
from hotfix.record.page import headline
from hotfix.record.parts import UnitState
from hotfix.record.words import count


class One(msgspec.Struct, frozen=True):
    """One hotfix, as it stands."""

    hotfix: str
    title: str
    headline: str
    severity: str
    environment: str
    release: str
    base_release: str
    gates: tuple[Gate, ...]
    waived: tuple[str, ...]
    units: tuple[UnitState, ...]
    by_hand: tuple[Unit, ...]
    """Where a ship halted: of each unit what is known, and what to do."""
    clocks: Clocks
    notes: tuple[str, ...]
    next: str


class Status(msgspec.Struct, frozen=True):
    """Everything that is open, or the one that was asked for."""

    hotfixes: tuple[One, ...]
    entries: int
    anchored: int
    """The highest seq that the remote is known to have; -1 without a remote."""
    overdue: tuple[Standing, ...] = ()
    """Actions past their day; of closed hotfixes too, unless one was asked for."""


def status(ports: Ports, id: str | None, *, everything: bool) -> Status:
    """The record as this clone has it: works with the remote gone."""
    look = open_ones(ports) if id is None and not everything else None
    if look is not None:
        return _status(ports, look.hotfixes, look.extent, look.owed)
    book = ports.ledger.read()
    extent = Extent(book.next_seq - 1, book.anchored)
    if id is not None:
        one = find(book, id)
        return _status(ports, [one], extent, [(id, item) for item in owed_by(one)])
    every = list(fold_all(book.entries).values())
    chosen = [one for one in every if everything or not is_closed(one)]
    return _status(ports, chosen, extent, [(one.id, item) for one in every for item in owed_by(one)])


def _status(
    ports: Ports, chosen: Sequence[Hotfix], extent: Extent, owed: Sequence[tuple[str, Action]]
) -> Status:
    today = moment.to_text(ports.clock.now())[:10]
    standings = [standing(id, item, today) for id, item in owed]
    return Status(
        tuple(_one(ports, extent, hotfix) for hotfix in chosen),
        extent.entries,
        extent.anchored,
        tuple(sorted((one for one in standings if one.state is State.OVERDUE), key=lambda one: one.due)),
    )


def _one(ports: Ports, extent: Extent, hotfix: Hotfix) -> One:
    started, picked, ship = hotfix.start.fact, hotfix.pick.fact, hotfix.ship
    under_way = hotfix.to_take_back
    rules = from_plain(hotfix.start.rules.rules) if hotfix.start.rules else None
    signers, notes = _signers(ports, hotfix, rules)
    gates: tuple[Gate, ...] = ()
    waived: tuple[str, ...] = ship.plan.waived if ship else ()
    if rules is not None and hotfix.after.closed is None and not hotfix.is_live:
        answer = judge(ports, hotfix, rules, signers, "")
        gates, waived = answer.gates, answer.waived
    owed = reviews_owed(ports, hotfix, rules, signers) if rules else ()
    notes = (*notes, *(_overrides(ports, hotfix, rules, signers, owed) if rules else ()))
    if hotfix.open_ship and extent.anchored != -1:
        newest = hotfix.facts[-1].at[:19]
        notes = (
            *notes,
            f"as of {newest}Z, the newest that this clone knows: hotfix status --watch follows the ship",
        )
    if extent.is_ahead:
        notes = (*notes, f"not anchored: facts after seq {extent.anchored} are not on the remote yet")
    spooled, waits = _spooled(ports, hotfix, rules), _waits(ports, hotfix)
    notes = (*spooled, *waits, *notes)
    return One(
        hotfix=hotfix.id,
        title=started.title if started else "",
        headline=headline(hotfix),
        severity=started.severity if started else "",
        environment=started.environment if started else "",
        release=picked.release if picked else "",
        base_release=picked.base_release if picked else "",
        gates=gates,
        waived=waived,
        units=tuple(under_way.states.values()) if under_way else (),
        by_hand=by_hand(hotfix),
        clocks=clocks(hotfix),
        notes=notes,
        next="hotfix status --fetch" if spooled else next_command(hotfix, gates, owed),
    )


def _waits(ports: Ports, hotfix: Hotfix) -> tuple[str, ...]:
    """A conflict that was laid out in this clone; where nothing can be written, nothing was."""
    try:
        there = (ports.git.state_dir() / RESOLVING / hotfix.id / STATE).exists()
    except OSError:
        return ()
    go_on = f"hotfix pick --continue --hotfix {hotfix.id}, or --abort"
    return (f"a conflict waits for somebody to resolve it, in this clone: {go_on}",) if there else ()


def _spooled(ports: Ports, hotfix: Hotfix, rules: Rules | None) -> tuple[str, ...]:
    """What a way back could not put on the record: until it is there, the record says less than is known."""
    try:
        spools = ports.cards.spooled(ports.ledger.origin(), roots_of(rules) if rules else ())
    except Refused as error:
        return (str(error),)
    return tuple(
        f"A WAY BACK OF SHIP {spool.ship} IS NOT IN THIS YET: {count(len(spool.lines), 'fact')} of it wait in "
        f"{', '.join(spool.files)}"
        for spool in spools
        if spool.hotfix == hotfix.id
    )


def _overrides(
    ports: Ports, hotfix: Hotfix, rules: Rules, signers: Signers, owed: tuple[Owed, ...]
) -> tuple[str, ...]:
    """What became of every override, who owes a look back, and of which nobody was told."""
    words = overrides(ports, hotfix, rules, signers)
    every = override.standings(hotfix, rules, words, ports.clock.now())
    said = [override.in_words(one) for one in every]
    said += [
        f"NOBODY WAS TOLD of the override of {one.fact.gate}: mend the policy's `notify`; the next hotfix override "
        "tells them"
        for one in every
        if override.is_untold(hotfix, rules, one)
    ]
    late = {True: "REVIEW OVERDUE", False: "review owed"}
    return (
        *said,
        *(
            f"{late[debt.overdue]}: somebody other than {' and '.join(debt.people)} has to look back at the override "
            f"of {debt.gate} by {debt.due}"
            for debt in owed
        ),
    )


def _signers(ports: Ports, hotfix: Hotfix, rules: Rules | None) -> tuple[Signers, tuple[str, ...]]:
    """Today's list of signers, and what is to be said where trunk's rules moved on since they were recorded."""
    if rules is None or hotfix.start.rules is None:
        return Signers(b""), ()
    try:
        trunk = ports.git.trunk(rules.trunk)
    except Refused as error:
        return Signers(b""), (f"trunk cannot be read, so no signature counts here: {error}",)
    signers = Signers(
        ports.git.file_at(trunk.commit, rules.signers) or b"",
        ports.git.file_at(trunk.commit, rules.revoked) or b"",
    )
    if ports.git.blob_at(trunk.commit, POLICY_FILE) != hotfix.start.rules.policy:
        return signers, (
            "the policy on trunk changed since these gates were judged; the next command judges anew",
        )
    return signers, ()

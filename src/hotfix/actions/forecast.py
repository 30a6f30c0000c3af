"""``hotfix forecast``: will this fix go onto that release line, before anything is created."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from hotfix.lifecycle.pick import outlook
from hotfix.lifecycle.pick.outlook import Outlook, Size
from hotfix.policy.rules import Rules
from hotfix.ports import Change, Clock
from hotfix.ports.picking import Attempt, Line, Picking, Tried
from hotfix.record.finding import Refused


class Asked(msgspec.Struct, frozen=True):
    """One question: which fixes, in order, onto which line."""

    fixes: tuple[str, ...]
    line: Line


class Pair(msgspec.Struct, frozen=True):
    """One question as somebody typed it."""

    sha: str
    onto: str
    wrong: str = ""
    """Why it is no question."""


def forecast(
    picking: Picking, clock: Clock, asked: Sequence[Asked], rules: Rules, *, sized: bool = True
) -> tuple[Outlook, ...]:
    """The outlook of each, in one batch; `sized` with the lines of what is clean."""
    started = clock.now()
    attempts = [Attempt(one.fixes, one.line.commit) for one in asked]
    tried = picking.attempt(attempts)
    clean = [number for number, one in enumerate(tried) if one.clean]
    results = [(attempts[number], tried[number].trees[-1]) for number in clean]
    strays = dict(zip(clean, picking.strays(results), strict=True))
    trees = [(attempt.onto, tree) for attempt, tree in results] if sized else []
    sizes = dict(zip(clean, sizes_of(picking, trees), strict=False))
    share = (clock.now() - started).total_seconds() * 1000 / max(len(asked), 1)
    return tuple(
        _outlook(one, tried[number], strays.get(number, ()), sizes.get(number), share, rules)
        for number, one in enumerate(asked)
    )


def size_of(picking: Picking, onto: str, tree: str) -> Size | None:
    """How much `tree` changes the commit `onto`; None where the lines are not in this clone."""
    return sizes_of(picking, [(onto, tree)])[0]


def sizes_of(picking: Picking, results: Sequence[tuple[str, str]]) -> list[Size | None]:
    """The same for many (commit, tree)."""
    bases = picking.commits([onto for onto, _ in results])
    trees = [(base.tree if base else onto, tree) for base, (onto, tree) in zip(bases, results, strict=True)]
    return [None if changes is None else _size(changes) for changes in picking.changes(trees)]


def _size(changes: Sequence[Change]) -> Size:
    added, removed = sum(change.added for change in changes), sum(change.removed for change in changes)
    return Size(len(changes), added, removed)


def _outlook(
    asked: Asked, tried: Tried, strays: tuple[str, ...], size: Size | None, ms: float, rules: Rules
) -> Outlook:
    if tried.clean:
        outcome, stopped = outlook.CLEAN, ""
    else:
        stopped = asked.fixes[len(tried.trees)]
        outcome = outlook.UNKNOWN if tried.unreadable else outlook.EMPTY if tried.empty else outlook.CONFLICT
    return Outlook(
        sha=asked.fixes[-1],
        onto=asked.line.commit,
        outcome=outcome,
        tree=tried.trees[-1] if tried.clean else "",
        conflicts=outlook.conflicts_at([(clash.path, clash.kind) for clash in tried.clashes], rules),
        stray=strays,
        ms=round(ms, 3),
        line=asked.line.name,
        fixes=asked.fixes,
        stopped_at=stopped,
        why=tried.unreadable,
        size=size,
    )


def stream(
    picking: Picking, clock: Clock, batches: Iterable[Sequence[Pair]], rules: Rules, *, sized: bool
) -> Iterator[Outlook]:
    """The outlook of each pair, batch by batch, in the order they came. What cannot be told is told as unknown."""
    names: dict[str, tuple[str, ...] | str] = {}
    for batch in batches:
        _resolve(picking, batch, names)
        asked = [_asked(pair, names) for pair in batch]
        understood = [one for one in asked if isinstance(one, Asked)]
        answers = iter(forecast(picking, clock, understood, rules, sized=sized))
        for pair, one in zip(batch, asked, strict=True):
            yield (
                next(answers)
                if isinstance(one, Asked)
                else Outlook(sha=pair.sha, onto=pair.onto, outcome=outlook.UNKNOWN, line=pair.onto, why=one)
            )
        picking.forget()
        if len(names) > _MOST_NAMES:
            names.clear()


_MOST_NAMES = 100_000


def _resolve(picking: Picking, batch: Sequence[Pair], names: dict[str, tuple[str, ...] | str]) -> None:
    """What each new name means, or why it means nothing. Full ids are looked up together."""
    said = (name for pair in batch if not pair.wrong for name in (pair.sha, pair.onto))
    new = dict.fromkeys(name for name in said if name not in names)
    ids = [name for name in new if picking.is_plain_id(name)]
    for id, commit in zip(ids, picking.commits(ids), strict=True):
        if commit:
            names[id] = (id,)
    for name in new:
        if name not in names:
            try:
                names[name] = picking.commits_in(name)
            except Refused as refused:
                names[name] = refused.findings[0].sentence


def _asked(pair: Pair, names: dict[str, tuple[str, ...] | str]) -> Asked | str:
    if pair.wrong:
        return pair.wrong
    fixes, onto = names[pair.sha], names[pair.onto]
    if isinstance(fixes, str):
        return fixes
    if isinstance(onto, str):
        return onto
    if len(onto) != 1:
        return f"{pair.onto!r} is several commits; a fix is picked onto one."
    return Asked(fixes, Line(pair.onto, onto[0]))

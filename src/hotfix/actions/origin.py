"""``hotfix origin``, ``hotfix forecast --origin``: who brought the defect, since when production has it, and which lines do."""

from collections.abc import Container, Iterable, Sequence

import msgspec

from hotfix.actions.find import find
from hotfix.actions.read_rules import now_text, recorded, require_person
from hotfix.actions.twins import picks_by_name
from hotfix.actions.up_to_date import up_to_date
from hotfix.lifecycle.pick import origin as rules_of
from hotfix.lifecycle.pick.origin import Origin, Suspect
from hotfix.lifecycle.pick.region import Hunk
from hotfix.policy.rules import Rules
from hotfix.ports import Append, Book, Ports
from hotfix.ports.picking import Attempt, Line, Picking
from hotfix.record import moment
from hotfix.record.any_fact import AnyFact
from hotfix.record.facts import Ended, OriginConfirmed, Picked, Planned
from hotfix.record.finding import refused
from hotfix.record.hotfix import Hotfix, fold_all

_MOST_SUSPECTS = 5


class Result(msgspec.Struct, frozen=True):
    """Where the defect of one hotfix came from: *inferred*, and what a person said of it."""

    hotfix: str
    inferred: tuple[Origin, ...]
    confirmed: OriginConfirmed | None
    unnoticed_seconds: float | None
    """How long production was wrong before it was noticed, by what was confirmed, else by what is inferred."""


def origin(ports: Ports, id: str | None, commit: str, because: str) -> Result:
    """What is inferred for the newest pick; with a `commit`, record that a person confirms it."""
    in_force, hotfix, _ = up_to_date(ports, id)
    picked = hotfix.pick.fact
    if picked is None:
        raise refused(
            "origin-nothing-picked",
            "Where a defect came from is inferred from the lines that its fix changes, and no fix was picked.",
            f"hotfix pick FIX --hotfix {hotfix.id}",
        )
    every = fold_all(ports.ledger.read().entries).values()
    ports.narrate(f"origin: blaming the lines that {picked.release} changes, at {picked.base_release}")
    found = infer(ports.picking, picked.fixes, picked.patch.base_commit, in_force.rules, every)
    if commit:
        require_person(ports, in_force)
        _refuse_what_production_lacks(ports, picked, commit)
        fact = _confirmed(ports, in_force.by, found, ports.git.resolve(commit), because, every)

        def decide(book: Book) -> Append:
            now = find(book, hotfix.id)
            return Append(hotfix.id, (*recorded(in_force, now.start.rules, fact.at), fact))

        hotfix = find(ports.ledger.append(decide, anchor=True), hotfix.id)
    confirmed = next((fact for fact in reversed(hotfix.facts) if isinstance(fact, OriginConfirmed)), None)
    noticed = hotfix.start.fact.detected_at if hotfix.start.fact else ""
    since = confirmed.live_since if confirmed else rules_of.first_live(found)
    seconds = moment.between(since, noticed).total_seconds() if since and noticed else None
    return Result(hotfix.id, found, confirmed, None if seconds is None else max(seconds, 0.0))


def _refuse_what_production_lacks(ports: Ports, picked: Picked, name: str) -> None:
    commit, base = ports.git.resolve(name), picked.patch.base_commit
    if commit != base and not ports.git.is_ancestor(commit, base):
        raise refused(
            "origin-not-in-production",
            f"{commit[:12]} is not in {picked.base_release}, which has the defect: it cannot have brought it there.",
            f"git log {base[:12]}; where a pick of it did, name that one",
        )


def _confirmed(
    ports: Ports, by: str, found: Sequence[Origin], commit: str, because: str, every: Iterable[Hotfix]
) -> OriginConfirmed:
    named = next((one for one in found if one.suspect.commit == commit), None)
    known = named or _origin(ports.picking, Suspect(commit, 0, False, ()), tuple(every))
    return OriginConfirmed(
        at=now_text(ports),
        by=by,
        commit=commit,
        because=because,
        inferred=named is not None,
        evidence=known.suspect.evidence,
        release=known.release,
        live_since=known.live_since,
        known_by=known.known_by,
    )


class Holds(msgspec.Struct, frozen=True):
    """Whether a line has what the suspects brought."""

    line: str
    commit: str
    defect: str
    """``mended`` (it has the fix), ``there`` (it has the first suspect), ``in part`` (it has others), or ``not found``:
    nothing shows that it has any, which does not show that it has none."""
    suspects: tuple[str, ...]
    """Those that it has, by themselves or as a pick that names them."""


def infer(
    picking: Picking, fixes: Sequence[str], base: str, rules: Rules, every: Iterable[Hotfix]
) -> tuple[Origin, ...]:
    """The suspects, those with most lines first: blamed at `base`, by the lines that picking the fix there changes.

    Where the fix does not go on cleanly, it is blamed where it was written.
    """
    (tried,) = picking.attempt([Attempt(tuple(fixes), base)])
    if tried.clean:
        lines = _lines(picking, base, _tree(picking, base), tried.trees[-1], rules)
    else:
        lines = [line for fix in fixes for line in _where_written(picking, fix, rules)]
    known = tuple(every)
    return tuple(_origin(picking, one, known) for one in rules_of.suspects(lines)[:_MOST_SUSPECTS])


def _where_written(picking: Picking, fix: str, rules: Rules) -> list[rules_of.Line]:
    (source,) = picking.commits([fix])
    if source is None or not source.parents:
        return []
    return _lines(picking, source.parents[0], _tree(picking, source.parents[0]), source.tree, rules)


def _tree(picking: Picking, id: str) -> str:
    (commit,) = picking.commits([id])
    return commit.tree if commit else id


def _lines(picking: Picking, at: str, old: str, new: str, rules: Rules) -> list[rules_of.Line]:
    (changes,) = picking.changes([(old, new)])
    found: list[rules_of.Line] = []
    for change in changes or ():
        if change.old_mode == "000000" or change.binary or not rules_of.asked(change.path, rules):
            continue
        hunks = [Hunk(*hunk) for hunk in picking.hunks(change.path, old, new)]
        for changed, regions in ((True, rules_of.replaced(hunks)), (False, rules_of.beside(hunks))):
            found += [
                rules_of.Line(line.commit, change.path, line.number, changed)
                for line in picking.blame(at, change.path, regions)
                if line.known
            ]
    return found


def _origin(picking: Picking, suspect: Suspect, every: Sequence[Hotfix]) -> Origin:
    (commit,) = picking.commits([suspect.commit])
    subject = commit.subject.decode("utf-8", "replace") if commit else ""
    release, tagged = picking.first_tag_with(suspect.commit)
    recorded = _went_live(release, every) if release else ""
    known_by = "record" if recorded else "tag date" if tagged else ""
    return Origin(suspect, subject, release, recorded or tagged, known_by)


def _went_live(release: str, every: Iterable[Hotfix]) -> str:
    """When the record saw the release validated in production; empty where it never did."""
    ended: list[str] = []
    for hotfix in every:
        planned: dict[int, AnyFact] = {}
        for fact in hotfix.facts:
            if isinstance(fact, Planned) and fact.release == release:
                planned[fact.ship] = fact
            elif isinstance(fact, Ended) and fact.ship in planned and fact.outcome == "validated":
                ended.append(planned[fact.ship].at)
    return min(ended, default="")


def holds(
    picking: Picking, origins: Sequence[Origin], lines: Sequence[Line], mended: Container[str]
) -> tuple[Holds, ...]:
    """Which of the lines have what the suspects brought; `mended` are the commits of lines that have the fix."""
    return tuple(_holds(picking, origins, line, mended=line.commit in mended) for line in lines)


def _holds(picking: Picking, origins: Sequence[Origin], line: Line, *, mended: bool) -> Holds:
    commits = [one.suspect.commit for one in origins]
    there = tuple(
        commit
        for commit in commits
        if picking.is_in(commit, line.commit) or picks_by_name(picking, commit, line.commit)
    )
    found = "not found" if not there else "there" if commits[0] in there else "in part"
    defect = "mended" if mended else found
    return Holds(line.name, line.commit, defect, there)

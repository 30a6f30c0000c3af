"""``hotfix pick``: cherry-picked in memory onto exactly what production runs; then built, measured and proven."""

from collections.abc import Sequence

import msgspec

from hotfix.actions import build, prove, resolve, scope
from hotfix.actions.beside import Beside, beside
from hotfix.actions.deltas import Delta, deltas
from hotfix.actions.drop import picked_before, without_hunks
from hotfix.actions.find import find
from hotfix.actions.judge import judge
from hotfix.actions.not_included import not_included
from hotfix.actions.plan import environment_of
from hotfix.actions.pull_request import fixes_of
from hotfix.actions.read_rules import InForce, now_text, recorded, require_person
from hotfix.actions.resolve import Resolving
from hotfix.actions.settle import settle
from hotfix.actions.up_to_date import up_to_date
from hotfix.actions.warnings import warnings
from hotfix.actions.went_on import clean_pick
from hotfix.actions.which_release import meanings, released
from hotfix.lifecycle.gate import Gate
from hotfix.lifecycle.pick.base import one_base
from hotfix.lifecycle.pick.release_name import release_name
from hotfix.ports import Append, Book, Picked, Ports, Trunk
from hotfix.ports.picking import Attempt
from hotfix.questions.next_command import next_command
from hotfix.record import lossless
from hotfix.record.facts import Picked as PickedFact
from hotfix.record.facts import Proved
from hotfix.record.finding import refused
from hotfix.record.hotfix import Hotfix, fold_all
from hotfix.record.parts import UnitRelease
from hotfix.record.patch import Patch
from hotfix.record.words import count


class Result(msgspec.Struct, frozen=True):
    """What stands on the base now, and what is still owed."""

    hotfix: str
    release: str
    base_release: str
    branch: str
    fact: PickedFact
    scope: scope.Result
    proof: prove.Result
    deltas: tuple[Delta, ...]
    """What was resolved by hand, beside what the fix does to the same path."""
    beside: tuple[Beside, ...]
    """Other hotfixes on the same base that are not shipped yet."""
    gates: tuple[Gate, ...]
    next: str


class Wanted(msgspec.Struct, frozen=True):
    """What somebody asked to be picked, and how."""

    fixes: tuple[str, ...] = ()
    """As they were typed. None: what waits for its conflict to be resolved goes on."""
    paired_with: tuple[str, ...] = ()
    authored: bool = False
    """The one fix is a branch that was written on the base itself: all of its commits since."""
    union: bool = False
    """Changelogs that both sides changed keep both sides' lines."""
    resolve: bool = False
    """A conflict is laid out for a person to resolve."""
    drop: tuple[str, ...] = ()
    """Hunks of the fix that are left out; without fixes, of what was picked last."""


def pick(ports: Ports, id: str | None, wanted: Wanted) -> Result | Resolving:
    """Pick, keep, name, publish and record; then build, measure and prove. Or lay a conflict out to be resolved."""
    in_force, hotfix = _prepare(ports, id)
    require_person(ports, in_force)
    _refuse_strangers(ports, in_force, wanted.paired_with)
    environment = hotfix.start.fact.environment if hotfix.start.fact else ""
    environment_of(in_force.rules, environment)
    every = fold_all(ports.ledger.read().entries)
    units = _ask(ports, in_force, environment, every)
    base = units[0]
    wanted, asked = _what(ports, wanted, hotfix, base, in_force.trunk)
    _tell_what_trunk_lacks(ports, asked.fixes, in_force.trunk)
    ports.narrate(
        f"pick: production runs {base.release} ({base.commit[:12]}), on {count(len(units), 'unit')}"
    )
    asked, tried = settle(ports, asked, in_force.rules, union=wanted.union)
    if tried.clashes and wanted.resolve:
        return resolve.begin(
            ports, hotfix.id, asked, tried, in_force.rules, wanted.paired_with, wanted.authored
        )
    outcome = ports.git.pick(asked.fixes, base.commit, ports.clock.now(), asked.resolved)
    picked = clean_pick(ports, outcome, asked.fixes, base, in_force.rules, hotfix.id, union=wanted.union)
    if wanted.drop:
        before = ports.git.commit(base.commit).tree
        asked = without_hunks(ports, asked, before, picked.tree, wanted.drop, in_force.rules)
        outcome = ports.git.pick(asked.fixes, base.commit, ports.clock.now(), asked.resolved)
        picked = clean_pick(ports, outcome, asked.fixes, base, in_force.rules, hotfix.id, union=wanted.union)
    name = _name(ports, in_force, base, set(released(every.values())))
    fact = _fact(ports, in_force, hotfix, environment, wanted, asked, units, picked, name)
    _keep(ports, hotfix, fact, in_force.trunk)

    def decide(book: Book) -> Append:
        now = find(book, hotfix.id)
        if released(fold_all(book.entries).values()).get(name, {fact.result_commit}) != {fact.result_commit}:
            raise refused(
                "pick-name-taken", f"Somebody else's pick took the name {name} meanwhile.", "pick again"
            )
        return Append(hotfix.id, (*recorded(in_force, now.start.rules, fact.at), fact))

    ports.ledger.append(decide, anchor=True)
    resolve.forget(ports, hotfix.id)
    others = beside(ports, hotfix, fact, tuple(every.values()))
    return _follow_up(ports, hotfix.id, in_force, others)


def _what(
    ports: Ports, wanted: Wanted, of: Hotfix, base: UnitRelease, trunk: Trunk
) -> tuple[Wanted, Attempt]:
    """The commits to pick, and what was resolved of them; of a pick that waited, as it was begun."""
    hotfix = of.id
    if wanted.drop and not wanted.fixes:
        asked, fact = picked_before(of, base.commit), of.pick.fact
        pairs = fact.paired_with if fact else ()
        return msgspec.structs.replace(
            wanted, paired_with=wanted.paired_with or pairs, authored=bool(fact and fact.authored)
        ), asked
    if not wanted.fixes:
        waited, made = resolve.read(ports, hotfix)
        if waited.base != base.commit:
            raise refused(
                "pick-base-moved",
                f"Production runs {base.release} ({base.commit[:12]}) now, and this was begun on {waited.base[:12]}.",
                f"copy what you made from {waited.folder}; hotfix pick --abort --hotfix {hotfix}; then pick again",
            )
        resolved = (*waited.resolved, *made)
        going_on = Wanted(waited.fixes, waited.paired_with, waited.authored, wanted.union, resolve=True)
        return going_on, Attempt(waited.fixes, base.commit, resolved)
    if resolve.waiting(ports, hotfix):
        raise refused(
            "pick-waiting",
            f"A pick of {hotfix} waits for its conflict to be resolved in this clone.",
            f"hotfix pick --continue --hotfix {hotfix}, or hotfix pick --abort --hotfix {hotfix}",
        )
    if wanted.authored:
        tips = tuple(ports.git.resolve(fix) for fix in wanted.fixes)
        if any(ports.git.is_ancestor(tip, trunk.commit) for tip in tips):
            raise refused(
                "pick-not-authored",
                f"{' '.join(wanted.fixes)} is in the history of {trunk.name}: it was not written on the base alone.",
                f"hotfix pick {' '.join(wanted.fixes)} --hotfix {hotfix}",
            )
        return wanted, Attempt(_written_on(ports, wanted.fixes, tips, base), base.commit)
    full = tuple(commit for fix in wanted.fixes for commit in fixes_of(ports, fix, trunk))
    return wanted, Attempt(full, base.commit)


def abort(ports: Ports, id: str | None) -> str:
    """Leave nothing of a pick that waits; the hotfix it was of."""
    hotfix = find(ports.ledger.read(), id).id
    if resolve.waiting(ports, hotfix) is None:
        raise refused(
            "pick-nothing-to-resolve", f"No pick of {hotfix} waits in this clone.", f"hotfix status {hotfix}"
        )
    resolve.forget(ports, hotfix)
    return hotfix


def _written_on(
    ports: Ports, names: Sequence[str], tips: tuple[str, ...], base: UnitRelease
) -> tuple[str, ...]:
    """The commits of the branch since the base; it must begin there, and be one line."""
    commits = ports.git.commits_since(base.commit, tips[0]) if len(tips) == 1 else ()
    if not commits:
        raise refused(
            "pick-not-on-base",
            f"{' '.join(names)} is no branch of plain commits that begins at {base.release} ({base.commit[:12]}).",
            f"git switch -c my-fix {base.commit[:12]}; commit the fix there; hotfix pick --authored my-fix",
        )
    return commits


def _tell_what_trunk_lacks(ports: Ports, fixes: Sequence[str], trunk: Trunk) -> None:
    for fix in fixes:
        if not ports.git.is_ancestor(fix, trunk.commit):
            ports.narrate(f"{fix[:12]} is not on {trunk.name} yet; the defect returns unless it lands there")


def _prepare(ports: Ports, id: str | None) -> tuple[InForce, Hotfix]:
    in_force, hotfix, away = up_to_date(ports, id)
    if away:
        raise refused(
            "pick-offline",
            f"{away}.",
            "a pick counts only once it is on the remote; try again when it is back",
        )
    if hotfix.after.closed:
        raise refused("pick-closed", f"{hotfix.id} is closed.", 'hotfix start "WHAT IS BROKEN"')
    if hotfix.open_ship:
        raise refused(
            "pick-ship-open",
            f"{hotfix.id} is being shipped.",
            f"hotfix status {hotfix.id}, or hotfix rollback {hotfix.id}",
        )
    return in_force, hotfix


def _refuse_strangers(ports: Ports, in_force: InForce, paired_with: tuple[str, ...]) -> None:
    """A partner whom the list of signers does not know could approve under their real name, unrecognised."""
    known = ports.signatures.people(in_force.signers)
    strangers = [person for person in paired_with if person not in known]
    if strangers and not in_force.rules.solo:
        raise refused(
            "pick-pair-unknown",
            f"{', '.join(strangers)} is nobody on trunk's list of signers.",
            f"say --paired-with with a name from {in_force.rules.signers}",
            *known,
        )


def _ask(
    ports: Ports, in_force: InForce, environment: str, every: dict[str, Hotfix]
) -> tuple[UnitRelease, ...]:
    """What every unit of the environment says it runs, and what that means."""
    production = ports.production(in_force.rules)
    target = production.target(environment)
    states = [target.observe(unit) for unit in in_force.rules.environments[environment].units]
    return one_base(states, meanings(ports, every.values(), states))


def _name(ports: Ports, in_force: InForce, base: UnitRelease, taken: set[str]) -> str:
    """The first name of the pattern that neither the record (`taken`) nor a tag has."""
    while True:
        name = release_name(in_force.rules.release_name, base.release, taken)
        if ports.git.tag_commit(name) is None:
            return name
        taken = {*taken, name}


def _fact(
    ports: Ports,
    in_force: InForce,
    hotfix: Hotfix,
    environment: str,
    wanted: Wanted,
    asked: Attempt,
    units: tuple[UnitRelease, ...],
    picked: Picked,
    release: str,
) -> PickedFact:
    fixes = asked.fixes
    base = ports.git.commit(units[0].commit)
    sources = [ports.git.commit(fix) for fix in fixes]
    every = fold_all(ports.ledger.read().entries).values()
    left_out, _ = not_included(ports, every, base.id, in_force.trunk.commit, fixes, 0)
    emails = [lossless.to_text(source.author_email) for source in sources]
    return PickedFact(
        at=now_text(ports),
        by=in_force.by,
        patch=Patch(
            repository=ports.ledger.origin(),
            service=in_force.rules.service,
            environment=environment,
            base_commit=base.id,
            base_tree=base.tree,
            result_tree=picked.tree,
        ),
        base_release=units[0].release,
        units=units,
        fixes=fixes,
        commits=picked.commits,
        result_commit=picked.commits[-1],
        release=release,
        branch=f"hotfix/{hotfix.id}",
        subject=lossless.to_text(sources[0].subject),
        paired_with=tuple(_person(ports, in_force, person) for person in wanted.paired_with),
        authors=tuple(dict.fromkeys(_person(ports, in_force, email) for email in emails)),
        not_included=left_out,
        strays=picked.strays,
        authored=wanted.authored,
        undo=picked.undo,
        warned=warnings(ports, fixes, base.id, picked.strays, in_force.trunk),
        resolved=asked.resolved,
    )


def _person(ports: Ports, in_force: InForce, name: str) -> str:
    """The person that trunk's list knows by this name or address, under the one name they sign with; else the name."""
    return ports.signatures.canonical(in_force.signers, name)


def _keep(ports: Ports, hotfix: Hotfix, fact: PickedFact, trunk: Trunk) -> None:
    """Objects into the store, the branch for people, the pins against garbage collection; on the remote first.

    Where the remote says no, nothing of this clone has moved, and the same command can be typed again.
    """
    ports.git.keep(fact.undo, fact.patch.base_commit)
    branch, pins = f"refs/heads/{fact.branch}", f"refs/hotfix/{hotfix.id}"
    refs = {
        branch: fact.result_commit,
        f"{pins}/result": fact.result_commit,
        f"{pins}/results/{fact.result_commit}": fact.result_commit,
        f"{pins}/base": fact.patch.base_commit,
        f"{pins}/undo": fact.undo,
    }
    # A fix that is only on somebody's machine: reviewers pick it again, so they must have it.
    refs |= {f"{pins}/fixes/{fix}": fix for fix in fact.fixes}
    # The branch on the remote is where it was last fetched, which need not be where ours is.
    fetched = trunk.ref.removesuffix(trunk.name) + fact.branch
    there = {ref: ports.git.ref(fetched if ref == branch else ref) for ref in refs}
    _refuse_to_lose(ports, hotfix, fact, there[branch])
    ports.git.publish({ref: (commit, there[ref]) for ref, commit in refs.items() if there[ref] != commit})
    for ref, commit in (refs | {fetched: fact.result_commit}).items():
        old = ports.git.ref(ref)
        if old != commit:
            ports.git.point(ref, commit, old)


def _refuse_to_lose(ports: Ports, hotfix: Hotfix, fact: PickedFact, tip: str | None) -> None:
    """A commit that somebody put on the branch is picked too, or taken off it knowingly; never overwritten.

    A pick of the same fix that did not come to be recorded is nobody's work, and loses nothing.
    """
    if tip is not None and _is_same_pick(ports, tip, fact):
        return
    if tip is None or tip in fact.fixes or tip in {earlier.result_commit for earlier in hotfix.pick.history}:
        return
    raise refused(
        "pick-branch-taken",
        f"{fact.branch} stands at {tip[:12]}, which no pick put there; picking would take it off the branch.",
        f"to ship it too: hotfix pick {' '.join(fix[:12] for fix in fact.fixes)} {tip[:12]} --hotfix {hotfix.id}; "
        f"to leave it out, delete the branch where it stands",
    )


def _is_same_pick(ports: Ports, tip: str, fact: PickedFact) -> bool:
    """A pick of the same fixes whose tree is the same; one that somebody amended has another."""
    commit = ports.git.commit(tip)
    says = commit.message.rstrip().endswith(f"(cherry picked from commit {fact.fixes[-1]})".encode())
    return says and commit.tree == fact.patch.result_tree


def _follow_up(ports: Ports, id: str, in_force: InForce, others: tuple[Beside, ...]) -> Result:
    """Build, measure and prove what was picked, in one more append."""
    hotfix = find(ports.ledger.read(), id)
    picked = hotfix.pick.fact
    if picked is None:
        raise refused("pick-lost", "The pick is not on record.", f"hotfix log {id}")
    built = build.build(ports, picked, in_force)
    scoped = scope.measure(ports, hotfix, in_force)

    def keep(facts: tuple[Proved, ...], reports: dict[str, bytes]) -> None:
        ports.ledger.append(lambda book: Append(id, (*built, scoped, *facts), reports), anchor=True)

    prove.run(ports, hotfix, picked, in_force, keep)
    hotfix = find(ports.ledger.read(), id)
    answer = judge(ports, hotfix, in_force.rules, in_force.signers, in_force.by)
    return Result(
        hotfix=id,
        release=picked.release,
        base_release=picked.base_release,
        branch=picked.branch,
        fact=picked,
        scope=scope.result(hotfix, in_force),
        proof=prove.result(hotfix, in_force.rules),
        deltas=deltas(ports, picked),
        beside=others,
        gates=answer.gates,
        next=next_command(hotfix, answer.gates),
    )

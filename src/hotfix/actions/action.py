"""``hotfix action``: what is owed after a hotfix. Added or taken up with an owner and a day; closed on evidence."""

import re
from collections.abc import Callable

import msgspec

from hotfix.actions.find import find
from hotfix.actions.postmortem import draw
from hotfix.actions.read_rules import InForce, now_text, require_person
from hotfix.actions.up_to_date import up_to_date
from hotfix.lifecycle import action as stage
from hotfix.lifecycle.action import Standing, State
from hotfix.lifecycle.postmortem.document import Suggestion
from hotfix.policy.path_kind import kind_of
from hotfix.ports import Append, Book, Ports
from hotfix.record import moment
from hotfix.record.action_facts import ActionAdded, ActionClosed, ActionDeclined, ActionMoved, RiskAccepted
from hotfix.record.actions import Action
from hotfix.record.finding import refused
from hotfix.record.hotfix import Hotfix, fold_all

Change = ActionMoved | ActionClosed | RiskAccepted


class Wanted(msgspec.Struct, frozen=True):
    """An action, as somebody typed it."""

    title: str
    type: str
    owner: str
    due: str
    """Empty: by the severity."""


class Proof(msgspec.Struct, frozen=True):
    """On what an action is to be closed: exactly one of the three."""

    commit: str = ""
    test: str = ""
    runbook: str = ""


class Result(msgspec.Struct, frozen=True):
    """What was done, and how the action stands now."""

    hotfix: str
    done: str
    action: Standing | None
    """None where a suggestion was declined."""
    suggested: str = ""
    because: str = ""


def today(ports: Ports) -> str:
    """The day, in UTC."""
    return now_text(ports)[:10]


def listed(ports: Ports, id: str | None, *, overdue: bool) -> tuple[Standing, ...]:
    """Every action of the record or of one hotfix, the most overdue first; as this clone has it."""
    book = ports.ledger.read()
    hotfixes = [find(book, id)] if id else list(fold_all(book.entries).values())
    found = [one for hotfix in hotfixes for one in standings(hotfix, today(ports))]
    kept = [one for one in found if not overdue or one.state is State.OVERDUE]
    order = [State.OVERDUE, State.OPEN, State.ACCEPTED, State.DONE]
    return tuple(sorted(kept, key=lambda one: (order.index(one.state), one.due, one.name)))


def standings(hotfix: Hotfix, day: str) -> tuple[Standing, ...]:
    """Every action of one hotfix, as it stands on that day."""
    return tuple(stage.standing(hotfix.id, item, day) for item in hotfix.actions.items.values())


def add(ports: Ports, id: str | None, wanted: Wanted) -> Result:
    """Add an action that a person thought of."""
    in_force, hotfix, _ = up_to_date(ports, id)
    require_person(ports, in_force)
    return _add(ports, in_force, hotfix, wanted, "")


def take(ports: Ports, id: str | None, code: str, owner: str, due: str, title: str) -> Result:
    """Take up a suggestion, with its title or another."""
    in_force, hotfix, _ = up_to_date(ports, id)
    require_person(ports, in_force)
    one = _suggestion(ports, in_force, ports.ledger.read(), hotfix.id, code)
    return _add(ports, in_force, hotfix, Wanted(title or one.title, one.type, owner, due), code)


def decline(ports: Ports, id: str | None, code: str, because: str) -> Result:
    """Do not take up a suggestion, and say why."""
    in_force, hotfix, _ = up_to_date(ports, id)
    require_person(ports, in_force)
    _suggestion(ports, in_force, ports.ledger.read(), hotfix.id, code)
    fact = ActionDeclined(at=now_text(ports), by=in_force.by, suggested=code, because=stage.reason(because))

    def decide(book: Book) -> Append:
        _suggestion(ports, in_force, book, hotfix.id, code)
        return Append(hotfix.id, (fact,))

    ports.ledger.append(decide, anchor=True)
    return Result(hotfix.id, "declined", None, code, because)


def close(ports: Ports, name: str, proof: Proof) -> Result:
    """Close an action on evidence, which is looked at where it can be."""
    in_force, hotfix, item = _named(ports, name)
    how, reference, seen = _evidence(ports, in_force, hotfix, proof)
    fact = ActionClosed(
        at=now_text(ports), by=in_force.by, action=item, how=how, reference=reference, seen=seen
    )
    return _done(ports, hotfix, "closed", item, lambda now: fact)


def accept(ports: Ports, name: str, because: str, until: str) -> Result:
    """Do not do it, and accept the risk until a day."""
    in_force, hotfix, item = _named(ports, name)
    day = stage.risk_until(until, today(ports))
    fact = RiskAccepted(
        at=now_text(ports), by=in_force.by, action=item, because=stage.reason(because), until=day
    )
    return _done(ports, hotfix, "risk accepted", item, lambda now: fact)


def move(ports: Ports, name: str, owner: str, due: str, because: str) -> Result:
    """Give an action another owner, another day, or both."""
    in_force, hotfix, item = _named(ports, name)
    to, by_day = stage.owner(owner) if owner else "", stage.day(due, today(ports), "--due") if due else ""
    why = stage.reason(because)

    def fact(now: Action) -> ActionMoved:
        return ActionMoved(
            at=now_text(ports),
            by=in_force.by,
            action=item,
            owner=to or now.owner,
            due=by_day or now.due,
            because=why,
        )

    return _done(ports, hotfix, "moved", item, fact)


def _add(ports: Ports, in_force: InForce, hotfix: Hotfix, wanted: Wanted, suggested: str) -> Result:
    started = hotfix.start.fact
    due = stage.day(wanted.due, today(ports), "--due") if wanted.due else ""
    if not due and started:
        due = max(stage.due_day(started.severity, started.at), today(ports))
    owner = stage.owner(wanted.owner)
    if not wanted.title.strip():
        raise refused("action-title", "An action without words is none.", "say what is to be done")

    named: list[str] = []

    def decide(book: Book) -> Append:
        if suggested:
            _suggestion(ports, in_force, book, hotfix.id, suggested)
        named.append(find(book, hotfix.id).actions.next_name)
        fact = ActionAdded(
            at=now_text(ports),
            by=in_force.by,
            action=named[-1],
            title=wanted.title,
            type=wanted.type,
            owner=owner,
            due=due or today(ports),
            suggested=suggested,
        )
        return Append(hotfix.id, (fact,))

    book = ports.ledger.append(decide, anchor=True)
    return Result(hotfix.id, "added", _standing(ports, book, hotfix.id, named[-1]), suggested)


def _done(ports: Ports, hotfix: Hotfix, done: str, item: str, fact: Callable[[Action], Change]) -> Result:
    """Put on record what became of an action, by how it stands at that moment."""

    def decide(book: Book) -> Append:
        now = find(book, hotfix.id)
        _refuse_done(now, item)
        return Append(hotfix.id, (fact(now.actions.items[item]),))

    return Result(
        hotfix.id, done, _standing(ports, ports.ledger.append(decide, anchor=True), hotfix.id, item)
    )


def _standing(ports: Ports, book: Book, id: str, item: str) -> Standing:
    return stage.standing(id, find(book, id).actions.items[item], today(ports))


def _named(ports: Ports, name: str) -> tuple[InForce, Hotfix, str]:
    """The hotfix and the action that ``HF-7/A2`` means. An action that is done stays done."""
    id, _, item = name.partition("/")
    in_force, hotfix, _ = up_to_date(ports, id)
    require_person(ports, in_force)
    if item not in hotfix.actions.items:
        known = ", ".join(f"{id}/{one}" for one in hotfix.actions.items) or "none"
        raise refused(
            "action-unknown", f"There is no action {name} (there is: {known}).", "hotfix action list"
        )
    _refuse_done(hotfix, item)
    return in_force, hotfix, item


def _refuse_done(hotfix: Hotfix, item: str) -> None:
    closed = hotfix.actions.items[item].closed
    if closed is not None:
        raise refused(
            "action-done",
            f"{hotfix.id}/{item} was closed at {closed.at}, on {closed.how} {closed.reference}.",
            "hotfix action list",
        )


def _suggestion(ports: Ports, in_force: InForce, book: Book, id: str, code: str) -> Suggestion:
    """The suggestion that waits under this code; refused where it is none, or somebody answered it already."""
    drafted = draw(ports, in_force.rules, book, id, {}).suggestions
    found = next((one for one in drafted if one.code == code), None)
    if found is None or found.answer:
        waiting = ", ".join(one.code for one in drafted if not one.answer) or "none"
        why = f"was answered already: {found.answer}" if found else "is none of the record's"
        raise refused(
            "action-suggestion",
            f"The suggestion {code!r} {why} (waiting: {waiting}).",
            f"hotfix postmortem {id} shows them",
        )
    return found


def _evidence(ports: Ports, in_force: InForce, hotfix: Hotfix, proof: Proof) -> tuple[str, str, str]:
    """(kind, reference, what was found). Refuses what is not there; what lies elsewhere cannot be looked at, and is said."""
    trunk = in_force.trunk
    if proof.commit:
        commit = ports.git.resolve(proof.commit)
        if not ports.git.is_ancestor(commit, trunk.commit):
            raise refused(
                "action-not-on-trunk",
                f"{commit[:12]} is not in the history of {trunk.name}.",
                f"merge it into {trunk.name} first, then close the action",
            )
        return "commit", commit, f"on {trunk.name}{_older(ports, commit, hotfix)}"
    if proof.test:
        path = proof.test.partition("::")[0]
        if kind_of(path, in_force.rules) != "test":
            raise refused(
                "action-no-test", f"{path} is no test, by its name.", "name a test file, or --commit"
            )
        found = _on_trunk(ports, in_force, path)
        name = proof.test.rpartition("::")[2].partition("[")[0]
        body = ports.git.file_at(in_force.trunk.commit, path) or b""
        if "::" in proof.test and not re.search(rb"(?<!\w)%s(?!\w)" % re.escape(name.encode()), body):
            raise refused(
                "action-no-test",
                f"{path} on {in_force.trunk.name} has no {name}.",
                "name the test as it is called",
            )
        return "test", proof.test, found
    if "://" in proof.runbook:
        return "runbook", proof.runbook, ""
    return "runbook", proof.runbook, _on_trunk(ports, in_force, proof.runbook.partition("#")[0])


def _older(ports: Ports, commit: str, hotfix: Hotfix) -> str:
    """What is to be said of a commit that was there before anything had happened."""
    said = ports.git.commit(commit).author.split()
    made = float(said[-2]) if len(said) > 1 and said[-2].isdigit() else 0.0
    started = hotfix.start.fact
    before = started is not None and made < moment.from_text(started.at).timestamp()
    return f", made before {hotfix.id} began" if before else ""


def _on_trunk(ports: Ports, in_force: InForce, path: str) -> str:
    blob = ports.git.blob_at(in_force.trunk.commit, path)
    if not blob:
        raise refused(
            "action-no-file",
            f"{in_force.trunk.name} has no {path}.",
            f"bring it to {in_force.trunk.name} first, then close the action",
        )
    return f"on {in_force.trunk.name}, blob {blob[:12]}"

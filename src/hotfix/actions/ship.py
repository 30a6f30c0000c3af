"""``hotfix ship``: wait for the gates, telling on whom; then plan, go wave by wave, and come back by itself where it must."""

from collections.abc import Callable

from hotfix.actions import plan as planning
from hotfix.actions.build import release_of
from hotfix.actions.carry_out import Driven, carry_out, offline, take_up
from hotfix.actions.find import find
from hotfix.actions.judge import judge
from hotfix.actions.outcome import Outcome, outcome
from hotfix.actions.read_rules import InForce, read_rules, require_person
from hotfix.actions.reconcile import refuse_spooled
from hotfix.actions.rehearse import RehearsedMeanwhile, make_rehearsal, tidy
from hotfix.actions.rollback import go_back
from hotfix.actions.trusted import trusted
from hotfix.actions.up_to_date import up_to_date
from hotfix.actions.wait_for_gates import wait_for_gates
from hotfix.policy.rules import Rules
from hotfix.ports import Book, Ports
from hotfix.ports.cards import roots_of
from hotfix.record.finding import Refused, refused
from hotfix.record.hotfix import Hotfix
from hotfix.record.patch import Patch
from hotfix.record.ship import Ship


def plan(ports: Ports, id: str | None) -> planning.Plan:
    """What a ship would do now; changes nothing."""
    in_force, hotfix = _read(ports, id)
    return planning.preview(ports, hotfix, in_force)


def ship(ports: Ports, id: str | None, patience: float, alone: Callable[[Hotfix], bool]) -> Outcome:
    """Ship today's patch, or take up a ship that nobody finished.

    Waits at most `patience` seconds for people. `alone` is asked once where the only thing missing is the
    person's own reading (solo profile); it returns whether that was done.
    """
    in_force, hotfix = _read(ports, id)
    require_person(ports, in_force)
    if hotfix.is_live:
        raise refused(
            "ship-validated",
            f"{hotfix.id} is validated in production already.",
            f"hotfix land {hotfix.id}; to ship another patch of it, pick first",
        )
    hotfix = trusted(ports, tidy(ports, trusted(ports, hotfix), in_force))
    left = hotfix.open_ship
    if left is not None and left.before is not None:
        raise refused(
            "ship-asked-back",
            f"Somebody asked for the way back of ship {left.plan.ship}, which had ended {left.before.outcome}.",
            f"to carry that out: hotfix rollback {hotfix.id}",
        )
    if left is not None and left.plan.purpose == "return":
        raise refused(
            "ship-return",
            f"{hotfix.id} is on its way back to {left.plan.release}, and was left there.",
            f"hotfix rollback {hotfix.id} --release {left.plan.release}; or take it back: hotfix rollback {hotfix.id}",
        )
    if left is not None and left.rollback is not None:
        return go_back(ports, hotfix, left, left.rollback.because)
    if left is not None:
        driven = take_up(ports, hotfix.id, in_force, _may_take_up(ports, in_force))
    else:
        in_force = wait_for_gates(ports, hotfix.id, in_force, patience, alone)
        hotfix = find(ports.ledger.read(), hotfix.id)
        if judge(ports, hotfix, in_force.rules, in_force.signers, in_force.by).owed:
            planning.make(ports, hotfix, in_force)  # for a ship that could not begin nothing is rehearsed
            try:
                rehearsed = make_rehearsal(ports, hotfix, in_force, only_where_owed=True)
            except RehearsedMeanwhile as made:
                ports.narrate(str(made))  # the gates say whether it was good enough
            else:
                if rehearsed.outcome != "rehearsed":
                    return rehearsed
            in_force = wait_for_gates(ports, hotfix.id, in_force, patience, alone)
        driven = _begin(ports, find(ports.ledger.read(), hotfix.id), in_force)
    told = outcome(ports, *driven)
    if told.outcome == "validated":
        _tag(ports, driven.hotfix)
    return told


def _read(ports: Ports, id: str | None) -> tuple[InForce, Hotfix]:
    in_force, hotfix, away = up_to_date(ports, id)
    if away:
        raise offline(away)
    refuse_spooled(ports, hotfix.id, roots_of(in_force.rules))
    return in_force, hotfix


def _begin(ports: Ports, hotfix: Hotfix, in_force: InForce) -> Driven:
    patch = planning.patch_of(hotfix)
    return carry_out(
        ports,
        hotfix.id,
        in_force,
        patch.environment,
        lambda now: planning.make(ports, now, in_force),
        _may_begin(ports, hotfix.id, patch),
    )


def _may_begin(ports: Ports, id: str, patch: Patch) -> Callable[[Book], InForce]:
    def may(book: Book) -> InForce:
        """The gates once more, by the rules of this moment."""
        now, today = find(book, id), read_rules(ports)
        refuse_spooled(ports, id, roots_of(today.rules))
        again = judge(ports, now, today.rules, today.signers, today.by)
        if not again.may_ship:
            raise Refused(*again.findings)
        if now.patch != patch:
            raise refused("ship-overtaken", "Somebody picked again meanwhile.", f"hotfix ship {id}")
        return today

    return may


def _may_take_up(ports: Ports, in_force: InForce) -> Callable[[Hotfix, Ship, Rules], None]:
    def may(hotfix: Hotfix, left: Ship, rules: Rules) -> None:
        """A ship goes on if it is one: its plan is what today's rules make of the patch, and its gates are open."""
        if rules != in_force.rules:
            raise refused(
                "ship-rules-moved",
                f"Trunk's policy is another one than ship {left.plan.ship} was planned by.",
                f"take it back, then ship by today's rules: hotfix rollback {hotfix.id}",
            )
        foreign = planning.faults(left.plan, hotfix, rules, release_of(hotfix, rules))
        answer = judge(ports, hotfix, in_force.rules, in_force.signers, in_force.by)
        if foreign or not answer.may_ship:
            raise Refused(*foreign, *answer.findings)

    return may


def _tag(ports: Ports, hotfix: Hotfix) -> None:
    """Name the validated release for everybody. A tag that is there already keeps its meaning."""
    picked = hotfix.pick.fact
    if picked is None or ports.git.tag_commit(picked.release) is not None:
        return
    ref = f"refs/tags/{picked.release}"
    ports.git.point(ref, picked.result_commit, None)
    try:
        ports.git.publish({ref: (picked.result_commit, None)})
    except Refused as error:
        ports.narrate(f"the tag {picked.release} is not on the remote: {error}")

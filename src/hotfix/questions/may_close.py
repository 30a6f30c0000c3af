"""May the hotfix be closed? Only validated, landed and learned; or abandoned, with a reason, before it shipped."""

from collections.abc import Sequence

from hotfix.lifecycle import land
from hotfix.lifecycle.postmortem.document import Suggestion
from hotfix.questions.looked_back import Owed
from hotfix.record.finding import Finding
from hotfix.record.hotfix import Hotfix


def missing(
    hotfix: Hotfix, owed: Sequence[Owed] = (), waiting: Sequence[Suggestion] = ()
) -> tuple[Finding, ...]:
    """What is still owed before the close, each with who owes it and the next command.

    `owed` are reviews of overrides, `waiting` are suggestions that nobody took up or declined.
    """
    id = hotfix.id
    owner = hotfix.start.fact.by if hotfix.start.fact else "whoever is on call"
    findings = []
    if hotfix.after.closed:
        findings.append(
            Finding("close-closed", f"{id} was closed already, at {hotfix.after.closed.at}.", "hotfix status")
        )
    if not hotfix.shipped:
        findings.append(
            Finding(
                "close-not-validated",
                f"{id} is not validated in production; {owner} owes it.",
                f"hotfix ship {id}",
            )
        )
    returned = hotfix.shipped is not None and hotfix.shipped.plan.purpose == "return"
    if land.landed(hotfix) is None and not returned:  # of a return there is nothing that trunk would lack
        findings.append(
            Finding(
                "close-not-landed",
                f"Nothing shows that the fix is on trunk; {owner} owes it.",
                f"hotfix land {id}",
            )
        )
    postmortem = hotfix.after.postmortem
    if postmortem is None:
        findings.append(
            Finding(
                "close-not-learned",
                f"The post-incident review is not written; {owner} owes it.",
                f"hotfix postmortem {id}",
            )
        )
    elif postmortem.empty_boxes:
        boxes = ", ".join(postmortem.empty_boxes)
        findings.append(
            Finding(
                "close-not-learned",
                f"The post-incident review has empty boxes; {owner} owes them: {boxes}.",
                f"fill them in, then: hotfix postmortem {id}",
            )
        )
    if postmortem is not None:
        findings += [_suggestion(id, one, owner) for one in waiting]
    return (*findings, *(_look_back(id, debt) for debt in owed))


def _suggestion(id: str, one: Suggestion, owner: str) -> Finding:
    return Finding(
        "close-suggestion",
        f"Nobody took up or declined “{one.title}” ({one.because.said}); {owner} owes that.",
        f'hotfix action take {id} {one.code} --owner WHO, or hotfix action decline {id} {one.code} --because "WHY"',
    )


def _look_back(id: str, debt: Owed) -> Finding:
    overdue = "OVERDUE: it was" if debt.overdue else "It is"
    return Finding(
        "close-override-review",
        f"Nobody has looked back at the override of {debt.gate} yet ({debt.because}). {overdue} due at {debt.due}; "
        f"anybody on the list of signers may, save {' and '.join(debt.people)}.",
        f'hotfix override --review {id} {debt.gate} --because "WHAT YOU THINK OF IT"',
    )


def may_abandon(hotfix: Hotfix, owed: Sequence[Owed] = ()) -> tuple[Finding, ...]:
    """Why the hotfix cannot be abandoned: production still carries it, a ship is open, or `owed` is."""
    if hotfix.after.closed:
        return (Finding("close-closed", f"{hotfix.id} was closed already.", "hotfix status"),)
    if _in_production(hotfix):
        return (
            Finding(
                "close-in-production",
                f"{hotfix.id} changed production.",
                f"hotfix rollback {hotfix.id}, then abandon it",
            ),
        )
    return tuple(_look_back(hotfix.id, debt) for debt in owed)


def _in_production(hotfix: Hotfix) -> bool:
    """Whether units may serve a result of this hotfix: also one that the newest ship went back *to*."""
    ship = hotfix.ship
    if ship is None:
        return False
    if ship.ended is None or ship.ended.outcome != "rolled_back":
        return True
    results = {one.plan.commit for one in hotfix.ships}
    return any(unit.from_commit in results for unit in ship.plan.units)

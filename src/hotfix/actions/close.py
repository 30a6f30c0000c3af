"""``hotfix close``: the life is over, when it is validated, landed and learned."""

from collections.abc import Callable

import msgspec

from hotfix.actions.find import find
from hotfix.actions.judge import reviews_owed
from hotfix.actions.postmortem import draw, refuse_unrecorded
from hotfix.actions.read_rules import now_text
from hotfix.actions.up_to_date import up_to_date
from hotfix.ports import Append, Book, Ports
from hotfix.questions.may_close import may_abandon, missing
from hotfix.record.facts import Closed
from hotfix.record.finding import Refused


class Result(msgspec.Struct, frozen=True):
    """How it was closed."""

    hotfix: str
    outcome: str
    because: str


def close(ports: Ports, id: str | None, abandon: str, file: Callable[[str], str] = str) -> Result:
    """Close, or abandon with the reason `abandon`; refuses with everything that is missing and who owes it.

    `file` gives the postmortem of a hotfix that lies in the work tree, if there is one: what is written there has to be on
    record.
    """
    in_force, hotfix, _ = up_to_date(ports, id)
    outcome, because = ("abandoned", abandon) if abandon else ("learned", "validated, landed and learned")
    edited = "" if abandon else file(hotfix.id)
    fact = Closed(at=now_text(ports), by=in_force.by, outcome=outcome, because=because)

    def decide(book: Book) -> Append:
        now = find(book, hotfix.id)
        owed = reviews_owed(ports, now, in_force.rules, in_force.signers)
        if abandon:
            findings = may_abandon(now, owed)
        else:
            refuse_unrecorded(ports, book, hotfix.id, edited)
            waiting = draw(ports, in_force.rules, book, hotfix.id, {}).open_suggestions
            findings = missing(now, owed, waiting)
        if findings:
            raise Refused(*findings)
        return Append(hotfix.id, (fact,))

    ports.ledger.append(decide, anchor=True)
    return Result(hotfix.id, outcome, because)

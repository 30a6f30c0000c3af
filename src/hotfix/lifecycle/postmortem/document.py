"""The document as data: every line with the facts that it is from. Markdown, HTML and JSON are drawn from it alone."""

import msgspec

from hotfix.lifecycle.action import Standing
from hotfix.record.parts import Evidence


class Line(msgspec.Struct, frozen=True):
    """A sentence, and what it stands on."""

    said: str
    """Foreign text in it is as it came: whoever draws it makes it inert."""
    seqs: tuple[int, ...] = ()
    """The numbers of the facts; none of what was computed from several hotfixes."""
    evidence: tuple[Evidence, ...] = ()


class Clock(msgspec.Struct, frozen=True):
    """One of the five."""

    name: str
    at: str
    """Empty where nobody knows."""
    how: str
    """``on record``, ``stated``, or why it is not known."""
    seqs: tuple[int, ...] = ()


class Gap(msgspec.Struct, frozen=True):
    """The time between two clocks that are known and follow each other."""

    between: str
    seconds: float
    longest: bool


class Event(msgspec.Struct, frozen=True):
    """One row of the timeline."""

    at: str
    local: str
    """The same moment in the team's own time zone; empty where that is UTC."""
    who: str
    line: Line


class Suggestion(msgspec.Struct, frozen=True):
    """An action that a rule drafted: to be taken up with an owner and a day, or declined with a reason."""

    code: str
    type: str
    title: str
    because: Line
    due: str
    answer: str = ""
    """What somebody made of it: the action's name, or ``declined: …``; empty while it waits."""


class Document(msgspec.Struct, frozen=True):
    """The whole postmortem of one hotfix."""

    hotfix: str
    draft: int
    """Which of the documents on record of this hotfix it is."""
    title: str
    state: str
    """``draft``, ``in review`` (every box is filled, a suggestion waits), ``reviewed`` or ``closed``."""
    as_of: str
    """The newest fact that it was drawn from."""
    summary: tuple[Line, ...]
    clocks: tuple[Clock, ...]
    gaps: tuple[Gap, ...]
    target: Line
    """Detection to deployment beside its budget, and detection to validated beside two hours."""
    silences: tuple[Line, ...]
    """Stretches in which nothing is on record, as questions."""
    timeline: tuple[Event, ...]
    shipped: tuple[Line, ...]
    impact: tuple[Line, ...]
    waived: tuple[Line, ...]
    context: tuple[Line, ...]
    actions: tuple[Standing, ...]
    suggestions: tuple[Suggestion, ...]
    boxes: dict[str, str]
    """What people wrote, by the box."""
    empty_boxes: tuple[str, ...]

    @property
    def open_suggestions(self) -> tuple[Suggestion, ...]:
        """Those that nobody has answered."""
        return tuple(one for one in self.suggestions if not one.answer)

"""The actions of a hotfix, as its facts add up."""

import msgspec

from hotfix.record.action_facts import ActionAdded, ActionClosed, ActionDeclined, ActionMoved, RiskAccepted
from hotfix.record.any_fact import AnyFact


class Action(msgspec.Struct, frozen=True):
    """One action, with the newest of what was said of it."""

    added: ActionAdded
    owner: str
    due: str
    closed: ActionClosed | None = None
    accepted: RiskAccepted | None = None
    moved: int = 0
    """How often its owner or its day was changed."""


class Actions(msgspec.Struct, frozen=True):
    """Every action by its name, and the suggestions that were declined."""

    items: dict[str, Action] = {}
    declined: dict[str, ActionDeclined] = {}

    @property
    def next_name(self) -> str:
        """The name that the next action gets."""
        return f"A{len(self.items) + 1}"

    def apply(self, fact: AnyFact) -> "Actions":
        """This stage with one more fact; what speaks of an action that there is not changes nothing."""
        match fact:
            case ActionAdded() if fact.action not in self.items:
                return self._with(fact.action, Action(fact, fact.owner, fact.due))
            case ActionDeclined():
                return msgspec.structs.replace(self, declined=self.declined | {fact.suggested: fact})
            case ActionMoved() if fact.action in self.items:
                item = self.items[fact.action]
                moved = msgspec.structs.replace(item, owner=fact.owner, due=fact.due, moved=item.moved + 1)
                return self._with(fact.action, moved)
            case ActionClosed() if fact.action in self.items:
                done = msgspec.structs.replace(self.items[fact.action], closed=fact)
                return self._with(fact.action, done)
            case RiskAccepted() if fact.action in self.items:
                accepted = msgspec.structs.replace(self.items[fact.action], accepted=fact)
                return self._with(fact.action, accepted)
            case _:
                return self

    def _with(self, name: str, item: Action) -> "Actions":
        return msgspec.structs.replace(self, items=self.items | {name: item})

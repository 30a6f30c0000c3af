"""The boxes: at most six judgements that only people can make. The generator never writes into one."""

import re
from collections.abc import Mapping

BOXES: Mapping[str, str] = {
    "contributing-factors": "Contributing factors: how could the defect arise, pass review and tests, and go live?",
    "surprises": "What surprised us?",
    "well-badly-lucky": "What went well, what went badly, where were we lucky?",
    "right-lane": "Was a hotfix the right way out?",
    "told-customers": "What did we tell customers, and what do we still owe them?",
}
"""Box id → its question."""

_BOX = re.compile(r"<!-- box:(?P<id>[a-z-]+) -->\r?\n(?P<text>.*?)\r?\n?<!-- /box -->", re.DOTALL)


def written(document: str) -> dict[str, str]:
    """What people wrote into the boxes of an earlier document, also into boxes that there are no more."""
    return {match["id"]: match["text"].strip() for match in _BOX.finditer(document) if match["text"].strip()}


def is_ours(document: str) -> bool:
    """Whether this is a postmortem that was drawn before: it has at least one of the boxes."""
    return _BOX.search(document) is not None


def empty(boxes: Mapping[str, str]) -> tuple[str, ...]:
    """The boxes in which nobody has written."""
    return tuple(box for box in BOXES if not boxes.get(box, "").strip())


def without(document: str) -> str:
    """The document with every box emptied: what the record wrote of it."""
    return _BOX.sub(lambda match: f"<!-- box:{match['id']} -->\n\n<!-- /box -->", document)

"""The boxes: at most six judgements that only people can make. The generator never writes into one.

People write between the marks, in a file of theirs, while others do the same in another clone: what each of them wrote is
put together, and where both wrote into one box both texts stay.
"""

import re
from collections.abc import Mapping

from hotfix.record.canonical import sha256
from hotfix.record.finding import refused

BOXES: Mapping[str, str] = {
    "contributing-factors": "Contributing factors: how could the defect arise, pass review and tests, and go live?",
    "surprises": "What surprised us?",
    "well-badly-lucky": "What went well, what went badly, where were we lucky?",
    "right-lane": "Was a hotfix the right way out?",
    "told-customers": "What did we tell customers, and what do we still owe them?",
}
"""Box id → its question."""

_BOX = re.compile(r"<!-- box:(?P<id>[a-z-]+) -->(?P<text>.*?)<!-- /box -->", re.DOTALL)
_MARK = re.compile(r"<!-- (?:box:(?P<id>[a-z-]+)|/box) -->")
_DRAFT = re.compile(
    r"<!-- postmortem (?P<hotfix>HF-[0-9]+) draft (?P<draft>[0-9]{1,6}) (?P<digest>[0-9a-f]{16}) -->"
)


def written(document: str) -> dict[str, str]:
    """What people wrote into the boxes of a document, also into boxes that there are no more."""
    return {match["id"]: match["text"].strip() for match in _BOX.finditer(document) if match["text"].strip()}


def of_hotfix(document: str) -> str:
    """The hotfix whose postmortem this is; empty where it is none."""
    heading = re.match(r"\s*# (HF-[0-9]+):", document)
    return heading[1] if heading and _MARK.search(document) else ""


def draft(document: str) -> int:
    """Which of the documents on record this is, or was written on; 0 where it does not say."""
    match = _DRAFT.search(document)
    return int(match["draft"]) if match else 0


def mark(hotfix: str, draft: int, document: str) -> str:
    """What a document says of itself, for :func:`draft` and :func:`check`."""
    return f"<!-- postmortem {hotfix} draft {draft} {_digest(document)} -->"


def _digest(document: str) -> str:
    """Of what the record wrote; ends of lines are the editor's."""
    lines = (line.rstrip() for line in without(document).strip().splitlines())
    return sha256("\n".join(lines).encode("utf-8", "replace"))[:16]


def check(document: str) -> None:
    """Refuses a document whose marks somebody broke, or in which somebody wrote outside of the boxes: it would be lost."""
    gone = next((box for box in BOXES if f"<!-- box:{box} -->" not in document), "")
    if gone:
        raise _broken(gone)
    names: list[str] = []
    inside = ""
    for match in _MARK.finditer(document):
        name = match["id"]
        if bool(name) == bool(inside):
            raise _broken(inside or name or (names[-1] if names else ""))
        inside = name or ""
        names += [name] if name else []
    if inside or len(set(names)) < len(names):
        raise _broken(inside or names[-1])

    said = _DRAFT.search(document)
    if said and said["digest"] != _digest(document):
        raise refused(
            "postmortem-outside",
            "Something outside of the boxes was changed in it. That part is drawn from the record, and the change would be lost.",
            "move what you want to keep into a box and undo the rest, or remove the file and draw it anew",
        )


def _broken(box: str) -> Exception:
    return refused(
        "postmortem-marks",
        f"The marks of the box {box} are broken, so that what was written cannot be told from the rest.",
        f"each box is <!-- box:{box} --> TEXT <!-- /box -->, once; mend that, or draw into another file with --out",
    )


def together(base: Mapping[str, str], theirs: Mapping[str, str], ours: Mapping[str, str]) -> dict[str, str]:
    """What is on record (`theirs`) and what somebody wrote (`ours`) on an earlier version of it (`base`).

    Whoever alone changed a box is followed; where both did, both texts stay.
    """
    result = {}
    for box in (*theirs, *(box for box in ours if box not in theirs)):
        old, their, our = (text.get(box, "") for text in (base, theirs, ours))
        if our in (their, old):
            text = their
        elif their in (old, ""):
            text = our
        else:
            text = their if our in their else our if their in our else f"{their}\n\n{our}"
        if text:
            result[box] = text
    return result


def empty(boxes: Mapping[str, str]) -> tuple[str, ...]:
    """The boxes in which nobody has written."""
    return tuple(box for box in BOXES if not boxes.get(box, "").strip())


def without(document: str) -> str:
    """The document with every box emptied: what the record wrote of it."""
    emptied = _BOX.sub(lambda match: f"<!-- box:{match['id']} -->\n\n<!-- /box -->", document)
    return _DRAFT.sub("", emptied)

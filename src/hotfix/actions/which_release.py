"""What a unit's answer means: by record, then tag, then full commit id."""

import re
from collections.abc import Iterable, Mapping

from hotfix.ports import Ports
from hotfix.record.finding import Refused, refused
from hotfix.record.hotfix import Hotfix
from hotfix.record.parts import UnitState

_FULL_ID = r"[0-9a-f]{40}([0-9a-f]{24})?"


def meanings(
    ports: Ports, every: Iterable[Hotfix], states: Iterable[UnitState]
) -> dict[str, tuple[str, str]]:
    """Answer → (release name, commit), for every answer that means exactly one commit."""
    recorded = released(every)
    answers = {state.release for state in states if state.state == "serving"}
    return {answer: meaning for answer in answers if (meaning := _meaning(ports, recorded, answer))}


def released(every: Iterable[Hotfix]) -> dict[str, set[str]]:
    """Release name → the commits that were ever picked under it; several only where two people were at it at once."""
    names: dict[str, set[str]] = {}
    for hotfix in every:
        for picked in hotfix.pick.history:
            names.setdefault(picked.release, set()).add(picked.result_commit)
    return names


def _meaning(ports: Ports, recorded: Mapping[str, set[str]], answer: str) -> tuple[str, str] | None:
    by_id = _by_id(ports, answer)
    if by_id:
        names = [name for name, commits in recorded.items() if by_id in commits]
        return (*names, *ports.git.tags_of(by_id), answer)[0], by_id
    by_record, by_tag = recorded.get(answer, set()), ports.git.tag_commit(answer)
    if by_tag and (not by_record or by_tag in by_record):
        return answer, by_tag
    if len(by_record) > 1 or (by_record and by_tag):
        told = tuple(sorted(commit[:12] for commit in by_record))
        raise refused(
            "release-ambiguous",
            f"The release {answer!r} is {' and '.join(told)} on record, and its tag is {(by_tag or 'missing')[:12]}.",
            f"see which one runs, and let the tag {answer} say so",
        )
    return (answer, next(iter(by_record))) if by_record else None


def _by_id(ports: Ports, answer: str) -> str:
    """The commit, where the answer is a full commit id; no name may stand in its way."""
    if not re.fullmatch(_FULL_ID, answer):
        return ""
    try:
        return ports.git.commit(answer).id
    except Refused:
        return ""

"""What a unit's answer means: by record, then tag, then full commit id."""

from collections.abc import Iterable

from hotfix.ports import Ports
from hotfix.record.facts import UnitState
from hotfix.record.finding import Refused, refused
from hotfix.record.hotfix import Hotfix


def meanings(
    ports: Ports, every: Iterable[Hotfix], states: Iterable[UnitState]
) -> dict[str, tuple[str, str]]:
    """Answer → (release name, commit), for every answer that means exactly one commit."""
    recorded = released(every)
    answers = {state.release for state in states if state.state == "serving"}
    return {answer: meaning for answer in answers if (meaning := _meaning(ports, recorded, answer))}


def released(every: Iterable[Hotfix]) -> dict[str, str]:
    """Release name → commit, of every result that was ever picked."""
    return {picked.release: picked.result_commit for hotfix in every for picked in hotfix.pick.history}


def _meaning(ports: Ports, recorded: dict[str, str], answer: str) -> tuple[str, str] | None:
    by_record, by_tag = recorded.get(answer), ports.git.tag_commit(answer)
    if by_record and by_tag and by_record != by_tag:
        raise refused(
            "release-ambiguous",
            f"The release {answer!r} is {by_record[:12]} on record, and its tag points at {by_tag[:12]}.",
            "mend the tag; the record cannot be changed",
        )
    commit = by_record or by_tag
    if commit:
        return answer, commit
    try:
        commit = ports.git.resolve(answer) if len(answer) in (40, 64) else None
    except Refused:
        return None
    if commit is None:
        return None
    names = [
        name for name, recorded_commit in recorded.items() if recorded_commit == commit
    ] or ports.git.tags_of(commit)
    return (names[0] if names else answer, commit)

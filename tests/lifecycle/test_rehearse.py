"""Until a rehearsal can be made, none was made."""

from hotfix.lifecycle import rehearse
from hotfix.record.hotfix import Hotfix
from lifecycle.facts_of import ended, hotfix, picked, planned, started


def test_no_record_makes_the_way_back_rehearsed() -> None:
    for state in (Hotfix("HF-7"), hotfix(started(), picked(), planned(), ended("rolled_back"))):
        answer = rehearse.gate(state)
        assert answer.state == "not rehearsed"
        assert answer.waived == "NOT REHEARSED"
        assert "nobody has rehearsed" in answer.findings[0].sentence

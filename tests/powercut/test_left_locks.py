"""What git leaves in the way when it is killed or loses its power is named, all of it, with what to type."""

import shlex
import subprocess
from pathlib import Path

import pytest
from tests.adapters import repositories

from hotfix.ports import Append
from hotfix.record.facts import Notified
from hotfix.record.finding import Refused

FACT = Notified(at="2026-11-22T03:00:00Z", by="olga@shop.example", event="shipping", delivered=True, said="")


def test_every_lock_is_named_and_what_is_typed_then_helps(tmp_path: Path) -> None:
    clone = repositories.create(tmp_path / "a clone").path
    left = ("heads/hotfix-record.lock", "hotfix/record/seen.lock", "hotfix/record/anchored.lock")
    locks = [clone / ".git" / "refs" / name for name in left]
    with repositories.record(clone) as ledger:
        ledger.append(lambda _: Append("HF-1", (FACT,)), anchor=False)
        for lock in locks:
            lock.touch()
        with pytest.raises(Refused) as no:
            ledger.append(lambda _: Append("HF-1", (FACT,)), anchor=False)
        (finding,) = no.value.findings
        assert all(str(lock) in finding.sentence for lock in locks)
        subprocess.run(shlex.split(finding.next.rpartition("where none does: ")[2]), check=True)
        assert len(ledger.append(lambda _: Append("HF-1", (FACT,)), anchor=False).entries) == 2

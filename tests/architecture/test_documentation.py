"""The documentation cannot rot: its keys, links, examples and commands are tried."""

import hashlib
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pydantic
import pytest
from pydantic_core import PydanticUndefined

from hotfix.policy import schema, tables
from hotfix.policy.checks import CheckTable

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])

TABLES: dict[str, type[pydantic.BaseModel]] = {
    "hotfix.toml": tables.Policy,
    "[[freeze]]": tables.FreezeTable,
    "[deciders]": tables.DecidersTable,
    "[limits]": tables.LimitsTable,
    "[review]": tables.ReviewTable,
    "[authorize]": tables.AuthorizeTable,
    "[budget]": tables.BudgetTable,
    "[build]": tables.BuildTable,
    "[[regenerate]]": tables.RegenerateTable,
    "[test]": tables.TestTable,
    "[trend]": tables.TrendTable,
    "[check.NAME]": CheckTable,
    "[target.NAME]": tables.TargetTable,
    "[env.NAME]": tables.EnvironmentTable,
    "[env.NAME.units.UNIT]": tables.UnitTable,
}


def documented() -> dict[str, dict[str, str]]:
    """By table, the keys of ``docs/policy.md`` with the default that it names."""
    tables: dict[str, dict[str, str]] = {}
    for section in re.split(r"^## ", (ROOT / "docs" / "policy.md").read_text("utf-8"), flags=re.MULTILINE)[
        1:
    ]:
        heading = re.match(r"`([^`]+)`", section)
        if heading:
            rows = re.findall(r"^\| `([a-z_]+)` \| ([^|]+?) \|", section, re.MULTILINE)
            assert len({key for key, _ in rows}) == len(rows), f"{heading[1]} documents a key twice"
            tables[heading[1]] = dict(rows)
    return tables


def keys(table: type[pydantic.BaseModel]) -> Iterator[tuple[str, str]]:
    """Each key and its default as the documentation writes it; inner tables have sections of their own."""
    for name, field in table.model_fields.items():
        if "Table" not in str(field.annotation):
            yield name, _written(field.default)


def _written(default: object) -> str:
    if default is PydanticUndefined:
        return "needed"
    if default is None or default in ("", [], {}):
        return "none"
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


@pytest.mark.parametrize("table", TABLES, ids=str)
def test_every_key_of_the_policy_is_documented_with_its_default(table: str) -> None:
    assert documented().get(table) == dict(keys(TABLES[table]))


def test_every_table_of_the_policy_is_looked_at() -> None:
    defined = {
        kind
        for kind in vars(tables).values()
        if isinstance(kind, type) and issubclass(kind, pydantic.BaseModel)
    }
    assert defined - {pydantic.BaseModel, tables.Table} == set(TABLES.values())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", page.read_text("utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_example_in_the_documentation_is_a_policy() -> None:
    [example] = re.findall(
        r"^```toml\n(.*?)^```$", (ROOT / "docs" / "policy.md").read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    assert schema.parse(example.encode(), "docs/policy.md").service == "shop"
    assert len(example.splitlines()) <= 20


STORED = (ROOT / "tests" / "record" / "one_of_each_fact.jsonl").read_bytes().splitlines(keepends=True)


def a_clone_of_a_record(folder: Path, lines: list[bytes]) -> Path:
    """A clone whose remote has these lines as its record, seven to a file."""
    git = ("git", "-c", "user.name=n", "-c", "user.email=e@example.com")
    remote, clone = folder / "remote", folder / "clone"
    (remote / "HF-1" / "record").mkdir(parents=True)
    for first in range(0, len(lines), 7):
        facts = remote / "HF-1" / "record" / f"{first + 1:06d}.jsonl"
        facts.write_bytes(b"".join(lines[first : first + 7]))
    for argv in (
        (*git, "init", "--quiet", "--initial-branch=hotfix-record", str(remote)),
        (*git, "-C", str(remote), "add", "."),
        (*git, "-C", str(remote), "commit", "--quiet", "--message=record"),
        (*git, "clone", "--quiet", str(remote), str(clone)),
    ):
        subprocess.run(argv, check=True, capture_output=True)
    return clone


def verified_by_hand(clone: Path) -> subprocess.CompletedProcess[str]:
    """What the first commands of ``docs/the-record.md`` say."""
    [script, *_] = re.findall(
        r"^```sh\n(.*?)^```$", (ROOT / "docs" / "the-record.md").read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    return subprocess.run(["sh", "-c", script], cwd=clone, capture_output=True, text=True, check=False)


def test_an_outsider_can_verify_the_record_with_git_and_sha256(tmp_path: Path) -> None:
    said = verified_by_hand(a_clone_of_a_record(tmp_path, STORED))
    assert (said.returncode, said.stderr) == (0, "")
    last = hashlib.sha256(STORED[-1].rstrip(b"\n")).hexdigest()
    assert said.stdout == f"{len(STORED)} facts, one chain; the last has the digest {last}\n"


def test_an_outsider_finds_a_changed_fact_with_git_and_sha256(tmp_path: Path) -> None:
    changed = [*STORED[:10], STORED[10].replace(b"carts are lost", b"none is hurt.."), *STORED[11:]]
    said = verified_by_hand(a_clone_of_a_record(tmp_path, changed))
    assert said.returncode == 1
    assert said.stdout == "seq 12 does not follow from seq 11 as it stands\n"


def test_an_outsider_finds_a_missing_fact_with_git_and_sha256(tmp_path: Path) -> None:
    said = verified_by_hand(a_clone_of_a_record(tmp_path, [*STORED[:3], *STORED[4:]]))
    assert said.stdout == "seq 4 does not follow from seq 3 as it stands\n"

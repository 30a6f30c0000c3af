"""How often `hotfix trend --from-git` is right, by releases labelled by hand: python benchmarks/trend/precision.py FOLDER

FOLDER holds bare repositories as OWNER+NAME/repo or OWNER/NAME. `labels.json` has, for each, a sample of releases that
people judged from the history without seeing any class: Y clearly a hotfix, P partly, N none. The first sample was used
to find the rule, the one held out was labelled afterwards.
"""

import argparse
import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from hotfix import wiring
from hotfix.actions.trend_from_git import Row, Wanted, trend
from hotfix.trend import binomial

LABELS = Path(__file__).with_name("labels.json")
RUNGS = ("probable", "candidate", "regular")


def rows_of(folder: Path, months: int, as_of: str) -> list[Row]:
    """Every release of the repository, judged."""
    past, _ = wiring.open_past(folder, lambda said: None)
    now = datetime.fromisoformat(as_of).replace(tzinfo=UTC)
    return list(trend(past, Wanted(months=months, as_of=now)).releases)


def main() -> None:
    """Print what each rung's releases were labelled, and what that means for all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument(
        "--mistakes", action="store_true", help="every probable that is not Y, every Y that is not probable"
    )
    wanted = parser.parse_args()
    totals: dict[str, Counter[tuple[str, str]]] = {"first": Counter(), "held out": Counter()}
    clear = dict.fromkeys(RUNGS, 0.0)
    for name, about in json.loads(LABELS.read_text()).items():
        places = (wanted.folder / name.replace("/", "+") / "repo", wanted.folder / name)
        folder = next((place for place in places if place.is_dir()), None)
        if folder is None:
            print(f"{name}: not in {wanted.folder}, left out")
            continue
        rows = rows_of(folder, about["months"], about["as_of"])
        rung_of = {tag: row for row in rows for tag in (row.tag, *row.also)}
        both: Counter[tuple[str, str]] = Counter()
        for sample, counts in totals.items():
            for tag, label in about[sample].items():
                row = rung_of[tag]
                counts[row.rung.value, label] += 1
                both[row.rung.value, label] += 1
                if wanted.mistakes and (row.rung == "probable") != (label == "Y"):
                    print(f"  {name} {tag}: {row.rung}, labelled {label}: {'; '.join(row.reasons)}")
        shares = {rung: _share(both, rung) for rung in RUNGS}
        for row in rows:
            if not row.reasons[0].startswith("level: "):  # of these none was sampled: they mend no release
                clear[row.rung.value] += shares[row.rung.value]
        print(f"{name}: {len(rows)} releases, {dict(sorted(both.items()))}")
    print()
    for sample, counts in (*totals.items(), ("both", totals["first"] + totals["held out"])):
        for rung in RUNGS:
            yes, partly, no = (counts[rung, label] for label in "YPN")
            between = binomial.interval(yes, yes + partly + no)
            print(
                f"{sample}, {rung}: {yes} clear, {partly} partly, {no} not, of {yes + partly + no}: "
                f"{yes / max(yes + partly + no, 1):.0%} clear (95 % {between.low:.0%} to {between.high:.0%})"
            )
    print(
        f"recall, each repository's releases weighted by its sample: "
        f"{clear['probable'] / sum(clear.values()):.0%} of {sum(clear.values()):.0f} clear hotfixes are probable, "
        f"{(clear['probable'] + clear['candidate']) / sum(clear.values()):.0%} probable or candidate"
    )


def _share(counts: Counter[tuple[str, str]], rung: str) -> float:
    labelled = sum(counts[rung, label] for label in "YPN")
    return counts[rung, "Y"] / labelled if labelled else 0.0


if __name__ == "__main__":
    main()

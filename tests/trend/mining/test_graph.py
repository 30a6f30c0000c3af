"""What a release has that the one before it lacks, beside a plain walk over ancestors."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from hotfix.trend.mining.graph import Graph, Logged


@st.composite
def histories(draw: st.DrawFn) -> list[Logged]:
    """Commits, newest first; each with parents among those that come after it."""
    size = draw(st.integers(1, 25))
    commits = []
    for place in range(size):
        later = list(range(place + 1, size))
        parents = draw(st.lists(st.sampled_from(later), max_size=3, unique=True)) if later else []
        commits.append(Logged(f"c{place}", tuple(f"c{parent}" for parent in parents), f"subject {place}"))
    return commits


def ancestors(commits: Sequence[Logged], begin: str) -> set[str]:
    parents = {commit.id: commit.parents for commit in commits}
    found: set[str] = set()
    queue = [begin]
    while queue:
        id = queue.pop()
        if id in parents and id not in found:
            found.add(id)
            queue += parents[id]
    return found


@given(histories(), st.data())
def test_it_is_what_one_has_and_the_other_lacks(commits: list[Logged], data: st.DataObject) -> None:
    ids = [commit.id for commit in commits]
    older, newer = data.draw(st.sampled_from(ids)), data.draw(st.sampled_from(ids))

    found = [commit.id for commit in Graph(commits).between(older, newer)]

    assert set(found) == ancestors(commits, newer) - ancestors(commits, older)
    assert found == sorted(found, key=ids.index)


@given(histories())
def test_before_what_is_known_lies_everything(commits: list[Logged]) -> None:
    found = Graph(commits).between("not listed", "c0")
    assert {commit.id for commit in found} == ancestors(commits, "c0")


def test_a_release_that_is_not_listed_has_nothing() -> None:
    assert Graph([]).between("a", "b") == []

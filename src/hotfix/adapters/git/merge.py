"""Three-way merges of trees in memory, many at a time: git's own ``ort``, without a work tree, an index or a ref.

A cherry-pick is a three-way merge with a chosen base. ``merge-tree`` takes a base from git 2.40 on, and many merges
on its standard input from 2.39. Before 2.40 it looks for the base in history, so that three synthetic commits give it
exactly that history. Neither way needs the real history, so a shallow clone, a merge and a root commit are all alike.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from hotfix.adapters.git import attributes, objects
from hotfix.adapters.git.attributes import Wanted
from hotfix.adapters.git.process import GitFailed, GitProcess
from hotfix.ports.git import Clash
from hotfix.record import lossless

TAKES_A_BASE = (2, 40)
TAKES_MANY = (2, 39)

_NO_GRAPH = "core.commitGraph=false"
"""The commit graph is a cache in the person's store: here it saves nothing, and what it says is not believed."""


class Side(msgspec.Struct, frozen=True):
    """A tree, and the commit that it is of, where there is one."""

    tree: str
    commit: str = ""


class Trio(msgspec.Struct, frozen=True):
    """What is merged."""

    base: Side
    ours: Side
    theirs: Side
    union: tuple[str, ...] = ()
    """Paths in which both sides' lines are kept, whatever the attributes say."""


class Merged(msgspec.Struct, frozen=True):
    """What git made of a trio."""

    tree: str = ""
    """The result; with clashes, a tree that is not to be used."""
    clashes: tuple[Clash, ...] = ()
    unreadable: str = ""
    """Why git could make nothing of it."""
    by_lines: frozenset[str] = frozenset()
    """Paths (lossless) whose contents were merged, well or not: those of which attributes have a say."""


_MOST_ROUNDS = 8


def merge(git: GitProcess, trios: Sequence[Trio]) -> list[Merged]:
    """Merge each trio, by the attributes of what it is merged onto. Results lie in the scratch store.

    Few merges come down to lines, and few attribute files speak of merging. So each is merged without, and again where
    its attributes have something to say of a path that was merged by lines, until they have nothing new.
    """
    questions = _with_bases(git, trios) if git.version >= TAKES_A_BASE else _with_histories(git, trios)
    said = [attributes.union_of(trio.union) for trio in trios]
    paths: list[frozenset[str]] = [frozenset()] * len(trios)
    answers = [Merged()] * len(trios)
    open_ones = list(range(len(trios)))
    for _ in range(_MOST_ROUNDS):
        if not open_ones:
            break
        for number, answer in _merged(git, questions, said, open_ones).items():
            answers[number] = answer
            paths[number] |= answer.by_lines
        wanted = [Wanted(trios[number].ours.tree, paths[number]) for number in open_ones]
        changed = []
        for number, new in zip(open_ones, attributes.read(git, wanted), strict=True):
            if new is None:
                answers[number] = Merged(unreadable="an attribute file of the base is not in this clone")
            elif (new := new + attributes.union_of(trios[number].union)) != said[number]:
                said[number] = new
                changed.append(number)
        open_ones = changed
    for number in open_ones:
        answers[number] = Merged(unreadable="its attribute files never come to an end")
    return answers


def _merged(
    git: GitProcess, questions: Sequence[Sequence[str]], said: Sequence[bytes], numbers: Sequence[int]
) -> dict[int, Merged]:
    """The merges of these numbers, those of the same attributes by one process."""
    ask = _many if git.version >= TAKES_MANY else _one_by_one
    answers: dict[int, Merged] = {}
    for alike in dict.fromkeys(said[number] for number in numbers):
        group = [number for number in numbers if said[number] == alike]
        config = (_NO_GRAPH, f"core.attributesFile={_written(git, alike)}")
        answers |= zip(group, ask(git, [questions[number] for number in group], config), strict=True)
    return answers


def _written(git: GitProcess, said: bytes) -> str:
    file = git.scratch / "attributes"
    file.write_bytes(said)
    return str(file)


# -- what git is asked --------------------------------------------------------------------------------


def _with_bases(git: GitProcess, trios: Sequence[Trio]) -> list[list[str]]:
    """``base, ours, theirs`` as commits; a tree that is of no commit gets one."""
    bare = [side for trio in trios for side in (trio.base, trio.ours, trio.theirs) if not side.commit]
    made = _synthetic(git, [(side.tree, ()) for side in bare])

    def of(side: Side) -> str:
        return side.commit or made[side.tree, ()]

    return [[of(trio.base), of(trio.ours), of(trio.theirs)] for trio in trios]


def _with_histories(git: GitProcess, trios: Sequence[Trio]) -> list[list[str]]:
    """``ours, theirs`` as commits whose one parent is a commit of the base's tree."""
    roots = _synthetic(git, [(trio.base.tree, ()) for trio in trios])
    children = [
        (side.tree, (roots[trio.base.tree, ()],)) for trio in trios for side in (trio.ours, trio.theirs)
    ]
    made = _synthetic(git, children)
    pairs = [made[child] for child in children]
    return [list(pair) for pair in zip(pairs[::2], pairs[1::2], strict=True)]


_Made = tuple[str, tuple[str, ...]]
"""Tree and parents of a synthetic commit."""


def _synthetic(git: GitProcess, wanted: Sequence[_Made]) -> Mapping[_Made, str]:
    """Commits by nobody, in the scratch store, by tree and parents."""
    different = list(dict.fromkeys(wanted))
    raws = [
        objects.commit_bytes(tree, parents, objects.NOBODY, objects.NOBODY, b"synthetic\n")
        for tree, parents in different
    ]
    return dict(zip(different, objects.write_commits(git, raws), strict=True))


# -- what git says ------------------------------------------------------------------------------------


def _many(git: GitProcess, questions: Sequence[Sequence[str]], config: Sequence[str]) -> Iterator[Merged]:
    """All in one process. Where git gives up on one, it says nothing of those behind it: they are asked again."""
    todo = list(questions)
    while todo:
        lines = "".join(_line(question) + "\n" for question in todo).encode()
        failure = ""
        try:
            out = git.store(
                "merge-tree", "--write-tree", "--stdin", "-z", "--messages", input=lines, config=config
            )
        except GitFailed as failed:
            out, failure = failed.stdout, failed.stderr
        fields = iter(out.split(b"\0"))
        answered = 0
        while answered < len(todo) and (clean := next(fields)) in (b"0", b"1"):
            yield _answer(clean == b"1", next(fields).decode(), fields.__next__)
            answered += 1
        if answered < len(todo):
            yield Merged(unreadable=failure or "git said nothing of it")
            answered += 1
        todo = todo[answered:]


def _line(question: Sequence[str]) -> str:
    return f"{question[0]} -- {question[1]} {question[2]}" if len(question) == 3 else " ".join(question)


def _one_by_one(
    git: GitProcess, questions: Sequence[Sequence[str]], config: Sequence[str]
) -> Iterator[Merged]:
    for question in questions:
        try:
            out, clean = (
                git.store("merge-tree", "--write-tree", "-z", "--messages", *question, config=config),
                True,
            )
        except GitFailed as failed:
            if failed.exit != 1:
                yield Merged(unreadable=failed.stderr)
                continue
            out, clean = failed.stdout, False
        fields = iter([*out.split(b"\0"), b""])
        yield _answer(clean, next(fields).decode(), fields.__next__)


def _answer(clean: bool, tree: str, field: Callable[[], bytes]) -> Merged:
    """One merge's answer: the paths in conflict with their stages, then what git did, by paths and kind."""
    stages: dict[bytes, set[str]] = {}
    while meta := field():
        info, _, path = meta.partition(b"\t")
        stages.setdefault(path, set()).add(info.decode().rpartition(" ")[2])
    kinds: dict[bytes, str] = {}
    by_lines: set[bytes] = set()
    # At the end, nothing; or, after a submodule's conflict, advice for people that git puts there.
    while (count := field()).isdigit():
        paths = [field() for _ in range(int(count))]
        kind = field().decode()
        field()  # the same as a sentence
        if kind == "Auto-merging":
            by_lines |= set(paths)
        elif kind.startswith("CONFLICT ("):
            kinds |= {
                path: kind.removeprefix("CONFLICT (").removesuffix(")") for path in paths if path not in kinds
            }
    told = frozenset(map(lossless.to_text, by_lines | stages.keys()))
    if clean:
        return Merged(tree, by_lines=told)
    # Where a folder was renamed to two places, git has a conflict and no path with stages.
    clashes = tuple(
        _clash(path, stages.get(path, set()), kinds.get(path, "contents")) for path in stages or kinds
    )
    if not clashes:
        return Merged(unreadable="git has a conflict, and names no path of it")
    return Merged(tree, clashes, by_lines=told)


def _clash(path: bytes, stages: set[str], kind: str) -> Clash:
    both_added = kind == "contents" and stages == {"2", "3"}
    return Clash(lossless.to_text(path), "add/add" if both_added else kind)

"""Names turned into full commit ids, once; what could mean two things is refused, never guessed."""

import re
from collections.abc import Sequence

from hotfix.adapters.git.objects import is_full_id
from hotfix.adapters.git.process import GitFailed, GitProcess
from hotfix.record.finding import Refused, refused

_RELATIVE = r"(?P<name>.+?)(?P<steps>(?:[~^][0-9]*)+)$"
_ABBREVIATED = r"[0-9a-fA-F]{4,64}"
_MOST_NAMED = 500
_NO_REF_NAME = r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|^-|^/|/$|\.lock$"


def may_be_ref(name: str) -> bool:
    """Whether git could have a ref of this name; a record may name anything."""
    return len(name) < 200 and name.isprintable() and re.search(_NO_REF_NAME, name) is None


def lines(raw: bytes) -> list[str]:
    """git's lines as text. Not ``splitlines``: a ref's name may hold what Unicode calls a line separator."""
    return [line for line in raw.decode("utf-8", "surrogateescape").split("\n") if line]


def refs_below(git: GitProcess, *prefixes: str) -> dict[str, str]:
    """Full ref name → commit, of refs at or below the prefixes; annotated tags are peeled."""
    raw = git.refs("for-each-ref", "--format=%(refname)%00%(objectname)%00%(*objectname)", *prefixes)
    refs = {}
    for line in lines(raw):
        name, id, peeled = line.split("\0")
        refs[name] = peeled or id
    return refs


def commits_of(git: GitProcess, refs: Sequence[str]) -> dict[str, str]:
    """Full ref name → the commit that it comes down to, through tags of tags; without those of trees and blobs."""
    ids = refs_below(git, *refs) if len(refs) < _MOST_NAMED else refs_below(git, "refs/")
    wanted = [ref for ref in refs if ref in ids]
    questions = "".join(f"{ids[ref]}^{{commit}}\n" for ref in wanted).encode()
    said = git.store("cat-file", "--batch-check=%(objectname)", input=questions).decode().splitlines()
    return {ref: id for ref, id in zip(wanted, said, strict=True) if is_full_id(id)}


def resolve(git: GitProcess, name: str, remote: str) -> str:
    """The commit that `name` means: a full id, a branch, a tag, a remote's branch, ``HEAD``, an abbreviated id."""
    relative = re.fullmatch(_RELATIVE, name)
    if relative:
        return _commit(git, resolve(git, relative["name"], remote) + relative["steps"], name)
    meanings = _meanings(git, name, remote)
    if len(set(meanings.values())) > 1:
        told = tuple(f"{meaning}: {commit[:12]}" for meaning, commit in meanings.items())
        cure = "rename what is called like an id" if is_full_id(name) else "say the full commit id"
        raise refused("git-ambiguous", f"{name!r} could mean different commits.", cure, *told)
    if not meanings:
        raise _unknown(name)
    return next(iter(meanings.values()))


def _meanings(git: GitProcess, name: str, remote: str) -> dict[str, str]:
    meanings: dict[str, str] = {}
    if name == "HEAD":
        try:
            head = git.refs("rev-parse", "--verify", "HEAD").decode().strip()
        except GitFailed:
            raise _unknown(name) from None
        meanings["HEAD"] = _commit(git, head, name)
    elif not re.search(_NO_REF_NAME, name):
        wanted = [f"refs/heads/{name}", f"refs/tags/{name}", f"refs/remotes/{name}"]
        on_remote = f"refs/remotes/{remote}/{name}"
        found = refs_below(git, *wanted, on_remote)
        exact = [ref for ref in wanted if ref in found] or [ref for ref in (on_remote,) if ref in found]
        meanings = {ref: _commit(git, found[ref], name) for ref in exact}
    if re.fullmatch(_ABBREVIATED, name):
        try:
            meanings[f"commit {name}"] = _commit(git, name, name)
        except Refused:
            if not meanings:
                raise
    return meanings


def _commit(git: GitProcess, expression: str, name: str) -> str:
    try:
        return (
            git.store("rev-parse", "--verify", "--end-of-options", f"{expression}^{{commit}}")
            .decode()
            .strip()
        )
    except GitFailed as failure:
        if "ambiguous" in failure.stderr:
            raise refused(
                "git-ambiguous", f"{name!r} is the beginning of several object ids.", "say the full commit id"
            ) from None
        raise _unknown(name) from None


def _unknown(name: str) -> Refused:
    return refused(
        "git-unknown", f"There is no commit {name!r} in this clone.", "git fetch, or say the full commit id"
    )


def can_be_ref(name: str) -> bool:
    """Whether git would allow `name` as the end of a ref's name."""
    return bool(name) and not re.search(_NO_REF_NAME, name)

"""A pull or merge request as fixes: what trunk made of it, else its own commits."""

from hotfix.actions.twins import candidates, same_change
from hotfix.lifecycle.pick import pull_request as rule
from hotfix.lifecycle.pick.pull_request import PullRequest
from hotfix.ports import Ports, Trunk
from hotfix.ports.picking import Attempt, Picking
from hotfix.record.finding import Refused, refused


def fixes_of(ports: Ports, name: str, trunk: Trunk) -> tuple[str, ...]:
    """The commits that `name` means: a commit, or a request that the remote offers."""
    request = rule.named(name)
    if request is None:
        return (ports.git.resolve(name),)
    if request.certain:
        return _commits(ports, request, name, trunk)
    try:
        meant = ports.git.resolve(name)
    except Refused as unknown:
        if unknown.findings[0].code != "git-unknown":
            raise
        return _commits(ports, request, name, trunk)
    raise refused(
        "pick-ambiguous",
        f"{name} is {meant[:12]} here, and may be a pull request.",
        f"say #{name} for the request, or the commit's full id",
    )


def _commits(ports: Ports, request: PullRequest, name: str, trunk: Trunk) -> tuple[str, ...]:
    if not rule.is_of(request, ports.git.remote_url()):
        raise refused(
            "pick-other-repository",
            f"{name} is not of this repository, whose remote is {ports.git.remote_url() or 'none'}.",
            "pick a request of this repository, or the commit itself",
        )
    head = ports.git.pull_request(request.number)
    if head is None:
        raise refused(
            "pick-no-request",
            f"The remote offers no request {request.number}, under refs/pull nor refs/merge-requests.",
            "say the commit that brought it to trunk",
        )
    fixes = _on_trunk(ports, head, trunk)
    ports.narrate(f"pick: request {request.number} is {', '.join(fix[:12] for fix in fixes)}")
    return fixes


def _on_trunk(ports: Ports, head: str, trunk: Trunk) -> tuple[str, ...]:
    """The merge that brought it, the one commit that it was squashed to, its commits as they were rebased; else its own."""
    if ports.git.is_ancestor(head, trunk.commit):
        return (_merged_by(ports, head, trunk),)
    fork = ports.picking.merge_base(head, trunk.commit)
    own = ports.picking.along(fork, head)
    if not fork or not own:
        raise refused(
            "pick-request-unrelated",
            f"The request's head {head[:12]} and {trunk.name} have no one history in common, or nothing between them.",
            "say its commits",
        )
    plain = all(commit and len(commit.parents) == 1 for commit in ports.picking.commits(own))
    rebased = (
        tuple(same_change(candidates(ports.picking, commit, fork, trunk.commit)) for commit in own)
        if plain
        else ()
    )
    if rebased and all(rebased):
        return rebased
    squashed = _squashed(ports.picking, fork, head, trunk.commit)
    if squashed:
        return (squashed,)
    if not plain:
        raise refused(
            "pick-request-merges",
            f"The request has merges in it ({trunk.name} was merged into it?), and {trunk.name} has no one commit of it.",
            "merge or squash it first, or say its commits",
        )
    return own


def _squashed(picking: Picking, fork: str, head: str, trunk: str) -> str:
    """The one commit of trunk that is all of the request; empty where there is none.

    All of the request, picked where that commit's parent stands, gives its tree: but so it does for the last of several
    commits that it was split to. So that commit, picked where the request began, must give the request's tree too.
    """
    twin = same_change(candidates(picking, picking.as_one(fork, head), fork, trunk))
    if not twin:
        return ""
    (tried,) = picking.attempt([Attempt((twin,), fork)])
    (whole,) = picking.commits([head])
    return twin if tried.clean and whole and tried.trees[-1] == whole.tree else ""


def _merged_by(ports: Ports, head: str, trunk: Trunk) -> str:
    merge = ports.picking.merge_of(head, trunk.commit)
    if not merge:
        raise refused(
            "pick-request-fast-forward",
            f"{trunk.name} went forward to {head[:12]} itself, so nothing tells which commits the request had.",
            f"say its commits: hotfix pick FIRST … {head[:12]}",
        )
    return merge

"""A pull or merge request, as people name one: by number, or by its page."""

import re

import msgspec

_NUMBER = r"(?:[#!]|(?:pr|mr)/)?([1-9][0-9]{0,8})"
_PAGE = r"https?://(?P<host>[^/]+)/(?P<repository>.+?)(?:/-)?/(?:pull|pulls|merge_requests)/(?P<number>[1-9][0-9]{0,8})(?:[/?#].*)?"
_REMOTE = r"(?:[a-z+]+://)?(?:[^@/]+@)?(?P<host>[^/:]+)(?::[0-9]+(?=/))?[:/]+(?P<repository>.+?)(?:\.git)?/*"


class PullRequest(msgspec.Struct, frozen=True):
    """Which one, and of which repository where that was said."""

    number: int
    host: str = ""
    repository: str = ""
    certain: bool = True
    """Whether nothing else could be meant: a bare number might be the beginning of a commit's id, or a branch."""


def named(text: str) -> PullRequest | None:
    """The request that `text` names; None where it names none."""
    if page := re.fullmatch(_PAGE, text):
        return PullRequest(int(page["number"]), page["host"], page["repository"])
    if number := re.fullmatch(_NUMBER, text):
        return PullRequest(int(number[1]), certain=not text.isdecimal())
    return None


def is_of(request: PullRequest, remote_url: str) -> bool:
    """Whether the request is of the repository that the remote is. A number is of whichever it is."""
    if not request.repository:
        return True
    remote = re.fullmatch(_REMOTE, remote_url)
    return remote is not None and (remote["host"], remote["repository"].lower()) == (
        request.host,
        request.repository.lower(),
    )

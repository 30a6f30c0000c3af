"""The remote: which one it is, what it has, and giving it refs by compare-and-swap."""

import os
from collections.abc import Mapping
from pathlib import Path

from hotfix.adapters.git.names import lines
from hotfix.adapters.git.process import PATIENCE, GitFailed, GitProcess
from hotfix.record.finding import refused

_REQUESTS = ("refs/pull/{}/head", "refs/merge-requests/{}/head")
"""Where forges offer the heads of pull and merge requests."""


class Remote:
    """The repository's remote, by name and URL; `name` is empty where there is none."""

    def __init__(self, git: GitProcess) -> None:
        self._git = git
        self.name, self.url = _find(git)

    def __bool__(self) -> bool:
        return bool(self.name)

    def fetch(
        self, refspecs: Mapping[str, str], known: Mapping[str, str], within: float = PATIENCE
    ) -> dict[str, str]:
        """Fetch ``remote ref pattern → scratch ref pattern``; scratch refs with their commits. Raises GitFailed.

        `known` refs are told to the remote, so that only what is missing travels.
        """
        self._git.forget_fetched()
        self._git.know_refs({f"refs/known/{name.removeprefix('refs/')}": id for name, id in known.items()})
        specs = [f"+{theirs}:{ours}" for theirs, ours in refspecs.items()]
        self._git.transport(
            "fetch",
            "--quiet",
            "--no-tags",
            "--no-write-fetch-head",
            "--no-recurse-submodules",
            "--end-of-options",
            self.url,
            *specs,
            within=within,
        )
        raw = self._git.store("for-each-ref", "--format=%(refname)%00%(objectname)", "refs/fetched/")
        pairs = (line.split("\0") for line in lines(raw))
        return dict(pairs)

    def request(self, number: int) -> str | None:
        """The head of a pull or merge request, brought here; None where there is none of that number. Raises GitFailed."""
        if not self:
            return None
        refs = [place.format(number) for place in _REQUESTS]
        listed = self._git.transport("ls-remote", "--end-of-options", self.url, *refs)
        offered = {line.split("\t")[1]: line.split("\t")[0] for line in lines(listed)}
        found = next((ref for ref in refs if ref in offered), "")
        return self.fetch({found: "refs/fetched/request"}, {})["refs/fetched/request"] if found else None

    def push(
        self,
        refs: Mapping[str, tuple[str, str | None]],
        *,
        plain: bool = False,
        within: float = PATIENCE,
    ) -> None:
        """Give refs ``name: (new, old)``, all or none; the remote must have each at `old`. Raises GitFailed.

        With `plain` there is no lease, and the remote takes a fast-forward only.
        """
        leases = (
            [] if plain else [f"--force-with-lease={name}:{old or ''}" for name, (_, old) in refs.items()]
        )
        specs = [f"{new}:{name}" for name, (new, _) in refs.items()]
        self._git.transport(
            "push",
            "--quiet",
            "--atomic",
            "--no-verify",
            "--no-recurse-submodules",
            *leases,
            "--end-of-options",
            self.url,
            *specs,
            within=within,
        )


def remote_name(git: GitProcess) -> str:
    """The remote that is meant where none is named: origin, else the only one; empty where there is no such one."""
    urls = _urls(git)
    return "origin" if "origin" in urls else next(iter(urls)) if len(urls) == 1 else ""


def _find(git: GitProcess) -> tuple[str, str]:
    urls, name = _urls(git), remote_name(git)
    if urls and not name:
        raise refused(
            "git-remotes",
            f"There are {len(urls)} remotes, and none of them is called origin.",
            "git remote rename NAME origin",
        )
    return (name, _checked(urls[name], git.layout.top)) if name else ("", "")


def _urls(git: GitProcess) -> dict[str, str]:
    """Read from the repository's own file alone: no include, no rewriting, nothing of it is run."""
    config = git.layout.common_dir / "config"
    try:
        raw = git.refs("config", "--file", str(config), "--null", "--get-regexp", r"^remote\..*\.url$")
    except GitFailed as failure:
        if failure.exit == 1:
            return {}
        raise refused(
            "git-config",
            f"The repository's configuration cannot be read: {failure.stderr}.",
            "mend .git/config",
        ) from None
    urls: dict[str, str] = {}
    for item in raw.decode("utf-8", "surrogateescape").split("\0")[:-1]:
        key, _, url = item.partition("\n")
        urls.setdefault(key.removeprefix("remote.").removesuffix(".url"), url)
    return urls


def _checked(url: str, top: Path) -> str:
    if not url or url.startswith("-") or "::" in url.partition("/")[0]:
        raise refused(
            "git-remote-url",
            f"The remote's URL {url!r} is not one that git may be given.",
            "git remote set-url origin URL",
        )
    is_path = "://" not in url and ":" not in url.partition("/")[0]
    return os.path.normpath(top / url) if is_path else url

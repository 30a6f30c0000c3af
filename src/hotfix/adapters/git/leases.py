"""The Leases port on git: one ref for each environment, a blob behind it, moved by compare-and-swap.

With a remote its ref is the truth. What we read of it and give to it lies in the scratch store, and this
clone's copy is a small file: heartbeats leave no objects in the person's repository. Without a remote the ref
of this clone is the truth.
"""

import contextlib
import copy
import hashlib
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from hotfix.adapters.git import names, objects
from hotfix.adapters.git.process import GitFailed, GitProcess, Layout
from hotfix.adapters.git.remote import Remote
from hotfix.record import lease as leases
from hotfix.record.finding import Refused, refused
from hotfix.record.lease import Lease

_FOLDER = "lease"
_PAUSES = (0.0, 0.1, 0.4)
"""Seconds before each try. There is another one where the ref is still as we expect it: somebody held its lock."""


class GitLeases:
    """Leases of the repository that `git` works on.

    Two threads may use it, one after the other; `git` must be nobody else's as soon as there are two, because
    the scratch directory is shared (a heartbeat would remove what the record is just fetching).
    """

    def __init__(self, git: GitProcess) -> None:
        self._turns = threading.RLock()
        scratch = _kept_in_scratch(git)
        remote = Remote(scratch)
        self._git = git
        self._truth: _Truth = _OnRemote(scratch, remote) if remote else _InThisClone(git)
        self._copies = git.layout.common_dir / "hotfix" / "leases" if remote else None

    def read(self, environment: str, *, within: float = 10.0) -> Lease | None:
        """See the port."""
        ref = ref_of(environment)
        with self._turn(ref, within):
            id = self._truth.look(ref, within)
            if not id:
                return None
            lease = self._lease(environment, ref, id)
            self._remember(lease)
            return lease

    def known(self, environment: str) -> Lease | None:
        """See the port."""
        if self._copies is None:
            return self.read(environment)
        ref_of(environment)
        file = _copy_of(self._copies, environment)
        try:
            return leases.decode(file.read_bytes(), environment)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except ValueError as error:
            raise refused(
                "lease-unreadable",
                f"What this clone knew of the lease of {environment} cannot be read ({error}); it is only a copy.",
                f"rm '{file}'",
            ) from None

    def swap(self, old: Lease | None, new: Lease, *, within: float = 10.0) -> bool:
        """See the port."""
        wrong = leases.wrong_step(old, new)
        if wrong:
            raise ValueError(wrong)
        ref, raw = ref_of(new.environment), leases.encode(new)
        leases.decode(raw, new.environment)  # what nobody could read is not written
        with self._turn(ref, within):
            seen = self.known(new.environment) if self._copies else None
            if seen and leases.reuses_token(seen, new):
                if self.read(new.environment, within=within) != old:
                    return False
                raise self._set_back(seen, ref)
            return self._move(ref, self._truth.write(raw), old, new, within)

    @contextlib.contextmanager
    def _turn(self, ref: str, within: float) -> Iterator[None]:
        if not self._turns.acquire(timeout=within):
            raise _offline(ref, self._truth.place, "another thread still waits for its answer")
        try:
            yield
        finally:
            self._turns.release()

    def _move(self, ref: str, id: str, old: Lease | None, new: Lease, within: float) -> bool:
        said, end = "", time.monotonic() + within
        for pause in _PAUSES:
            time.sleep(pause)
            try:
                self._truth.move(ref, id, self._id(old) if old else "", within)
            except GitFailed as failure:
                said = failure.stderr
            else:
                self._remember(new)
                return True
            # No, or an answer that was lost, or a lock that somebody held: only the truth tells.
            now = self.read(new.environment, within=within)
            if now != old:
                return now == new
            if time.monotonic() > end:
                break
        raise refused(
            "lease-push",
            f"{self._truth.place} did not let us change the lease {ref}: {said}.",
            f"may you change refs below refs/hotfix/ there? look at it: {self._truth.how_to_look(ref)}",
        )

    # -- what is behind a ref --

    def _lease(self, environment: str, ref: str, id: str) -> Lease:
        asked = self._git.store(
            "cat-file", "--batch-check=%(objecttype) %(objectsize)", input=f"{id}\n".encode()
        )
        kind, _, size = asked.decode().strip().partition(" ")
        if size == "missing":
            raise self._unreadable(environment, ref, "it leads to no object")
        if kind != "blob":
            raise self._unreadable(environment, ref, f"it is a {kind}")
        if int(size) > leases.LARGEST:
            raise self._unreadable(environment, ref, f"it has {size} bytes")
        (raw,) = objects.read(self._git, [id], kind="blob")
        try:
            return leases.decode(raw or b"", environment)
        except ValueError as error:
            raise self._unreadable(environment, ref, str(error)) from None

    def _unreadable(self, environment: str, ref: str, why: str) -> Refused:
        return refused(
            "lease-unreadable",
            f"What {self._truth.place} has as {ref} is no lease of {environment} ({why}), so nobody can tell "
            "whether somebody ships there.",
            f"look at it: {self._truth.how_to_look(ref)}; "
            f"once you are sure that nobody ships: {self._truth.how_to_remove(ref)}",
        )

    def _id(self, lease: Lease) -> str:
        raw = leases.encode(lease)
        return hashlib.new(self._git.layout.object_format, b"blob %d\0" % len(raw) + raw).hexdigest()

    # -- what this clone has seen --

    def _set_back(self, seen: Lease, ref: str) -> Refused:
        return refused(
            "lease-set-back",
            f"{self._truth.place} has an older lease of {seen.environment} than this clone has seen: token {seen.token} "
            f"was taken by {seen.holder or 'somebody'}, and a second holder of it could not be told from the first.",
            f"run the command again, to take a higher one; who put it back? {self._truth.how_to_look(ref)}",
        )

    def _remember(self, lease: Lease) -> None:
        if self._copies is None:
            return
        seen = self.known(lease.environment)
        if seen and (lease.token, lease.beat) <= (seen.token, seen.beat):
            return
        file = _copy_of(self._copies, lease.environment)
        own = file.with_name(f".{file.name}.{os.urandom(6).hex()}")
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            with own.open("wb") as new:
                new.write(leases.encode(lease))
                new.flush()
                os.fsync(new.fileno())
            own.replace(file)
        except OSError:
            # A full or read-only disk must not keep anybody from a lease that the remote guards, least of all a rollback.
            with contextlib.suppress(OSError):
                own.unlink()


def ref_of(environment: str) -> str:
    """The ref of an environment's lease. Raises ValueError where there is no environment of that name.

    git allows no ``..`` in a ref, nor ``.lock`` or a dot at its end: the dots of such a name are written ``%2E``.
    """
    if not leases.is_environment(environment):
        raise ValueError(f"{environment!r} is not the name of an environment")
    impossible = ".." in environment or environment.endswith((".lock", "."))
    return f"refs/hotfix/{_FOLDER}/{environment.replace('.', '%2E') if impossible else environment}"


def _offline(ref: str, place: str, why: str) -> Refused:
    return refused(
        "lease-offline",
        f"Nobody can tell who ships: {place} did not give {ref}: {why}.",
        "try again when the remote is back",
    )


def _copy_of(folder: Path, environment: str) -> Path:
    return folder / f"{environment}.json"


def _kept_in_scratch(git: GitProcess) -> GitProcess:
    """The same git, for which "the repository's store" is the scratch one: what it fetches goes with the process."""
    scratch, layout = copy.copy(git), git.layout
    scratch.layout = Layout(
        layout.git_dir,
        layout.common_dir,
        layout.top,
        git.scratch / "objects",
        layout.object_format,
        layout.shallow,
    )
    return scratch


class _Truth(Protocol):
    """Where the ref counts. Ids are object ids; empty: no such ref."""

    @property
    def place(self) -> str: ...

    def look(self, ref: str, within: float) -> str: ...

    def write(self, raw: bytes) -> str: ...

    def move(self, ref: str, new: str, old: str, within: float) -> None: ...

    def how_to_look(self, ref: str) -> str: ...

    def how_to_remove(self, ref: str) -> str: ...


class _OnRemote:
    """The remote's ref."""

    def __init__(self, scratch: GitProcess, remote: Remote) -> None:
        self._scratch = scratch
        self._remote = remote
        self.place = remote.name

    def look(self, ref: str, within: float) -> str:
        # A pattern, because a plain name that the remote does not have is an error like any other; it matches the
        # one ref, and whatever else somebody may have put beside it does not come along.
        theirs = ref.replace(f"/{_FOLDER}/", f"/{_FOLDER}*/")
        ours = ref.replace("refs/hotfix/", "refs/fetched/")
        try:
            found = self._remote.fetch({theirs: ours.replace(f"/{_FOLDER}/", f"/{_FOLDER}*/")}, {}, within)
        except GitFailed as failure:
            raise _offline(ref, self.place, failure.stderr) from None
        return found.get(ours, "")

    def write(self, raw: bytes) -> str:
        return objects.write_blob(self._scratch, raw, keep=True)

    def move(self, ref: str, new: str, old: str, within: float) -> None:
        self._remote.push({ref: (new, old)}, within=within)

    def how_to_look(self, ref: str) -> str:
        return f"git fetch {self.place} {ref} && git cat-file -p FETCH_HEAD"

    def how_to_remove(self, ref: str) -> str:
        return f"git push {self.place} --delete {ref}"


class _InThisClone:
    """The ref of this clone."""

    place = "this clone"

    def __init__(self, git: GitProcess) -> None:
        self._git = git
        self._zero = "0" * (64 if git.layout.object_format == "sha256" else 40)

    def look(self, ref: str, within: float) -> str:
        found = self._listed(ref)
        if not found and (self._git.layout.common_dir / ref).is_file():
            # Made this moment, or broken: then git lists it as little as one that is not there, but it is not free.
            return self._listed(ref) or self._zero
        return found

    def _listed(self, ref: str) -> str:
        return names.refs_below(self._git, ref).get(ref, "")

    def write(self, raw: bytes) -> str:
        return objects.write_blob(self._git, raw, keep=True)

    def move(self, ref: str, new: str, old: str, within: float) -> None:
        # Without a log of the ref, which would keep every heartbeat's blob for months.
        no_log = ("-c", "core.logAllRefUpdates=false")
        self._git.refs(*no_log, "update-ref", "--no-deref", ref, new, old or self._zero)

    def how_to_look(self, ref: str) -> str:
        return f"git cat-file -p {ref}"

    def how_to_remove(self, ref: str) -> str:
        return f"git update-ref -d {ref}"

"""What git leaves to luck at a power cut: the names of the files that it wrote.

With ``core.fsync=all`` git syncs what it writes, then gives it its name by a link or a rename, and syncs no folder.
So a ref that moved is back where it was, or an object lies under no name, for as long as the file system takes its
time: seconds. Whoever calls these is told that the names are on the disk.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

from hotfix.adapters.git.process import GitProcess
from hotfix.adapters.spool_file import sync_folder


def sync_objects(git: GitProcess, new: str, known: Sequence[str] = ()) -> None:
    """Make the names of the objects durable that `new` needs and the commits `known` do not. Raises OSError."""
    ids = git.store("rev-list", "--objects", "--no-object-names", new, *(f"^{id}" for id in known if id))
    store = git.layout.objects
    _sync(
        [
            *(store / folder for folder in sorted({id[:2] for id in ids.decode().split()})),
            store / "pack",
            store,
        ]
    )


def sync_refs(git: GitProcess, refs: Iterable[str]) -> None:
    """Make it durable where the refs of these names point. Raises OSError."""
    top = git.layout.common_dir
    folders = {above for ref in refs for above in Path(ref).parents if above != Path()}
    # With git's other way to store refs there is one folder for all of them, and none for each.
    _sync([*(top / folder for folder in sorted(folders, reverse=True)), top / "reftable"])


def locks_in_the_way(git: GitProcess, *refs: str) -> set[str]:
    """The locks of these refs that some git has, or left behind when it was killed or lost its power."""
    locks = (git.layout.common_dir / f"{ref}.lock" for ref in refs)
    return {str(lock) for lock in locks if lock.exists()}


def _sync(folders: Iterable[Path]) -> None:
    for folder in folders:
        if folder.is_dir():  # an object may lie in a pack instead, or in another repository's store
            sync_folder(folder)

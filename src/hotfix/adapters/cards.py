"""The Cards port on files of this person: state folder, temporary folders, then the units' own folders.

::

    <place>/cards/HF-7-1-<origin>-<plan>.json                       the card
    <place>/cards/HF-7-1-<origin>-<plan>.spool                      its spool, with room allocated beforehand
    <place>/cards/HF-7-1-<origin>-<plan>.<digest>.reconciled        a spool that the record took over
    <place>/cards/HF-7-1-<origin>-<plan>.<digest>.never-began       one of a plan that never came to be on record
"""

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import msgspec

from hotfix.adapters import spool_file
from hotfix.adapters.places import own_places
from hotfix.ports.cards import Card, Spool, parts_of
from hotfix.record.finding import refused

COPIES = 2
NEWEST = 10
"""Cards of one record that are kept."""


class FileCards:
    """On files; `places` are folders of this person, best first."""

    def __init__(
        self, narrate: Callable[[str], None], places: Callable[[], Iterable[Path]] = own_places
    ) -> None:
        self._narrate = narrate
        self._places = places
        self._told: set[str] = set()

    # -- cards --

    def keep(self, card: Card, roots: Iterable[str] = ()) -> tuple[str, ...]:
        """See the port."""
        roots, kept, troubles = tuple(roots), list[str](), list[str]()
        for folder in self._folders(roots):
            if len(kept) == COPIES:
                break
            try:
                kept.append(str(_keep(folder, card)))
            except OSError as error:
                troubles.append(str(error))
        if not kept:
            raise refused(
                "card-nowhere",
                "No folder outside the repository takes the rollback card, so a way back would hang on the repository.",
                "make a folder that only you can write and that has room: XDG_STATE_HOME, ~/.local/state or TMPDIR",
                *troubles,
            )
        for old in self.find(None, card.origin, roots)[NEWEST:]:
            self.drop(old, roots)
        return tuple(kept)

    def find(self, hotfix: str | None, origin: str, roots: Iterable[str] = ()) -> tuple[Card, ...]:
        """See the port."""
        found: list[Card] = []
        for name, paths in self._files(".json", origin, roots).items():
            for path in paths:
                card = self._card(name, path)
                if card and card.hotfix == (hotfix or card.hotfix) and card not in found:
                    found.append(card)
        wanted = [card for card in found if not origin or card.origin == origin]
        return tuple(sorted(wanted, key=lambda card: (card.plan.at, card.plan.ship), reverse=True))

    def drop(self, card: Card, roots: Iterable[str] = ()) -> None:
        """See the port."""
        for folder in self._folders(roots):
            with suppress(OSError):
                _drop(folder, card.name)

    def _card(self, name: str, path: Path) -> Card | None:
        """The card in the file, if it is what the file is called."""
        try:
            card = msgspec.json.decode(spool_file.read_own(path), type=Card)
            if card.name == name:
                return card
            self._tell(f"{path} is passed over: it speaks of {card.name}")
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            self._tell(f"{path} is passed over: {error}")
        return None

    # -- spools --

    def spool(self, card: Card, line: bytes) -> str:
        """See the port. Places with room made beforehand come first."""
        name, troubles = f"{card.name}.spool", list[str]()
        folders = list(self._folders(card.roots))
        for folder in sorted(folders, key=lambda folder: not (folder / name).exists()):
            try:
                _make_ours(folder)
                spool_file.append(folder / name, line)
            except OSError as error:
                troubles.append(str(error))
            else:
                return str(folder / name)
        raise refused(
            "spool-nowhere",
            "Neither the record nor any folder of yours takes what the way back has to write down.",
            "free some space; the way back goes on without",
            *troubles,
        )

    def spooled(self, origin: str, roots: Iterable[str] = ()) -> tuple[Spool, ...]:
        """See the port."""
        files = self._files(".spool", origin, [*roots, *self._roots_of_cards(origin)])
        spools = (self._read(name, paths) for name, paths in files.items())
        return tuple(
            sorted((spool for spool in spools if spool.lines), key=lambda spool: (spool.hotfix, spool.ship))
        )

    @contextmanager
    def hold(self, spool: Spool) -> Iterator[Spool]:
        """See the port."""
        with ExitStack() as locks:
            there = []
            for path in map(Path, spool.files):
                try:
                    locks.enter_context(spool_file.held(path))
                    there.append(path)
                except FileNotFoundError:
                    continue
                except OSError as error:
                    raise refused(
                        "spool-busy", f"{path} cannot be taken over: {error}.", "try again"
                    ) from None
            yield self._read(spool.name, there)

    def settle(self, spool: Spool) -> None:
        """See the port. A card keeps a spool with room beside it: there may be another way back."""
        for path in map(Path, spool.files):
            path.rename(path.with_suffix(f".{spool.sha256[:12]}.reconciled"))
            spool_file.sync_folder(path.parent)
            if path.with_suffix(".json").exists():
                with suppress(OSError):
                    spool_file.make(path)

    def put_aside(self, spool: Spool) -> tuple[str, ...]:
        """See the port."""
        kept = []
        for path in map(Path, spool.files):
            kept.append(path.rename(path.with_suffix(f".{spool.sha256[:12]}.never-began")))
            spool_file.sync_folder(path.parent)
        return tuple(map(str, kept))

    def _read(self, name: str, paths: Iterable[Path]) -> Spool:
        parts = parts_of(name)
        if parts is None:
            raise AssertionError(f"{name} is no name of a spool")
        numbered: dict[bytes, int] = {}
        files = []
        for path in paths:
            try:
                whole, torn = spool_file.lines_of(spool_file.read_own(path))
            except OSError as error:
                self._tell(f"{path} is passed over: {error}")
                continue
            for rest in torn:
                self._tell(f"{path} holds what is no whole line (a power cut?): {_shown(rest)}")
            files += [str(path)] if whole else []
            for number, line in whole:
                numbered.setdefault(line, number)
        lines = tuple(sorted(numbered, key=lambda line: numbered[line]))
        return Spool(name, parts.hotfix, parts.ship, parts.plan, lines, tuple(files))

    def _roots_of_cards(self, origin: str) -> list[str]:
        return [root for card in self.find(None, origin) for root in card.roots]

    # -- places --

    def _folders(self, roots: Iterable[str]) -> Iterator[Path]:
        for place in self._places():
            yield place / "cards"
        for root in dict.fromkeys(roots):
            if Path(root).is_absolute():
                yield Path(root) / ".hotfix" / "cards"

    def _files(self, suffix: str, origin: str, roots: Iterable[str]) -> dict[str, list[Path]]:
        """Files by the name of their card, in the order of their places. Folders of others are not looked into."""
        found: dict[str, list[Path]] = {}
        for folder in self._folders(roots):
            try:
                _require_ours(folder)
                names = sorted(path.name for path in folder.iterdir())
            except OSError:
                continue
            for name in names:
                parts = parts_of(name.removesuffix(suffix)) if name.endswith(suffix) else None
                if parts and (not origin or origin.startswith(parts.origin)):
                    found.setdefault(name.removesuffix(suffix), []).append(folder / name)
        return found

    def _tell(self, text: str) -> None:
        if text not in self._told:
            self._told.add(text)
            self._narrate(text)


def _keep(folder: Path, card: Card) -> Path:
    """The card, durable, with its spool beside it. Raises OSError, leaving no half of either."""
    name = card.name
    _make_ours(folder)
    spool = folder / f"{name}.spool"
    there = spool.exists()
    spool_file.make(spool)
    try:
        _write(folder / f"{name}.json", msgspec.json.encode(card))
    except OSError:
        if not there:
            spool.unlink(missing_ok=True)
        raise
    return folder / f"{name}.json"


def _write(path: Path, content: bytes) -> None:
    """The file, durable, or as it was before. One that has this content already asks for no room."""
    with suppress(FileNotFoundError, PermissionError):
        if spool_file.read_own(path) == content:
            return
    new = path.with_name(f".{path.stem}.{os.getpid()}")
    try:
        with new.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        new.chmod(0o600)
        new.replace(path)
        spool_file.sync_folder(path.parent)
    except OSError:
        new.unlink(missing_ok=True)
        raise


def _drop(folder: Path, name: str) -> None:
    _require_ours(folder)
    spool = folder / f"{name}.spool"
    with suppress(FileNotFoundError), spool_file.held(spool) as descriptor:
        whole, torn = spool_file.lines_of(os.pread(descriptor, spool_file.MOST, 0))
        if whole or torn:
            return
        spool.unlink()
    (folder / f"{name}.json").unlink(missing_ok=True)
    for settled in folder.glob(f"{name}.*.reconciled"):
        settled.unlink()
    spool_file.sync_folder(folder)


def _make_ours(folder: Path) -> None:
    """The folder, durable. Raises OSError where it is somebody else's."""
    if not folder.is_dir():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for above in folder.parents:  # any of them may be new
            with suppress(PermissionError):
                spool_file.sync_folder(above)
    _require_ours(folder)


def _require_ours(folder: Path) -> None:
    seen = folder.lstat()
    if not stat.S_ISDIR(seen.st_mode) or seen.st_uid != os.getuid() or seen.st_mode & 0o077:
        raise PermissionError(f"{folder} is not this person's own folder")


def _shown(rest: bytes) -> str:
    return rest[:80].decode("utf-8", "backslashreplace")

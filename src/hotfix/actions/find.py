"""Which hotfix a command is about."""

from hotfix.ports import Book
from hotfix.record.finding import refused
from hotfix.record.hotfix import Hotfix, fold_all
from hotfix.record.page import headline


def find(book: Book, id: str | None) -> Hotfix:
    """The hotfix `id`, or the only one that is not closed."""
    every = fold_all(book.entries)
    if id is not None:
        if id not in every:
            known = ", ".join(every) or "none"
            raise refused(
                "hotfix-unknown", f"There is no hotfix {id} on record (there is: {known}).", "hotfix status"
            )
        return every[id]
    open_ones = [hotfix for hotfix in every.values() if hotfix.after.closed is None]
    if not open_ones:
        last = next(reversed(every), "")
        also = f"; a closed one is named by its id, such as {last}" if last else ""
        raise refused("hotfix-none", "No hotfix is open.", f'hotfix start "WHAT IS BROKEN"{also}')
    if len(open_ones) > 1:
        told = tuple(
            f"{one.id}: {one.start.fact.title if one.start.fact else ''} ({headline(one)})"
            for one in open_ones
        )
        raise refused(
            "hotfix-several",
            f"{len(open_ones)} hotfixes are open; say which.",
            f"name it, as in: hotfix status {open_ones[-1].id}, hotfix pick FIX --hotfix {open_ones[-1].id}",
            *told,
        )
    return open_ones[0]


def next_id(book: Book) -> str:
    """The id that the next hotfix gets; the append that uses it reserves it."""
    numbers = [int(id.removeprefix("HF-")) for id in dict.fromkeys(entry.hotfix for entry in book.entries)]
    return f"HF-{max(numbers, default=0) + 1}"

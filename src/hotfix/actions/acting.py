"""Who drives a ship, and under which token."""

from collections.abc import Callable
from functools import cache
from secrets import token_hex

import msgspec

from hotfix.ports import Book, Ports
from hotfix.record.hotfix import fold_all


class Acting(msgspec.Struct, frozen=True):
    """Who drives, and by what right."""

    by: str
    token: int
    holder: str
    """This very process: of two with one token, a unit obeys the first only."""
    grace: float
    """Seconds that an effect of somebody before has to end by itself before it is killed."""
    takes_up: bool
    """Whether somebody else may have begun, so that every unit must be told the token before it is asked anything."""
    lost: Callable[[], str] = str
    """Who took the lease, so that this process must end. On the way back there is no lease to lose."""
    unheard: Callable[[], str] = str
    """Why no further wave may begin: no heartbeat gets through."""


@cache
def own_name() -> str:
    """This process, as units know it: no other has the same."""
    return token_hex(8)


def holder_of(ports: Ports, by: str) -> str:
    """Who holds a lease: the person, in which clone. One process of a clone drives at a time."""
    return f"{by}, clone {ports.git.clone_id()}"


def highest_token(book: Book) -> int:
    """The highest token on record, of any hotfix; 0 where nobody ever shipped."""
    return max((one.token for one in fold_all(book.entries).values()), default=0)

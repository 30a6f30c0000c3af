"""One figure, and what every figure owes its reader: how it is computed, over what, of how many, and from which rows."""

from collections.abc import Sequence

import msgspec

from hotfix.record import moment
from hotfix.record.words import duration
from hotfix.trend import binomial, spread


class Row(msgspec.Struct, frozen=True):
    """One of those that a figure is of."""

    hotfix: str
    """Or the release, or the person, or the component."""
    said: str
    value: float | None = None
    who: str = ""
    """Whose it is; told only to those who ask for names."""


class Figure(msgspec.Struct, frozen=True):
    """A figure. `value` is None, and `told` says why, where there is no data for it: none is ever made up."""

    name: str
    title: str
    formula: str
    window: str
    n: int
    value: float | None
    told: str
    yardstick: str = ""
    """What others reach, or what was promised; empty where nobody published one."""
    rows: tuple[Row, ...] = ()

    @property
    def is_known(self) -> bool:
        """Whether there was data for it."""
        return self.value is not None

    def adding(self, said: str) -> "Figure":
        """The same, with something to be said of it."""
        return msgspec.structs.replace(self, told=f"{self.told}; {said}")


class Meaning(msgspec.Struct, frozen=True):
    """What a figure is called, and how it is computed, before there is any number."""

    name: str
    title: str
    formula: str
    yardstick: str = ""

    def of(self, window: str, rows: Sequence[Row], value: float, told: str, n: int | None = None) -> Figure:
        """The figure, with its number."""
        return Figure(
            self.name,
            self.title,
            self.formula,
            window,
            len(rows) if n is None else n,
            value,
            told,
            self.yardstick,
            tuple(rows),
        )

    def unknown(self, window: str, why: str, rows: Sequence[Row] = ()) -> Figure:
        """The figure without a number, and why there is none."""
        return Figure(
            self.name,
            self.title,
            self.formula,
            window,
            0,
            None,
            f"no data: {why}",
            self.yardstick,
            tuple(rows),
        )

    def times(self, window: str, rows: Sequence[Row], why_none: str) -> Figure:
        """Median and 90th percentile of the rows' values, in seconds."""
        seconds = [row.value for row in rows if row.value is not None]
        if not seconds:
            return self.unknown(window, why_none, rows)
        middle, far = spread.median(seconds), spread.quantile(seconds, 0.9)
        told = f"median {duration(middle)}, 90th percentile {duration(far)}, of {len(seconds)}"
        return self.of(window, rows, middle, told, len(seconds))

    def share(self, window: str, rows: Sequence[Row], n: int, why_none: str, of: str) -> Figure:
        """How many of `n` are among the rows that have the value 1, with the exact 95 % interval."""
        if n == 0:
            return self.unknown(window, why_none, rows)
        k = sum(row.value == 1.0 for row in rows)
        return self.of(window, rows, k / n, in_words(k, n, of), n)


def in_words(k: int, n: int, of: str) -> str:
    """``3 of 12 hotfixes, 25 % (95 % interval 5 to 57 %)``."""
    between = binomial.interval(k, n)
    return f"{k} of {n} {of}, {k / n:.0%} (95 % interval {between.low:.0%} to {between.high:.0%})"


def seconds_between(earlier: str, later: str) -> float | None:
    """Seconds from one moment to another; None where one of them is not known."""
    return moment.between(earlier, later).total_seconds() if earlier and later else None

"""Moments as text: UTC, RFC 3339, millisecond precision, always the same width, so text order is time order."""

from datetime import UTC, datetime, timedelta


def to_text(moment: datetime) -> str:
    """``2026-11-22T02:14:07.123Z``. Raises ValueError where `moment` carries no time zone."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment} carries no time zone, so it could be any of a day's moments")
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def is_moment(text: str) -> bool:
    """Whether `text` is what :func:`to_text` writes, to the letter."""
    try:
        return len(text) == len("2026-11-22T02:14:07.123Z") and to_text(from_text(text)) == text
    except ValueError:
        return False


def known(text: str) -> str:
    """`text` where it is a moment, else nothing: what a fact states of the past may be anything."""
    return text if is_moment(text) else ""


def from_text(text: str) -> datetime:
    """The moment that :func:`to_text` wrote."""
    return datetime.fromisoformat(text)


def for_a_name(text: str) -> str:
    """The moment as part of a file's name: ``20261122T021407123Z``, still in the order of time."""
    return "".join(character for character in text if character.isalnum())


def between(earlier: str, later: str) -> timedelta:
    """How long from `earlier` to `later`."""
    return from_text(later) - from_text(earlier)


def in_words(span: timedelta) -> str:
    """A duration a person reads at a glance: ``45 s``, ``12 min``, ``3 h 05 min``, ``2 d 4 h``."""
    seconds = round(span.total_seconds())
    sign = "-" if seconds < 0 else ""
    seconds = abs(seconds)
    if seconds < 120:
        return f"{sign}{seconds} s"
    minutes = seconds // 60
    if minutes < 120:
        return f"{sign}{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{sign}{hours} h {minutes:02d} min"
    days, hours = divmod(hours, 24)
    return f"{sign}{days} d {hours} h"

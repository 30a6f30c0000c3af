"""Months as bars: in text for a terminal, and as SVG for a page; the colour and the word are those of the band."""

from collections.abc import Sequence

from hotfix.record.html import text
from hotfix.record.words import count
from hotfix.trend import bands
from hotfix.trend.bands import Band
from hotfix.trend.months import Month

_WIDEST = 40
_TONES = {Band.HEALTHY: "good", Band.ELEVATED: "warn", Band.HIGH: "bad", Band.CRITICAL: "bad"}
_LEFT, _BASE, _HIGH, _STEP = 34.0, 150.0, 130.0, 26.0
"""Places in the drawing: where bars begin, where they stand, how high the highest is, how far apart."""


def lines(counted: Sequence[Month]) -> list[str]:
    """A line for each month."""
    most = max((month.hotfixes for month in counted), default=0)
    each = 1 if most <= _WIDEST else most / _WIDEST
    told = []
    for month in counted:
        bar = "█" * round(month.hotfixes / each)
        follow = month.hotfixes - month.series
        notes = [] if month.partial else [str(bands.of_month(month.hotfixes))]
        notes += [count(follow, "follow-up")] if follow else []
        notes += ["partial month"] if month.partial else []
        told.append(f"{month.month} {month.hotfixes:>3} {bar}{' ' if bar else ''}({', '.join(notes)})")
    return told


def svg(counted: Sequence[Month]) -> str:
    """The same as a drawing, with lines where the bands change. Partial months are hollow."""
    most = max(5, *(month.hotfixes for month in counted)) if counted else 5
    width = _LEFT + _STEP * max(len(counted), 1) + 10
    scale = _HIGH / most
    parts = [
        f'<svg viewBox="0 0 {width:.0f} 190" width="{width:.0f}" height="190" role="img" '
        'aria-label="Hotfixes per month">'
    ]
    for limit, name in ((2, "healthy up to 2"), (4, "elevated up to 4"), (10, "high up to 10")):
        if limit <= most:
            y = _BASE - limit * scale
            parts.append(
                f'<line x1="{_LEFT}" x2="{width:.0f}" y1="{y:.1f}" y2="{y:.1f}" stroke="var(--line)" '
                f'stroke-dasharray="3 3"><title>{name}</title></line>'
                f'<text class="soft" x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{limit}</text>'
            )
    for place, month in enumerate(counted):
        parts.append(_bar(month, _LEFT + place * _STEP, month.hotfixes * scale))
        if place % 3 == len(counted) % 3 or len(counted) < 9:
            x = _LEFT + place * _STEP + _STEP / 2
            parts.append(
                f'<text class="soft" x="{x:.1f}" y="170" text-anchor="middle">{month.month[2:]}</text>'
            )
    parts.append(
        f'<line x1="{_LEFT}" x2="{width:.0f}" y1="{_BASE}" y2="{_BASE}" stroke="var(--soft)"/></svg>'
    )
    return "".join(parts)


def _bar(month: Month, x: float, height: float) -> str:
    tone = f"var(--{_TONES[bands.of_month(month.hotfixes)]})"
    fill = f'fill="none" stroke="{tone}"' if month.partial else f'fill="{tone}"'
    said = (
        f"{month.month}: {month.hotfixes}, {'partial' if month.partial else bands.of_month(month.hotfixes)}"
    )
    label = (
        f'<text x="{x + _STEP / 2:.1f}" y="{_BASE - height - 4:.1f}" text-anchor="middle">{month.hotfixes}</text>'
        if month.hotfixes
        else ""
    )
    return (
        f'<rect x="{x + 3:.1f}" y="{_BASE - height:.1f}" width="{_STEP - 6:.1f}" height="{height:.1f}" {fill}>'
        f"<title>{text(said)}</title></rect>{label}"
    )

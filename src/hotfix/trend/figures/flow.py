"""How long a hotfix takes, from what nobody noticed to validated."""

from hotfix.record.words import duration
from hotfix.trend.figures import figure
from hotfix.trend.figures.figure import Figure, Meaning, Row
from hotfix.trend.figures.scene import Scene
from hotfix.trend.life import Life

TARGET = 7200.0

VALIDATED = Meaning(
    "detected-to-validated",
    "Detected to validated",
    "median time from detection to the end of the observation window, of hotfixes that stayed",
    "promised: below 2 h",
)
HITS = Meaning(
    "within-two-hours",
    "Validated within 2 h of detection",
    "hotfixes validated within 120 min of detection / hotfixes that reached production; one that did not stay is no hit",
    "promised: all",
)
UNDETECTED = Meaning(
    "undetected", "Undetected time", "median time from the defect's going live to its detection"
)
_STAGES: tuple[tuple[str, str, str, str], ...] = (
    ("detected-to-started", "Detected to started", "detected", "started"),
    ("started-to-picked", "Started to picked", "started", "picked"),
    ("picked-to-proven", "Picked to proven", "picked", "proven"),
    ("proven-to-reviewed", "Proven to reviewed", "proven", "reviewed"),
    ("reviewed-to-authorized", "Reviewed to authorized", "reviewed", "authorized"),
    ("authorized-to-shipped", "Authorized to first step", "authorized", "shipped"),
    ("shipped-to-validated", "First step to validated", "shipped", "validated"),
)


def figures(scene: Scene) -> tuple[Figure, ...]:
    """The headline, the hit rate, what went unnoticed, and each stage between."""
    return (validated(scene), hits(scene), undetected(scene), *(_stage(scene, *stage) for stage in _STAGES))


def validated(scene: Scene) -> Figure:
    """From detection to validated."""
    rows = [
        Row(life.id, duration(took), took)
        for life in scene.shipped()
        if (took := figure.seconds_between(life.detected, life.validated)) is not None
    ]
    return VALIDATED.times(scene.window, rows, "no validated hotfix in the window")


def hits(scene: Scene) -> Figure:
    """How many made the two hours."""
    lives = scene.shipped()
    over = [life for life in lives if not _is_open(life, scene.now)]
    rows = [_hit(life) for life in over]
    found = HITS.share(scene.window, rows, len(over), "no hotfix in the window that is over", "hotfixes")
    return found if len(over) == len(lives) else found.adding(f"{len(lives) - len(over)} still in time")


def _is_open(life: Life, now: str) -> bool:
    """Whether it may still make it."""
    passed = figure.seconds_between(life.detected, now)
    return not life.ships[-1].ended and passed is not None and passed <= TARGET


def _hit(life: Life) -> Row:
    took = figure.seconds_between(life.detected, life.validated)
    if took is None:
        return Row(life.id, "not validated", 0.0)
    return Row(life.id, f"validated after {duration(took)}", float(took <= TARGET))


def undetected(scene: Scene) -> Figure:
    """How long nobody noticed."""
    rows = [
        Row(life.id, duration(took), took)
        for life in scene.shipped()
        if (took := figure.seconds_between(life.introduced, life.detected)) is not None and took >= 0
    ]
    return UNDETECTED.times(
        scene.window,
        rows,
        "of no hotfix it is known when its defect went live (hotfix origin, or start --introduced)",
    )


def _stage(scene: Scene, name: str, title: str, earlier: str, later: str) -> Figure:
    meaning = Meaning(name, title, f"median time from {earlier} to {later}")
    rows = []
    for life in scene.shipped():
        took = figure.seconds_between(getattr(life, earlier), getattr(life, later))
        if took is not None and took >= 0:
            rows.append(Row(life.id, duration(took), took))
    return meaning.times(scene.window, rows, "no hotfix in the window has both moments")

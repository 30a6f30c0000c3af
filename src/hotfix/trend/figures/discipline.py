"""What was opened all the same, what trunk still lacks, and what became of the actions."""

from collections.abc import Sequence

from hotfix.record import moment
from hotfix.trend.figures.figure import Figure, Meaning, Row, in_words
from hotfix.trend.figures.scene import Scene
from hotfix.trend.life import Life, Owed

OVERRIDES = Meaning(
    "overrides", "Hotfixes that used an override", "hotfixes with a gate opened by an override / hotfixes"
)
WAIVERS = Meaning(
    "waivers",
    "Hotfixes with waived discipline",
    "hotfixes that shipped under any waiver, overrides too / hotfixes",
)
DEBT = Meaning(
    "forward-port-debt",
    "Fixes that trunk lacks",
    "hotfixes in production whose fix is not on trunk: the next release brings the defect back",
    "promised: none",
)
OVERDUE = Meaning(
    "actions-overdue", "Actions overdue", "actions past their day / open actions", "promised: none"
)
ON_TIME = Meaning(
    "actions-on-time", "Actions done on time", "actions done by their day / actions done or overdue"
)
AGE = Meaning("actions-age", "Age of open actions", "median time since they were added, of actions not done")
EVIDENCE = Meaning(
    "actions-evidence",
    "Actions closed on evidence that was looked at",
    "actions closed with a commit, a test or a runbook that was found / actions closed",
)


def figures(scene: Scene) -> tuple[Figure, ...]:
    """Overrides, waivers, debt, actions."""
    return (overrides(scene), waivers(scene), debt(scene), *actions(scene))


def overrides(scene: Scene) -> Figure:
    """How often a gate was opened all the same."""
    lives = scene.shipped()
    rows = [
        Row(life.id, ", ".join(life.overridden) or "none", float(bool(life.overridden))) for life in lives
    ]
    return OVERRIDES.share(scene.window, rows, len(lives), "no hotfix in the window", "hotfixes")


def waivers(scene: Scene) -> Figure:
    """How often something was left out, in words that were shown."""
    lives = scene.shipped()
    rows = []
    for life in lives:
        words = tuple(dict.fromkeys(word for ship in life.ships for word in ship.waived))
        rows.append(Row(life.id, ", ".join(words) or "none", float(bool(words))))
    return WAIVERS.share(scene.window, rows, len(lives), "no hotfix in the window", "hotfixes")


def debt(scene: Scene) -> Figure:
    """Which fixes trunk still lacks, and since when."""
    owing = [life for life in scene.lives if life.owed_since and life.owed_since <= scene.now]
    window = f"on {scene.now[:10]}"
    if not any(life.is_hotfix for life in scene.lives):
        return DEBT.unknown(window, "no hotfix was ever shipped")
    ages = [moment.between(life.owed_since, scene.now) for life in owing]
    rows = [
        Row(life.id, f"for {moment.in_words(age)}: hotfix land {life.id}", age.total_seconds() / 86400)
        for life, age in zip(owing, ages, strict=True)
    ]
    oldest = f", the oldest for {moment.in_words(max(ages))}" if ages else ""
    return DEBT.of(window, rows, float(len(owing)), f"{len(owing)}{oldest}")


def actions(scene: Scene) -> tuple[Figure, ...]:
    """How well what is owed is done."""
    today = scene.now[:10]
    every = [(life, owed) for life in scene.lives for owed in life.actions if owed.added <= scene.now]
    waiting = [one for one in every if not one[1].done and one[1].accepted_until < today]
    late = [one for one in waiting if _due(one[1]) < today]
    done = [one for one in every if one[1].done]
    none = "no action was ever added"
    window = f"on {today}"
    rows = [_row(life, owed, float((life, owed) in late)) for life, owed in waiting]
    return (
        OVERDUE.of(window, rows, float(len(late)), in_words(len(late), len(waiting), "open actions"))
        if waiting
        else _nothing(OVERDUE, window, every, "no action is open"),
        ON_TIME.share(
            window,
            [
                *(_row(life, owed, float(owed.done[:10] <= _due(owed))) for life, owed in done),
                *(_row(life, owed, 0.0) for life, owed in late),
            ],
            len(done) + len(late),
            none if not every else "none is done yet, and none is overdue",
            "actions",
        ),
        AGE.times(
            window,
            [
                _row(life, owed, moment.between(owed.added, scene.now).total_seconds())
                for life, owed in waiting
            ],
            none if not every else "no action is open",
        ),
        EVIDENCE.share(
            window,
            [_row(life, owed, float(owed.checked)) for life, owed in done],
            len(done),
            none if not every else "none is closed yet",
            "actions",
        ),
    )


def _nothing(meaning: Meaning, window: str, every: Sequence[tuple[Life, Owed]], none: str) -> Figure:
    """None overdue is a good figure where there are actions, and no figure where there never was one."""
    return (
        meaning.of(window, [], 0.0, f"0: {none}", 0)
        if every
        else meaning.unknown(window, "no action was ever added")
    )


def _due(owed: Owed) -> str:
    """The day by which it is due: that until which its risk was accepted, where that is later."""
    return max(owed.due, owed.accepted_until)


def _row(life: Life, owed: Owed, value: float) -> Row:
    return Row(f"{life.id}/{owed.action}", f"{owed.title} ({owed.type}), due {owed.due}", value, owed.owner)

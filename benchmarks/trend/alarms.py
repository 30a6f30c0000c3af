"""How often each detector cries wolf, and how soon it sees a rise: python benchmarks/trend/alarms.py [--runs 1500]

Months are simulated as Poisson counts: twelve months at the usual rate, then twelve that are looked at one by one. A
false alarm is one in those twelve where nothing changed; a rise is caught where there is one in its first six months.
"""

import argparse
import math
import random
import statistics
from collections.abc import Callable, Iterator, Sequence

from hotfix.trend import cusum, rates
from hotfix.trend.rates import BASELINE, RECENT, SURE, WATCH

USUAL = 2.0
WATCHED, SOON = 12, 6

Detector = Callable[[Sequence[int], Sequence[int]], bool]
"""Whether the last of the watched months is an alarm, after a baseline."""


def band(baseline: Sequence[int], watched: Sequence[int]) -> bool:
    """The seed band: five or more in one month."""
    return watched[-1] >= 5


def c_chart(baseline: Sequence[int], watched: Sequence[int]) -> bool:
    """The mean of the twelve months before, and three standard deviations of a Poisson count above it."""
    mean = statistics.fmean([*baseline, *watched][-BASELINE - 1 : -1])
    return watched[-1] > mean + 3 * math.sqrt(mean)


def exact(level: float) -> Detector:
    """Three months against the twelve before them."""

    def alarm(baseline: Sequence[int], watched: Sequence[int]) -> bool:
        months = [*baseline, *watched]
        x, b = sum(months[-RECENT:]), sum(months[-RECENT - BASELINE : -RECENT])
        # The first two looks have fewer than twelve months before the last three.
        before = len(months[-RECENT - BASELINE : -RECENT])
        return rates.mid_p(x, b, RECENT, before)[0] <= level

    return alarm


def sums(baseline: Sequence[int], watched: Sequence[int]) -> bool:
    """The cumulative sum since the baseline."""
    return cusum.cusum(watched, max(sum(baseline), 1) / len(baseline)).alarm


DETECTORS: dict[str, Detector] = {
    "month >= 5": band,
    "C-chart, mean + 3 sigma": c_chart,
    f"exact 3 v 12, mid-p <= {WATCH}": exact(WATCH),
    f"exact 3 v 12, mid-p <= {SURE}": exact(SURE),
    "CUSUM, h = 4 sqrt(l0)": sums,
}


def poisson(mean: float, chance: random.Random) -> int:
    """One count, by multiplying uniform numbers (Knuth): exact, and fast enough for small means."""
    limit, product, count = math.exp(-mean), chance.random(), 0
    while product > limit:
        product *= chance.random()
        count += 1
    return count


def first_alarms(detector: Detector, later: float, runs: int, seed: int) -> Iterator[int | None]:
    """In which watched month the first alarm came, of each run."""
    chance = random.Random(seed)
    for _ in range(runs):
        baseline = [poisson(USUAL, chance) for _ in range(BASELINE)]
        watched = [poisson(later, chance) for _ in range(WATCHED)]
        looks = range(1, WATCHED + 1)
        yield next((month for month in looks if detector(baseline, watched[:month])), None)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=20261123)
    wanted = parser.parse_args()
    print(f"{wanted.runs} runs per case, usual rate {USUAL:g} a month, seed {wanted.seed}\n")
    print("| detector | false alarm in 12 months | 2 → 4 caught in 6 (median month) | 2 → 6 |")
    print("|-|-|-|-|")
    for title, detector in DETECTORS.items():
        cells = []
        for later in (USUAL, 2 * USUAL, 3 * USUAL):
            alarms = list(first_alarms(detector, later, wanted.runs, wanted.seed))
            within = SOON if later > USUAL else WATCHED
            caught = sum(month is not None and month <= within for month in alarms)
            middle = statistics.median(month or math.inf for month in alarms)
            cells.append(f"{caught / wanted.runs:.0%}" + (f" ({middle:g})" if later > USUAL else ""))
        print(f"| {title} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()

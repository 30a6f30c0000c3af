"""A check that reads one series of a Prometheus text endpoint."""

import math
import time

import msgspec
from prometheus_client.parser import text_string_to_metric_families

from hotfix.adapters.ask import Silence
from hotfix.adapters.check import question
from hotfix.adapters.check.sample import sample
from hotfix.policy.rules import Check as Rule
from hotfix.policy.rules import Unit
from hotfix.record.parts import Sample

STALE = 300.0
"""Seconds after which a sample that carries its own time is no longer now, as in Prometheus itself."""


class Reading(msgspec.Struct, frozen=True):
    """The one series, as scraped. Only what calls itself a gauge may fall while its process lives."""

    value: float
    gauge: bool


class _Unclear(Exception):
    """There is no one number to judge; the text says why."""


class MetricsCheck:
    """Holds a series to `min` and `max`, and to a `rise` since this check first read it from the unit.

    Whatever is not exactly one fresh number is inconclusive: absent, several, NaN, stale. A counter that
    fell belongs to a new process and began at 0, so all that it shows has risen since.
    """

    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        self._first: dict[str, float] = {}
        self._last: dict[str, float] = {}

    def run(self, name: str, unit: Unit | None, expected_release: str) -> Sample:
        """Read once, for at most the rule's `timeout`."""
        try:
            answer = question.put(self._rule, unit, "GET")
        except Silence as silence:
            return sample(name, unit, "error", str(silence))
        if answer.status != 200:
            return sample(name, unit, "error", f"the metrics answered with status {answer.status}")
        try:
            reading = _read(answer.body, self._rule.metric, self._rule.labels)
        except _Unclear as unclear:
            return sample(name, unit, "inconclusive", str(unclear))
        outcome, said = self._judge(unit.name if unit else "", reading)
        return sample(name, unit, outcome, said, reading.value)

    def _judge(self, unit: str, reading: Reading) -> tuple[str, str]:
        rule, value = self._rule, reading.value
        risen = self._risen(unit, reading)
        if rule.min is not None and value < rule.min:
            return "fail", f"{rule.metric} is {value:g}, below {rule.min:g}"
        if rule.max is not None and value > rule.max:
            return "fail", f"{rule.metric} is {value:g}, above {rule.max:g}"
        if rule.rise is None:
            return "pass", f"{rule.metric} is {value:g}"
        if math.isnan(risen):
            return "inconclusive", f"{rule.metric} is {value:g}, so that its rise is no number"
        if risen > rule.rise:
            return "fail", f"{rule.metric} rose by {risen:g} to {value:g}, more than {rule.rise:g}"
        return "pass", f"{rule.metric} is {value:g}, risen by {risen:g}"

    def _risen(self, unit: str, reading: Reading) -> float:
        value = reading.value
        if not reading.gauge and value < self._last.get(unit, -math.inf):
            self._first[unit] = 0.0
        self._last[unit] = value
        return value - self._first.setdefault(unit, value)


def _read(body: bytes, metric: str, labels: dict[str, str]) -> Reading:
    """The one series of that name that has all of `labels`."""
    if not body.endswith(b"\n"):
        raise _Unclear("the metrics do not end with a line end, so that some may be missing")
    try:
        families = list(text_string_to_metric_families(body.decode("utf-8")))
    except (ValueError, IndexError, KeyError) as error:
        raise _Unclear(f"the metrics cannot be read: {error or type(error).__name__}") from None
    found = [
        (family.type, line)
        for family in families
        for line in family.samples
        if _is_named(line.name, metric, family.type) and labels.items() <= line.labels.items()
    ]
    if len(found) != 1:
        several = f"{len(found)} series of {metric} match; more labels would choose one"
        raise _Unclear(several if found else f"no series of {metric} matches")
    kind, line = found[0]
    if math.isnan(line.value):
        raise _Unclear(f"{metric} is NaN")
    # The parser gives the time as a float of seconds; where there is none, the scrape itself is the time.
    if line.timestamp is not None and time.time() - float(line.timestamp) > STALE:
        raise _Unclear(f"{metric} is stale: its own time is more than {STALE:g} s ago")
    return Reading(float(line.value), kind == "gauge")


def _is_named(name: str, metric: str, kind: str) -> bool:
    # The parser adds _total to a counter that the endpoint calls otherwise.
    return name == metric or (kind == "counter" and name == f"{metric}_total")

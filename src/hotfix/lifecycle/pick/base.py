"""The base: the one release that every unit of production says it runs."""

from collections.abc import Iterable, Mapping

from hotfix.record.finding import Finding, Refused
from hotfix.record.parts import UnitRelease, UnitState


def one_base(states: Iterable[UnitState], meaning: Mapping[str, tuple[str, str]]) -> tuple[UnitRelease, ...]:
    """What every unit runs; all the same release, or :class:`Refused`.

    `meaning` maps a unit's answer to (release name, commit). A unit that does not answer, an answer
    that means nothing, and two different answers each close the gate: the base would be a guess.
    """
    findings: list[Finding] = []
    units: list[UnitRelease] = []
    for state in states:
        if state.state != "serving":
            findings.append(
                Finding(
                    "pick-unit-silent",
                    f"Unit {state.unit} is {state.state}: {state.said or 'no answer'}.",
                    "hotfix doctor",
                )
            )
        elif state.release not in meaning:
            findings.append(
                Finding(
                    "pick-release-unknown",
                    f"Unit {state.unit} says it runs {state.release!r}, which is no release on record, no tag and no commit id.",
                    "tag the deployed commit with that name, or let the unit report its full commit id",
                )
            )
        else:
            name, commit = meaning[state.release]
            units.append(UnitRelease(state.unit, state.release, name, commit))
    commits = {unit.commit for unit in units}
    if len(commits) > 1:
        told = tuple(f"{unit.unit}: {unit.release} ({unit.commit[:12]})" for unit in units)
        findings.append(
            Finding(
                "pick-mixed-fleet",
                "The units run different releases, so there is no one base.",
                "bring them to one release first",
                told,
            )
        )
    if findings:
        raise Refused(*findings)
    if not units:
        raise Refused(Finding("pick-no-units", "The environment has no unit.", "hotfix doctor"))
    return tuple(units)

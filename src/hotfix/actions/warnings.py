"""What is odd about a clean pick: somebody should look at it, and it stops nothing by itself."""

from collections.abc import Sequence

from hotfix.actions.twins import said_within
from hotfix.lifecycle.pick.aftermath import standing
from hotfix.ports import Ports, Trunk
from hotfix.ports.picking import Picking


def warnings(
    ports: Ports, fixes: Sequence[str], base: str, strays: Sequence[str], trunk: Trunk
) -> tuple[str, ...]:
    """In sentences: what trunk said of a fix since, and paths that git chose among several alike."""
    found = [sentence for fix in fixes for sentence in _since(ports.picking, fix, trunk)]
    for path in strays:
        twins = ports.picking.twins(base, path)
        if twins:
            found.append(
                f"The change landed on {path}; {', '.join(twins)} had the very same content, and git chose."
            )
    for sentence in found:
        ports.narrate(sentence)
    return tuple(found)


def _since(picking: Picking, fix: str, trunk: Trunk) -> list[str]:
    if not picking.is_in(fix, trunk.commit):
        return []
    said = {
        "reverts": "{later} of {trunk} reverts {fix}: was it the wrong fix?",
        "fixes": "{later} of {trunk} mends what {fix} broke: pick it too?",
    }

    return [
        said[later.how].format(later=later.commit[:12], trunk=trunk.name, fix=fix[:12])
        for later in standing(fix, said_within(picking, trunk.commit))
    ]

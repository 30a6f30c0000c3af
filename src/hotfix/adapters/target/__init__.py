"""How units are changed and asked, by the `kind` of the policy's ``[target.NAME]``."""

from hotfix.adapters.target.command import CommandTarget
from hotfix.adapters.target.release_dir import ReleaseDir

KINDS: dict[str, type[CommandTarget] | type[ReleaseDir]] = {
    "command": CommandTarget,
    "release-dir": ReleaseDir,
}
"""Each is made as ``KINDS[rule.kind](rule, cwd)``; a rule that cannot work is refused then."""

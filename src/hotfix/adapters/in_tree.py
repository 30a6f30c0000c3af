"""A command of the policy, run in a clean tree with no credentials; it has to end well, and in time."""

from pathlib import Path

from hotfix.adapters import child
from hotfix.policy.rules import Argv
from hotfix.record.finding import refused


def run_in_tree(name: str, argv: Argv, timeout: float, tree: Path, cure: str) -> child.Finished:
    """Run the command that the policy's table `name` says. Raises Refused where it fails; `cure` is what to do then."""
    done = child.run(argv, env={}, timeout=timeout, cwd=tree)
    if done.timed_out:
        raise refused(
            f"{name}-timeout",
            f"The policy's {name} ({' '.join(argv)}) did not end within {timeout:g} s.",
            f"raise {name}.timeout on trunk, or: {cure}",
        )
    if done.exit != 0:
        raise refused(
            f"{name}-failed",
            f"The policy's {name} ({' '.join(argv)}) ended with {done.exit}: {done.last_line()}.",
            cure,
            done.tail(2000),
        )
    return done

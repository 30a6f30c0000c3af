"""``hotfix prove --base REV --fix REV``: a proof in any repository, with no policy and no record."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from hotfix.actions import leave_out, proof, three_trees
from hotfix.actions.told_proof import Told, told
from hotfix.lifecycle.prove.verdict import PROVEN
from hotfix.policy import path_kind, schema
from hotfix.policy.rules import Rules, Test
from hotfix.policy.test_runner import DEFAULT_RUN, recognised
from hotfix.ports.picking import Attempt
from hotfix.ports.proving import Proving
from hotfix.record.finding import Refused, refused


def prove_anywhere(world: Proving, base: str, fixes: Sequence[str], given: Mapping[str, Any]) -> Told:
    """Prove `fixes` (commits, in order) on `base`; `given` are the keys of ``[test]`` that somebody chose."""
    (onto,) = (world.git.resolve(base),)
    commits = tuple(commit for fix in fixes for commit in world.picking.commits_in(fix))
    result = _picked(world, commits, onto, base)
    tree = world.git.commit(onto).tree
    rules = _rules(world, result, given)
    trees = three_trees.split(world, tree, result, rules)
    with world.bench(rules.test, tree) as bench:
        made = proof.prove_on(bench, world, trees, rules)
        left = leave_out.leave_out(bench, world, made, rules) if made.verdict.name == PROVEN else None
    return msgspec.structs.replace(shown := told(made, left), next=_next(shown))


def _next(shown: Told) -> str:
    """What cures the verdict, where there is neither a policy nor a pick."""
    return _CURES.get(shown.verdict) or shown.next.replace(", then `hotfix pick` again", "")


_CURES = {
    "NO_TEST": "Add a regression test to the fix.",
    "NO_FIX": "Name the commit that changes the code too: --fix REV.",
    "UNRUNNABLE": "Make the run possible: --run COMMAND, --env, --build, --share FOLDER, --see PATH, --timeout.",
    "BASE_BROKEN": "Run the tests with what the base needs: --run COMMAND of its own environment, --share, --see, --build.",
    "WRONG_TREE": "Let the tests load the tree they lie in: no editable install, no path of another checkout.",
}


def _picked(world: Proving, fixes: tuple[str, ...], onto: str, base: str) -> str:
    """The tree of the fixes on the base."""
    (tried,) = world.picking.attempt([Attempt(fixes, onto)])
    if tried.clean:
        return tried.trees[-1]
    named = " ".join(fix[:12] for fix in fixes)
    if tried.empty:
        raise refused(
            "prove-empty", f"{base} has already what {named} does.", "name the base that has the defect"
        )
    why = tried.unreadable or "conflict in " + ", ".join(clash.path for clash in tried.clashes)
    raise refused(
        "prove-no-pick", f"{named} does not go onto {base}: {why}.", f"hotfix forecast {named} --onto {base}"
    )


def _rules(world: Proving, tree: str, given: Mapping[str, Any]) -> Rules:
    """Trunk's policy where there is one, else what the tree tells; and over both what was given."""
    rules = _of_trunk(world)
    test = rules.test if rules else _recognised(world, tree, given)
    chosen = {key: value for key, value in given.items() if value is not None}
    if "runner" in chosen and "run" not in chosen and chosen["runner"] != test.runner:
        chosen["run"] = DEFAULT_RUN.get(chosen["runner"], ())
    test = msgspec.structs.replace(test, **chosen)
    if not test.run:
        raise refused(
            "prove-no-command",
            "A script needs the command whose exit code is the verdict.",
            "--run 'sh check.sh'",
        )
    return msgspec.structs.replace(rules or Rules(service=""), test=test)


def _of_trunk(world: Proving) -> Rules | None:
    try:
        trunk = world.git.trunk()
    except Refused:
        return None
    raw = world.git.file_at(trunk.commit, path_kind.POLICY_FILE)
    if raw is None:
        return None
    world.narrate(f"prove: by [test] of {path_kind.POLICY_FILE} on {trunk.name}")
    return schema.parse(raw, path_kind.POLICY_FILE)


def _recognised(world: Proving, tree: str, given: Mapping[str, Any]) -> Test:
    def read(path: str) -> str:
        return (world.git.contents(tree, [path])[0] or b"").decode("utf-8", "replace")

    named = given.get("runner")
    runner = named or recognised(world.git.paths(tree), read)
    if not runner:
        raise refused(
            "prove-no-runner",
            "Nothing here tells how the tests are run.",
            f"name it: --runner {'|'.join([*DEFAULT_RUN, 'script'])}, and --run 'COMMAND' where it is called otherwise; "
            "a script is any command whose exit code is the verdict",
        )
    run = DEFAULT_RUN.get(runner, ())
    top = world.git.top()
    if top is not None and run[:1] == ("python3",):
        own = [name for name in _ENVIRONMENTS if (top / name).exists()]
        run = (*own[:1], *run[1:]) if own else run
    if not named:
        world.narrate(f"prove: the tests look like {runner}'s: {' '.join(run)}")
    return Test(runner=runner, run=run)


_ENVIRONMENTS = (".venv/bin/python", "venv/bin/python")
"""Where a clone usually has the interpreter of its own environment."""

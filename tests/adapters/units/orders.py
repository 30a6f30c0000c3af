"""What tests order: releases that are made of their names, and targets by the parts of a rule."""

import msgspec

from hotfix.adapters.target.release_dir import ReleaseDir
from hotfix.policy.rules import Target as Rule
from hotfix.policy.rules import Unit
from hotfix.ports import Order, Release


def release(name: str) -> Release:
    """The release of that name."""
    return Release(name, commit=f"commit of {name}", artifact=f"tree:{name}")


def order(unit: Unit, name: str, expected: str = "v1", **changes: object) -> Order:
    """The order to make `unit` serve the release of that name; `changes` are to its other fields."""
    made = Order(unit, release(name), expected, token=7, key=f"key-{name}", holder="the tests")
    return msgspec.structs.replace(made, **changes)


def release_dir(**rule: object) -> ReleaseDir:
    """A target of kind ``release-dir``; what is not told of its rule is harmless."""
    told = {"kind": "release-dir", "observe": "/version", "restart": ("true",), **rule}
    return ReleaseDir(Rule(**told))  # type: ignore[arg-type]

"""Pick: onto exactly what production runs, and nothing but the fix."""

from hotfix.lifecycle.pick.base import one_base
from hotfix.lifecycle.pick.gate import Seen, gate
from hotfix.lifecycle.pick.release_name import release_name

__all__ = ["Seen", "gate", "one_base", "release_name"]

"""A string that stands alone in the middle of a block is half of a sentence that a line break cut off."""

import ast
from itertools import pairwise
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src"
MODULES = sorted(SOURCE.rglob("*.py"))


def stray(module: Path) -> list[int]:
    """Lines with a string nobody uses: not a docstring of the module, class, function or of the name above."""
    lines = []
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        body = getattr(node, "body", None)
        for before, statement in pairwise(body if isinstance(body, list) else []):
            alone = isinstance(statement, ast.Expr) and isinstance(
                statement.value, ast.Constant | ast.JoinedStr
            )
            if alone and not isinstance(before, ast.Assign | ast.AnnAssign):
                lines.append(statement.lineno)
    return lines


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_no_sentence_is_cut_in_half(module: Path) -> None:
    assert stray(module) == []

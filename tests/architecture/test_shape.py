"""What must never appear in the source, read from its syntax trees."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "hotfix"
MODULES = sorted(PACKAGE.rglob("*.py"))

LONGEST_MODULE = 400
LONGEST_FUNCTION = 60
GRAB_BAGS = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
THE_ONE_HANDLER = PACKAGE / "cli" / "main.py"

every_module = pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))


def nodes(module: Path) -> Iterator[ast.AST]:
    return ast.walk(ast.parse(module.read_text("utf-8")))


def test_there_is_a_package_to_look_at() -> None:
    assert PACKAGE / "record" / "chain.py" in MODULES


@every_module
def test_nothing_goes_through_a_shell(module: Path) -> None:
    through = [
        node.lineno
        for node in nodes(module)
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == "shell"
        and not (isinstance(keyword.value, ast.Constant) and keyword.value.value is False)
    ]
    assert through == []


@every_module
def test_no_error_is_caught_without_being_known(module: Path) -> None:
    broad = [
        node.lineno
        for node in nodes(module)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or _names(node.type) & {"Exception", "BaseException"})
    ]
    assert broad == [] or module == THE_ONE_HANDLER


def _names(caught: ast.expr) -> set[str]:
    parts = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return {ast.unparse(part).rpartition(".")[2] for part in parts}


@every_module
def test_no_module_is_a_grab_bag(module: Path) -> None:
    assert not GRAB_BAGS.intersection((*module.relative_to(PACKAGE).parent.parts, module.stem))


@every_module
def test_modules_and_functions_stay_short(module: Path) -> None:
    assert len(module.read_text("utf-8").splitlines()) <= LONGEST_MODULE
    long = {
        node.name: length
        for node in nodes(module)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or node.lineno) - node.lineno + 1) > LONGEST_FUNCTION
    }
    assert long == {}


@pytest.mark.parametrize(
    "module",
    [path for path in MODULES if path.name == "ports.py" or path.parent.name == "record"],
    ids=lambda path: path.name,
)
def test_what_others_build_upon_says_what_it_means(module: Path) -> None:
    tree = ast.parse(module.read_text("utf-8"))
    public = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_")
    ]
    assert ast.get_docstring(tree)
    assert [node.name for node in public if not ast.get_docstring(node)] == []

"""What differs between two versions of a file: nothing but comments and layout, code, or broken syntax."""

import pytest

from hotfix.adapters.syntax import parses

FILES = {
    "shop.py": (
        b"def f():\n    '''Old.'''\n    return 1\n",
        b"def f():\n    '''New.'''\n\n    # why\n    return (1)\n",
    ),
    "shop.js": (b"let x = 1\n", b"// why\nlet x =\n  1\n"),
    "shop.jsx": (b"let x = <a/>\n", b"/* why */ let x = <a />\n"),
    "shop.ts": (b"let x: number = 1\n", b"let x: number = 1 // why\n"),
    "shop.tsx": (b"let x = <a>{1}</a>\n", b"// why\nlet x = <a>{1}</a>\n"),
    "shop.go": (b"package shop\n\nfunc F() {}\n", b"package shop\n\n// F does.\nfunc F() {}\n"),
    "Shop.java": (b"class Shop {}\n", b"/** A shop. */\nclass Shop { }\n"),
    "shop.rb": (b"def f; 1; end\n", b"# why\ndef f; 1; end\n"),
    "shop.rs": (b"fn f() {}\n", b"// why\nfn f() {}\n"),
}


@pytest.mark.parametrize("path", [path for path in FILES if path != "shop.py"])
def test_comments_and_layout_are_nothing(path: str) -> None:
    assert parses(path, *FILES[path]) == "nothing"


def test_docstrings_are_nothing_and_parentheses_are_code() -> None:
    before, after = FILES["shop.py"]
    assert parses("shop.py", before, after.replace(b"(1)", b"1")) == "nothing"
    assert parses("shop.py", before, after) == "code"


_DOCUMENTED = b'''"""Module."""
def shop():
    """Function."""
class Cart:
    """Class."""
'''


@pytest.mark.parametrize(
    ("asking", "meant"),
    [
        (b"docopt(__doc__)", {b"Module", b"Class"}),
        (b"parser(description=shop.__doc__)", {b"Function"}),
        (b"print(Cart.__doc__)", {b"Class"}),
        (b"print(self.__doc__)", {b"Class"}),
        (b"print(given.__doc__, workshop.__doc__)", set()),
    ],
    ids=lambda part: part.decode() if isinstance(part, bytes) else "",
)
def test_a_docstring_is_code_where_its_own_file_asks_for_it(asking: bytes, meant: set[bytes]) -> None:
    before = _DOCUMENTED + asking + b"\n"
    for one in (b"Module", b"Function", b"Class"):
        differs = parses("a.py", before, before.replace(one + b".", b"Other."))
        assert differs == ("code" if one in meant else "nothing"), one


@pytest.mark.parametrize("path", FILES)
def test_half_a_file_is_broken(path: str) -> None:
    assert parses(path, FILES[path][0], FILES[path][0] + b"\n}{ )(\n") == "broken"


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("a.py", b"if x:\n    a()\nb()\n", b"if x:\n    a()\n    b()\n"),
        ("a.py", b"x = 'a %(b)s'\n", b"x = 'a %(c)s'\n"),
        ("a.py", b"x = f'a {b}'\n", b"x = f'a {c}'\n"),
        ("a.py", b"x = 1  # type: ignore\n", b"x = 1\n"),
        ("a.py", b"#!/usr/bin/python2\n", b"#!/usr/bin/python3\n"),
        ("a.go", b"//go:build linux\npackage a\n", b"//go:build darwin\npackage a\n"),
        ("a.js", b"x = /a  b/\n", b"x = /a b/\n"),
        ("a.js", b"x = `a\n  b`\n", b"x = `a\n b`\n"),
        ("a.rb", b"# frozen_string_literal: true\nx = 1\n", b"x = 1\n"),
        ("a.toml", b"a = 1\n", b"a = 1 # why\n"),
        ("Makefile", b"a:\n", b"a: # why\n"),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_what_could_mean_something_is_code(path: str, before: bytes, after: bytes) -> None:
    assert parses(path, before, after) == "code"


def test_the_same_is_nothing_and_what_was_broken_before_is_code() -> None:
    assert parses("a.toml", b"a", b"a") == "nothing"
    assert parses("a.py", b"def f(:\n", b"def f(: # why\n") == "code"


def test_code_that_is_nested_deeper_than_anybody_writes_is_code() -> None:
    deep = b"x = " + b"(" * 3000 + b"1" + b")" * 3000 + b"\n"
    assert parses("a.py", deep, deep + b"# why\n") == "code"

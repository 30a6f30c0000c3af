import pytest

from hotfix.policy.locate import line_of

TEXT = '''\
top = 1
"quoted key" = 2
dotted.inner.key = 3

[table] # a comment
key = 4
story = """
[check.fake]
key = 5
"""

[env."production".units.a]
url = "x"

[[many]]
key = 6
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (["top"], 1),
        (["quoted key"], 2),
        (["dotted", "inner", "key"], 3),
        (["dotted", "other"], 3),
        (["table"], 5),
        (["table", "key"], 6),
        (["table", "missing"], 5),
        (["env", "production", "units", "a", "url"], 13),
        (["env", "production", "target"], 12),
        (["many", "0", "key"], 15),
        (["absent"], 0),
        ([], 0),
    ],
)
def test_a_key_is_found_on_its_line_or_its_nearest_table(path: list[str], line: int) -> None:
    assert line_of(TEXT, path) == line


def test_text_inside_a_string_of_several_lines_is_no_key() -> None:
    assert line_of(TEXT, ["check", "fake"]) == 0


@pytest.mark.parametrize("separator", ["\u2028", "\u0085", "\x0c"])
def test_only_a_line_feed_ends_a_line(separator: str) -> None:
    assert line_of(f'a = "{separator}"\nb = 1\n', ["b"]) == 2

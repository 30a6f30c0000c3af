"""All attribute files of a tree as one: git must say the same of every path by it as by the files where they lie."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotfix.adapters.git.attributes import combined

ASKED = ("merge",)


class Place:
    """A work tree that holds attribute files, and a repository that is told one file instead."""

    def __init__(self, folder: Path) -> None:
        self._with_files, self._with_one = folder / "files", folder / "one"
        self._one = folder / "attributes"
        for repository in (self._with_files, self._with_one):
            subprocess.run(["git", "init", "--quiet", "--bare", str(repository)], check=True)

    def by_files(self, files: dict[bytes, bytes], paths: list[bytes], folder: Path) -> bytes:
        """What git says of the paths, where each file lies in its folder."""
        folder.mkdir()
        for name, content in files.items():
            place = folder / os.fsdecode(name)
            place.mkdir(parents=True, exist_ok=True)
            (place / ".gitattributes").write_bytes(content)
        return self._said(paths, folder, f"--git-dir={self._with_files}", f"--work-tree={folder}")

    def by_one(self, content: bytes, paths: list[bytes]) -> bytes:
        """What git says of the paths by one file."""
        self._one.write_bytes(content)
        setting = f"core.attributesFile={self._one}"
        return self._said(paths, self._with_one, "-c", setting, f"--git-dir={self._with_one}")

    def _said(self, paths: list[bytes], folder: Path, *options: str) -> bytes:
        env = os.environ | {"GIT_ATTR_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
        return subprocess.run(
            ["git", *options, "check-attr", "-z", "--stdin", *ASKED],
            input=b"".join(path + b"\0" for path in paths),
            capture_output=True,
            check=True,
            cwd=folder,
            env=env,
        ).stdout


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    yield Place(tmp_path_factory.mktemp("attributes"))


FOLDERS = (b"", b"a", b"a/b", b"a [b]", b"caf\xc3\xa9", b"#x", b"a*")
NAMES = (b"NEWS", b"x.lock", b"a b", b"!x", b"#x", b'"q"', b"caf\xc3\xa9", b"back\\slash")
PATHS = [(folder + b"/" if folder else b"") + name for folder in FOLDERS for name in NAMES]
PATTERNS = (
    *(b"NEWS", b"/NEWS", b"*.lock", b"**/NEWS", b"b/NEWS", b"a/**", b"b/", b"*", b'"a b"', b'"\\"q\\""'),
    *(
        b"\\#x",
        b"#x",
        b"!x",
        b"\\!x",
        b'"caf\\303\\251"',
        b"caf\xc3\xa9",
        b"back\\\\slash",
        b"[!x]*",
        b"?EWS",
    ),
    *(b"[attr]ours", b"[attr]theirs", b'"unfinished', b"N[E]WS", b'"\\8"', b'"\\400"', b'"a\\d"'),
)
SAYINGS = (
    *(
        b"merge=union",
        b"-merge",
        b"merge",
        b"!merge",
        b"binary",
        b"-binary",
        b"ours",
        b"-theirs",
        b"text eol=lf",
    ),
    *(b"conflict-marker-size=30", b"-diff merge=union", b"", b"export-ignore"),
)
LINE = st.builds(
    lambda pattern, gap, saying, end: pattern + gap + saying + end,
    st.sampled_from(PATTERNS),
    st.sampled_from((b" ", b"\t", b"  ")),
    st.sampled_from(SAYINGS),
    st.sampled_from((b"\n", b"\r\n", b"\n# nothing\n\n")),
)
CONTENT = st.builds(
    lambda mark, lines: mark + b"".join(lines),
    st.sampled_from((b"", b"\xef\xbb\xbf")),
    st.lists(LINE, max_size=5),
)


@settings(max_examples=60, deadline=None)
@given(files=st.dictionaries(st.sampled_from(FOLDERS), CONTENT, max_size=4))
def test_one_file_says_what_the_files_say(
    place: Place, tmp_path_factory: pytest.TempPathFactory, files: dict[bytes, bytes]
) -> None:
    folder = tmp_path_factory.mktemp("tree") / "work"

    assert place.by_one(combined(files), PATHS) == place.by_files(files, PATHS, folder)


def test_what_says_nothing_of_merging_is_left_out() -> None:
    top = b"# how we work\n*.py text eol=lf\n*.bin binary\n[attr]changelog merge=union\nNEWS changelog\n/tests export-ignore\n"

    assert combined({b"": top, b"vendor/x": b"* -text\n"}) == (
        b"*.bin binary\n[attr]changelog merge=union\nNEWS changelog\n"
    )


def test_a_folder_keeps_its_say_to_itself() -> None:
    assert combined({b"": b"NEWS -merge\n", b"docs": b"NEWS merge=union\n/a/NEWS merge\n"}) == (
        b"NEWS -merge\ndocs/**/NEWS merge=union\ndocs/a/NEWS merge\n"
    )

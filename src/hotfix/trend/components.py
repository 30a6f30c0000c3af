"""Components: what a path belongs to, by the policy's patterns, else by CODEOWNERS, else by its folder."""

from collections.abc import Iterable, Mapping, Sequence

from pathspec import GitIgnoreSpec


class Components:
    """Patterns in the order in which they are asked: the first that fits counts."""

    def __init__(self, patterns: Iterable[tuple[str, str]]) -> None:
        self._patterns = [(GitIgnoreSpec.from_lines([pattern]), name) for pattern, name in patterns]

    def of(self, path: str) -> str:
        """What `path` belongs to; without a pattern for it, its first two folders."""
        named = next((name for pattern, name in self._patterns if pattern.match_file(path)), "")
        return named or "/".join(path.split("/")[:-1][:2]) or "(top)"

    def of_all(self, paths: Sequence[str]) -> tuple[str, ...]:
        """The components of several paths, each once."""
        return tuple(sorted({self.of(path) for path in paths}))


def by_policy(patterns: Mapping[str, Sequence[str]]) -> Components:
    """The policy's own components."""
    return Components((pattern, name) for name, its in patterns.items() for pattern in its)


def by_owners(text: str) -> Components:
    """The owners that a CODEOWNERS file names, each as a component. There the last line that fits counts."""
    lines = [line.partition("#")[0].split() for line in text.splitlines()]
    return Components((words[0], words[1]) for words in reversed(lines) if len(words) > 1)

"""Tells the story: headings, commands as people type them, their real output, and checks that can fail."""

import shlex
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from types import TracebackType

from examples.shop.repository import Person
from examples.shop.world import PRODUCTION, World

LONGEST = 90.0
"""Seconds after which a command of the story is given up."""


class WentWrong(Exception):
    """The story did not go as it is told."""


class Command:
    """A command that somebody typed. Its output appears as it comes, with its owner at the margin."""

    def __init__(self, person: Person, argv: tuple[str, ...], path: str) -> None:
        self.typed = shlex.join(argv)
        self._login = person.login
        self._lines: list[str] = []
        self._changed = threading.Condition()
        self._process = subprocess.Popen(
            argv,
            cwd=person.clone,
            env=person.environment(path),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as output:
            for line in output:
                print(f"  {self._login:>5} │ {line.rstrip()}", flush=True)
                with self._changed:
                    self._lines.append(line)
                    self._changed.notify_all()
        with self._changed:
            self._lines.append("")
            self._changed.notify_all()

    def says(self, words: str) -> None:
        """Wait until the output has `words`. Raises WentWrong where it ends, or takes LONGEST, without."""
        with self._changed:
            self._changed.wait_for(lambda: words in self.output or "" in self._lines, LONGEST)
            if words not in self.output:
                raise WentWrong(f"“{self.typed}” never said “{words}”")

    @property
    def output(self) -> str:
        """What it said so far."""
        return "".join(self._lines)

    def ends(self, expected: int) -> str:
        """Wait for the end; its whole output. Raises WentWrong where the exit code is another one."""
        try:
            code = self._process.wait(LONGEST)
        except subprocess.TimeoutExpired:
            self.end()
            raise WentWrong(f"“{self.typed}” was given up after {LONGEST:g} s") from None
        self._reader.join()
        if code != expected:
            raise WentWrong(f"“{self.typed}” exited {code}; the story expects {expected}")
        return self.output

    def end(self) -> None:
        """End it, whatever it does."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._reader.join()


class Story:
    """A story in a world. Leaving it ends every command that still runs."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._began = time.monotonic()
        self._chapters = 0
        self._commands: list[Command] = []

    def __enter__(self) -> "Story":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for command in self._commands:
            command.end()

    def chapter(self, title: str, text: str = "") -> None:
        """What happens next, in plain words."""
        self._chapters += 1
        print(f"\n{_bold(f'{self._chapters}. {title}')}")
        if text:
            print(f"   {text}")

    def begin(self, person: Person, *argv: str) -> Command:
        """Somebody types a command and does not wait for it."""
        print(f"\n{person.login}@shop $ {_bold(_typed(argv))}", flush=True)
        command = Command(person, argv, self.world.path)
        self._commands.append(command)
        return command

    def run(self, person: Person, *argv: str, exits: int = 0) -> str:
        """Somebody types a command and waits; its output. Raises WentWrong where it exits otherwise."""
        return self.begin(person, *argv).ends(exits)

    def say(self, line: str) -> None:
        """One line of the narrator."""
        print(f"   {line}")

    def check(self, sentence: str, true: bool) -> None:
        """What the story claims, looked at. Raises WentWrong where it is not so."""
        print(f"   {'✓' if true else '✗'} {sentence}", flush=True)
        if not true:
            raise WentWrong(f"not so: {sentence}")

    def check_units(self, claim: str, true: Callable[[str], bool], units: Sequence[str] = PRODUCTION) -> None:
        """The same claim for each unit; where it is not so, the units are named."""
        wrong = [unit for unit in units if not true(unit)]
        self.check(f"{', '.join(wrong or units)}: {claim}", not wrong)

    def seconds(self) -> float:
        """Since the story began."""
        return time.monotonic() - self._began


def _typed(argv: Sequence[str]) -> str:
    """The command line; one too long for a screen has each option on its own line."""
    line = shlex.join(argv)
    if len(line) <= 100:
        return line
    return "".join(
        f" \\\n    {word}" if word.startswith("--") else f" {word}" for word in map(shlex.quote, argv)
    ).strip()


def _bold(text: str) -> str:
    return f"\033[1m{text}\033[0m" if sys.stdout.isatty() else text

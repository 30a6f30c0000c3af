"""Writes docs/cli.md from the commands themselves: python docs/make_cli.py (a test compares the two)."""

import sys
from pathlib import Path

import click

from hotfix.cli.exit_codes import ExitCode
from hotfix.cli.main import MORE, VERBS, cli

_MEANINGS = {
    ExitCode.DONE: "done",
    ExitCode.REFUSED: "refused, or failed as designed: the findings say why and what to do",
    ExitCode.USAGE: "the command line was wrong",
    ExitCode.BUG: "a fault of hotfix itself; nothing was decided on it",
    ExitCode.WAITING: "waiting on somebody",
    ExitCode.ROLLED_BACK: "a ship that went back by itself",
    ExitCode.HALTED: "halted: a human is needed",
    ExitCode.INTERRUPTED: "interrupted; what is on record stands",
    ExitCode.TERMINATED: "asked to end, by the system or by a rollback; what is on record stands",
}


def text() -> str:
    """The whole page."""
    parts = [
        "# The command line\n\nMade from the commands' own `--help` by `docs/make_cli.py`.\n",
        _exit_codes(),
    ]
    parts += [
        "The result goes to stdout, narration to stderr. With `--json` the result is one JSON value, and a refusal\n"
        'is `{"error": {"kind", "findings"}}`; fields may be added, never removed.\n',
        _help("hotfix", cli),
    ]
    for verb in (*VERBS, *MORE):
        command = cli.get_command(click.Context(cli), verb)
        if command is not None:
            parts.append(_help(f"hotfix {verb}", command))
        if isinstance(command, click.Group):
            parts += [_help(f"hotfix {verb} {name}", below) for name, below in command.commands.items()]
    return "\n".join(parts)


def _exit_codes() -> str:
    rows = [f"| {int(code)} | {meaning} |" for code, meaning in _MEANINGS.items()]
    return "\n".join(["| exit code | means |", "|-|-|", *rows]) + "\n"


def _help(name: str, command: click.Command) -> str:
    names = ["-h", "--help"]  # as the group sets them for every verb
    context = click.Context(
        command, info_name=name, terminal_width=100, max_content_width=100, help_option_names=names
    )
    return f"## {name}\n\n```\n{command.get_help(context)}\n```\n"


if __name__ == "__main__":
    Path(__file__).with_name("cli.md").write_text(text(), "utf-8")
    sys.exit(0)

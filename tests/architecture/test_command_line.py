"""The tree of commands: nothing in it lets a gate be skipped, and every verb has its word in the glossary."""

import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

ROOT = Path(__file__).parents[2]
SKIPPING = {"skip", "force", "bypass", "ignore", "unsafe", "insecure", "admin", "noverify"}


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command by its full name, the group itself first."""
    cli = importlib.import_module("hotfix.cli.main").cli
    yield from _below("hotfix", cli, click.Context(cli, info_name="hotfix"))


def _below(name: str, command: click.Command, context: click.Context) -> Iterator[tuple[str, click.Command]]:
    yield name, command
    if isinstance(command, click.Group):
        for verb in command.list_commands(context):
            child = command.get_command(context, verb)
            assert child is not None
            yield from _below(f"{name} {verb}", child, click.Context(child, context, info_name=verb))


def test_there_are_verbs_to_look_at() -> None:
    assert {"hotfix start", "hotfix pick", "hotfix ship", "hotfix rollback"} <= {
        name for name, _ in commands()
    }


def test_no_option_skips_a_gate() -> None:
    skipping = [
        f"{name} {option}"
        for name, command in commands()
        for parameter in command.params
        for option in (*parameter.opts, *parameter.secondary_opts)
        if SKIPPING & set(re.split(r"[-_]+", option.lower().replace("no-verify", "noverify")))
    ]
    assert skipping == []


def test_every_command_and_every_option_says_what_it_is_for() -> None:
    silent = [name for name, command in commands() if not command.help]
    silent += [
        f"{name} {parameter.name}"
        for name, command in commands()
        for parameter in command.params
        if isinstance(parameter, click.Option) and not parameter.help
    ]
    assert silent == []


def test_every_verb_is_in_the_glossary() -> None:
    words = glossary()
    assert [name for name, _ in commands() if name.count(" ") == 1 and name.split()[1] not in words] == []


def test_every_stage_and_every_gate_is_in_the_glossary() -> None:
    life = importlib.import_module("hotfix.lifecycle").LIFE
    assert [stage.name for stage in life if stage.name not in glossary()] == []


def glossary() -> set[str]:
    """The words that ``GLOSSARY.md`` explains: bold, at the start of a row."""
    return set(re.findall(r"^\| \*\*([^*]+)\*\* \|", (ROOT / "GLOSSARY.md").read_text("utf-8"), re.MULTILINE))


@pytest.mark.parametrize("word", ["hotfix", "unit", "wave", "target", "patch", "gate", "proof", "way back"])
def test_the_glossary_explains_each_word_once(word: str) -> None:
    text = (ROOT / "GLOSSARY.md").read_text("utf-8")
    assert len(re.findall(rf"^\| \*\*{word}\*\* \|", text, re.MULTILINE)) == 1

"""Options and arguments that several verbs share."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from hotfix.cli import output
from hotfix.ports import Ports
from hotfix.record.lossless import to_text

Command = TypeVar("Command", bound=Callable[..., Any])
ID = r"HF-[1-9][0-9]*"
"""How a hotfix is named."""


def as_json(command: Command) -> Command:
    """``--json``."""
    return click.option("--json", "json", is_flag=True, help="Print the result as JSON, with stable fields.")(
        command
    )


def the_hotfix(command: Command) -> Command:
    """``[HF-N]``: needed only where several hotfixes are open."""
    return click.argument("hotfix", required=False, callback=_check_id, metavar="[HF-N]")(command)


def _check_id(ctx: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    if value is not None and not re.fullmatch(ID, value):
        raise click.BadParameter(f"{value!r} is no hotfix id; they read HF-1, HF-2, …")
    return value


def hotfix_option(command: Command) -> Command:
    """``--hotfix HF-N``, for verbs whose arguments are something else."""
    return click.option(
        "--hotfix", callback=_check_id, metavar="HF-N", help="Which one, where several are open."
    )(command)


def ports(ctx: click.Context) -> Ports:
    """Everything the verb needs, for the clone that the command line names."""
    from hotfix import wiring

    start: Path = ctx.obj
    return wiring.open_ports(start, output.narrate)


def as_text(ctx: click.Context, parameter: click.Parameter, value: Any) -> Any:
    """Callback of free text: what the shell gave as bytes that are no UTF-8 is kept without loss, as text."""
    if isinstance(value, tuple):
        return tuple(as_text(ctx, parameter, one) for one in value)
    return to_text(value.encode("utf-8", "surrogateescape")) if isinstance(value, str) else value


def in_seconds(ctx: click.Context, parameter: click.Parameter, value: str | None) -> float | None:
    """Callback of an option that is a duration: a number and a unit."""
    if value is None:
        return None
    from hotfix.policy.duration import seconds

    try:
        return seconds(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None

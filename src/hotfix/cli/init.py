"""``hotfix init``."""

import sys

import click

from hotfix.cli import options, output


@click.command()
@click.option("--runs", help="What runs now: a URL, or a command that prints the release.")
@click.option(
    "--deploy",
    help='How a commit is deployed: a command, or "/srv/app: RESTART COMMAND" for release folders.',
)
@click.option(
    "--broken", help="What is broken: a URL that should answer 200, or a command that should exit 0."
)
@click.option("--good", help="What must stay good: a URL that answers 200, or a command that exits 0.")
@options.as_json
@click.pass_context
def command(
    ctx: click.Context, runs: str | None, deploy: str | None, broken: str | None, good: str | None, json: bool
) -> None:
    """Write hotfix.toml for this repository: what can be found is found, at most four questions are asked.

    Where there is one author and no remote it writes the solo profile: no peer, no senior, unsigned,
    and shown so everywhere. The policy counts once it is committed to your main line.

    \b
    hotfix init --runs http://127.0.0.1:8000/version --deploy "/srv/app: systemctl restart app" \\
        --broken "python3 ops/check_mails.py" --good http://127.0.0.1:8000/health
    """
    from hotfix.actions import init

    given = {
        name: value
        for name, value in (("runs", runs), ("deploy", deploy), ("broken", broken), ("good", good))
        if value
    }

    def ask(question: str) -> str:
        if not sys.stdin.isatty():
            raise click.UsageError(f"This is needed, and there is no terminal to ask on: {question}.")
        answer: str = click.prompt(question, err=True)
        return answer

    result = init.init(options.ports(ctx), given, ask)

    def human() -> None:
        output.say(
            f"{' and '.join(result.files)} written ({result.profile} profile); it counts once it is on {result.trunk}"
        )
        output.say(result.text, keep_newlines=True)
        output.say(f"next: {result.next}")

    output.result(result, json=json, human=human)

"""``[check.NAME]``: a question to production that is able to answer "no".

A check that cannot fail is worse than none, because people trust it: it is refused when the policy is read.
"""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from hotfix.policy import rules
from hotfix.policy.duration import seconds

_NEVER_FAIL = frozenset({"true", ":", "echo", "printf", "sleep", "date"})
_SHELLS = frozenset({"sh", "bash", "dash", "zsh"})
_FIELDS = {
    "http": {"path", "url", "method", "status", "body", "header", "release", "latency"},
    "metrics": {"path", "url", "metric", "labels", "min", "max", "rise"},
    "command": {"run", "per_unit"},
}


def _is_duration(text: str) -> str:
    seconds(text)
    return text


Duration = Annotated[str, AfterValidator(_is_duration)]
Bound = Annotated[float, Field(allow_inf_nan=False)]


class CheckTable(BaseModel):
    """One check. `path` is asked of every unit (its `url` + path), `url` once for the whole service."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    kind: Literal["http", "metrics", "command"]
    path: str = Field("", pattern=r"^(/[^\s]*)?$")
    url: str = Field("", pattern=r"^(https?://[^\s]+)?$")
    method: Literal["GET", "POST", "HEAD"] = "GET"
    status: int = Field(200, ge=100, le=599)
    body: str = ""
    header: str = Field("", pattern=r"^([A-Za-z0-9-]+:\s*.+)?$")
    release: bool = False
    latency: Duration | None = None
    metric: str = ""
    labels: dict[str, str] = {}
    min: Bound | None = None
    max: Bound | None = None
    rise: Bound | None = None
    run: list[str] = []
    per_unit: bool = True
    timeout: Duration = "5s"

    @model_validator(mode="after")
    def _only_its_own_keys(self) -> "CheckTable":
        foreign = self.model_fields_set - _FIELDS[self.kind] - {"kind", "timeout"}
        if foreign:
            raise ValueError(f"a {self.kind} check has no {', '.join(sorted(foreign))}")
        if self.kind != "command" and bool(self.path) == bool(self.url):
            raise ValueError("exactly one of `path` (asked of every unit) and `url` (asked once) is needed")
        return self

    @model_validator(mode="after")
    def _can_fail(self) -> "CheckTable":
        if self.kind == "metrics" and not self.metric:
            raise ValueError("a metrics check needs `metric`, the name of the sample it judges")
        if self.kind == "metrics" and self.min is None and self.max is None and self.rise is None:
            raise ValueError("this check can never fail: give it `min`, `max` or `rise`")
        if self.kind == "command" and not self.run:
            raise ValueError("a command check needs `run`, the command whose exit code answers")
        if self.kind == "command" and _never_fails(self.run):
            raise ValueError(f"this check can never fail: {self.run!r} ends with 0 whatever production does")
        return self

    def to_rule(self) -> rules.Check:
        """The check as the core uses it."""
        return rules.Check(
            kind=self.kind,
            path=self.path,
            url=self.url,
            method=self.method,
            status=self.status,
            body=self.body,
            header=self.header,
            release=self.release,
            latency=seconds(self.latency) if self.latency else 0.0,
            metric=self.metric,
            labels=self.labels,
            min=self.min,
            max=self.max,
            rise=self.rise,
            run=tuple(self.run),
            per_unit=self.per_unit if self.kind == "command" else bool(self.path),
            timeout=seconds(self.timeout),
        )


# -- commands that end with 0 whatever happens: refused where that is certain, never on a suspicion -----

_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
_BETWEEN = re.compile(r"[ \t\r]+|\\\n|\d*[<>]&[\d-]")
"""What stands between the tokens of a script; 2>&1 changes no exit code either."""
_TOKEN = re.compile(r"""&&|\|\||[;\n&|()<>]|(?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s;&|()<>'"\\])+""", re.DOTALL)
_ENDS_EARLY = frozenset({"exit", "return", "set", "trap", "exec", "kill", "eval", "source", "."})
"""With one of these before its last command, a script may end with something else than that command did."""


def _never_fails(argv: list[str]) -> bool:
    program, words = argv[0].rpartition("/")[2], argv[1:]
    if program == "env":
        return _env_never_fails(words)
    if program in _SHELLS:
        return _shell_never_fails(words)
    return program in _NEVER_FAIL


def _env_never_fails(words: list[str]) -> bool:
    """``env`` is as honest as the command behind its options and assignments."""
    while words and (words[0].startswith("-") or _ASSIGNMENT.match(words[0])):
        words = words[2:] if words[0] in ("-u", "-C") else words[1:]
    return not words or _never_fails(words)


def _shell_never_fails(words: list[str]) -> bool:
    options = ""
    while words and words[0][:1] in ("-", "+"):
        options += "" if words[0].startswith("--") else words[0]
        words = words[1:]
    # A script in a file is not read; -o has a word of its own, and may be pipefail or errexit.
    if not words or "c" not in options or "o" in options:
        return False
    return _script_never_fails(words[0], stops_at_errors="e" in options)


def _script_never_fails(script: str, stops_at_errors: bool) -> bool:
    """A script ends as its last list of commands does, unless something ends it before."""
    tokens = _tokens(script)
    if tokens is None:
        return False
    *before, last = [part for part in _split(tokens, ";", "\n", "&") if part] or [[":"]]
    if (before and stops_at_errors) or _may_end_early(before):
        return False
    # Inside parentheses and backquotes stands a script of its own.
    if any(token in ("(", ")") or "`" in token for token in last):
        return False
    return _list_never_fails(last)


def _tokens(script: str) -> list[str] | None:
    """Operators and words, with their quotes; None where a quote is left open."""
    tokens, at = list[str](), 0
    while at < len(script):
        if between := _BETWEEN.match(script, at):
            at = between.end()
        elif token := _TOKEN.match(script, at):
            tokens.append(token[0])
            at = token.end()
        else:
            return None
    return tokens


def _split(tokens: list[str], *at: str) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    for token in tokens:
        if token in at:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _may_end_early(parts: list[list[str]]) -> bool:
    return any(_ENDS_EARLY.intersection(part) for part in parts)


def _list_never_fails(tokens: list[str]) -> bool:
    """``a || b`` never fails where either never does, ``a && b`` where both never do; read from the left."""
    first, *more = parts = _split(tokens, "&&", "||")
    if _may_end_early(parts[:-1]):
        return False
    never = _pipeline_never_fails(first)
    for operator, part in zip((token for token in tokens if token in ("&&", "||")), more, strict=True):
        also = _pipeline_never_fails(part)
        never = never and also if operator == "&&" else never or also
    return never


def _pipeline_never_fails(tokens: list[str]) -> bool:
    words = _split(tokens, "|")[-1]
    # A redirection fails where the file cannot be opened, and bash opens connections in this way.
    if "<" in words or ">" in words or tokens[:1] == ["!"]:
        return False
    while words and _ASSIGNMENT.match(words[0]):
        words = words[1:]
    return words == ["exit", "0"] or (bool(words) and _never_fails(words))

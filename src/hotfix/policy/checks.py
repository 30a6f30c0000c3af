"""``[check.NAME]``: a question to production that is able to answer "no".

A check that cannot fail is worse than none, because people trust it: it is refused when the policy is read.
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from hotfix.policy import rules
from hotfix.policy.duration import seconds

_NEVER_FAIL = frozenset({"true", ":", "echo", "printf", "exit", "sleep", "date"})
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
    min: float | None = None
    max: float | None = None
    rise: float | None = None
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


def _never_fails(argv: list[str]) -> bool:
    program = argv[0].rpartition("/")[2]
    if program in _SHELLS and len(argv) >= 3 and argv[1] == "-c":
        words = argv[2].split()
        return not words or words[0] in _NEVER_FAIL or argv[2].rstrip(" ;").endswith("|| true")
    return program in _NEVER_FAIL

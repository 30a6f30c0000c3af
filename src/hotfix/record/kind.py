"""What a fact is called."""

from hotfix.record.facts import Fact


def kind_of(fact: Fact) -> str:
    """The fact's kind without its version: ``started``."""
    tag = type(fact).__struct_config__.tag
    return str(tag).partition("/")[0]

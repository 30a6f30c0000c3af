from test_schema import ONE_SERVICE, parsed

from hotfix.policy import rules
from hotfix.record import chain, facts

EVERYTHING = (
    ONE_SERVICE
    + """
[env.staging]
target = "own"
waves = [["s-2"], ["s-1"]]
units.s-1.host = "staging-1"
units.s-2.host = "staging-2"

[target.own]
kind = "command"
observe = ["ask", "{unit}"]
activate = ["put", "{unit}"]

[check.mails]
kind = "metrics"
url = "http://127.0.0.1:9090/metrics"
metric = "mails_total"
labels = { kind = "cart" }
rise = 1.5

[build]
run = ["make", "release"]
output = "dist"

[test]
runner = "script"
run = ["sh", "regression.sh"]
env = { LANG = "C.UTF-8" }
"""
)


def test_rules_come_back_from_their_plain_form() -> None:
    everything = parsed(EVERYTHING)
    assert rules.from_plain(rules.to_plain(everything)) == everything


def test_rules_come_back_from_the_record() -> None:
    """A verdict is judged again from the record alone: numbers must survive canonical JSON."""
    everything = parsed(EVERYTHING)
    fact = facts.RulesRead(
        at="", by="", trunk="main", commit="", policy="", signers="", rules=rules.to_plain(everything)
    )
    read = chain.read(chain.seal(1, chain.GENESIS, "HF-1", fact)).fact
    assert isinstance(read, facts.RulesRead)
    assert rules.from_plain(read.rules) == everything

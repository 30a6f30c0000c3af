"""Today's rules: read from trunk's tip, never from the patch or a work tree."""

import msgspec

from hotfix.policy import schema
from hotfix.policy.path_kind import POLICY_FILE
from hotfix.policy.rules import Rules, to_plain
from hotfix.ports import Ports, Signers, Trunk
from hotfix.record import moment
from hotfix.record.facts import RulesRead
from hotfix.record.finding import refused


class InForce(msgspec.Struct, frozen=True):
    """The rules and the people of one commit of trunk."""

    rules: Rules
    signers: Signers
    trunk: Trunk
    policy_blob: str
    signers_blob: str
    by: str
    """Who is asking: the principal of their key where trunk's list has it, else the e-mail git knows."""

    def as_fact(self, at: str) -> RulesRead:
        """What the record keeps of it."""
        return RulesRead(
            at=at,
            by=self.by,
            trunk=self.trunk.name,
            commit=self.trunk.commit,
            policy=self.policy_blob,
            signers=self.signers_blob,
            rules=to_plain(self.rules),
        )


def read_policy(ports: Ports) -> Rules:
    """The rules alone, whoever asks. Raises Refused where trunk has none, or where they are wrong."""
    rules = _parse(ports, ports.git.trunk())
    return _parse(ports, ports.git.trunk(rules.trunk)) if rules.trunk else rules


def read_rules(ports: Ports) -> InForce:
    """The rules in force now. Raises Refused where trunk has none, or where they are wrong."""
    trunk = ports.git.trunk()
    rules = _parse(ports, trunk)
    if rules.trunk and rules.trunk != trunk.name:
        trunk = ports.git.trunk(rules.trunk)
        rules = _parse(ports, trunk)
    if rules.record_branch == trunk.name:
        raise refused(
            "policy-record-branch",
            f"record_branch names {trunk.name}, which is trunk.",
            "name another branch",
        )
    signers = read_signers(ports, trunk.commit, rules)
    return InForce(
        rules=rules,
        signers=signers,
        trunk=trunk,
        policy_blob=ports.git.blob_at(trunk.commit, POLICY_FILE),
        signers_blob=ports.git.blob_at(trunk.commit, rules.signers),
        by=who(ports, signers),
    )


def read_signers(ports: Ports, commit: str, rules: Rules) -> Signers:
    """Whose signatures count, by the files of `commit`. A team without the list is refused."""
    allowed = ports.git.file_at(commit, rules.signers)
    if allowed is None and not rules.solo:
        raise refused(
            "policy-no-signers",
            f"Trunk has no {rules.signers}, so nobody's signature could count.",
            f"add it on trunk, a line per person: name@example.com {'ssh-ed25519 AAAA…'}",
        )
    return Signers(allowed or b"", ports.git.file_at(commit, rules.revoked) or b"")


def who(ports: Ports, signers: Signers) -> str:
    """The person at the keyboard: authenticated by their key, else only stated by git."""
    person = ports.signatures.person(signers)
    return person or ports.git.identity().partition("<")[2].rstrip(">")


def require_person(ports: Ports, in_force: InForce) -> None:
    """In a team, what opens gates is done by somebody whose key trunk's list knows; a name alone is only stated."""
    if in_force.rules.solo or ports.signatures.person(in_force.signers):
        return
    what = (
        "Your key is not on trunk's list of signers" if ports.signatures.key() else "You have no signing key"
    )
    raise refused(
        "you-unknown",
        f"{what}, so nobody could tell that it was you.",
        f"let a colleague add your public key to {in_force.rules.signers} on {in_force.trunk.name}; then: hotfix doctor",
    )


def recorded(in_force: InForce, last: RulesRead | None, at: str) -> tuple[RulesRead, ...]:
    """The fact to add where the rules are not the ones that the record has last."""
    same = last is not None and (last.policy, last.signers) == (in_force.policy_blob, in_force.signers_blob)
    return () if same else (in_force.as_fact(at),)


def now_text(ports: Ports) -> str:
    """The moment, as facts carry it."""
    return moment.to_text(ports.clock.now())


def _parse(ports: Ports, trunk: Trunk) -> Rules:
    raw = ports.git.file_at(trunk.commit, POLICY_FILE)
    if raw is None:
        where = trunk.ref.removeprefix("refs/remotes/").removeprefix("refs/heads/")
        raise refused(
            "policy-missing",
            f"There is no {POLICY_FILE} on {where} ({trunk.commit[:12]}).",
            f"hotfix init, then bring {POLICY_FILE} to {trunk.name}, and push it",
        )
    return schema.parse(raw, POLICY_FILE)

"""What an attacker who may push can put on record: facts with signatures of their choice."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from hotfix.lifecycle import authorize, review
from hotfix.record import moment
from hotfix.record.chain import Entry
from hotfix.record.facts import Authorized, Fact, Picked, Reviewed
from hotfix.record.parts import Signed
from hotfix.record.patch import Patch, statement
from stories.people import Person
from stories.world import World

PROGRAM = Path(__file__).with_name("append_facts.py")


def append(person: Person, *facts: Fact, hotfix: str = "HF-1") -> None:
    """Put `facts` on record and on the remote, with that person's clone and key."""
    lines = b"\n".join(msgspec.json.encode(fact) for fact in facts)
    person.run(sys.executable, str(PROGRAM), hotfix, typed=lines)


def sign(key: Path, namespace: str, message: bytes) -> str:
    """An SSH signature, as ssh-keygen makes it."""
    done = subprocess.run(
        ["ssh-keygen", "-Y", "sign", "-q", "-n", namespace, "-f", str(key)],
        input=message,
        capture_output=True,
        check=True,
    )
    return done.stdout.decode()


def facts(world: World) -> list[Fact]:
    """Everything on record, as Olga's clone has it."""
    raw = world.olga.hotfix("log", "--json").raw_out
    return [entry.fact for entry in msgspec.json.decode(raw, type=list[Entry])]


def patch(world: World) -> Patch:
    """The patch that would ship."""
    return next(fact for fact in reversed(facts(world)) if isinstance(fact, Picked)).patch


def approval(
    world: World, by: str, key: Path, *, of: Patch | None = None, namespace: str = review.NAMESPACE
) -> Reviewed:
    """An approval on record for today's patch, said to be `by` somebody; the signature is over the patch `of`."""
    today = patch(world)
    signature = sign(key, namespace, statement("approve", of or today, {}))
    signed = Signed(review.NAMESPACE, {}, signature, "")
    return Reviewed(at=now(), by=by, patch=today.digest, verdict="approve", because="", signed=signed)


def go(
    world: World, by: str, key: Path, *, signed_for: str = "production", said_for: str = "production"
) -> Authorized:
    """An authorization on record for today's patch; the signature is for the environment `signed_for`."""
    today, until = patch(world), moment.to_text(datetime.now(UTC) + timedelta(hours=1))
    at = now()
    context = {"environment": signed_for, "at": at, "expires_at": until}
    signature = sign(key, authorize.NAMESPACE, statement("authorize", today, context))
    signed = Signed(authorize.NAMESPACE, {}, signature, "")
    return Authorized(at=at, by=by, patch=today.digest, environment=said_for, expires_at=until, signed=signed)


def now() -> str:
    """The moment, as facts carry it."""
    return moment.to_text(datetime.now(UTC))

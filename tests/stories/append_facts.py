"""Run as a program by somebody who may push: appends facts (JSON lines on stdin) to a hotfix, past every rule."""

import sys
from pathlib import Path

import msgspec

from hotfix import wiring
from hotfix.ports import Append
from hotfix.record.any_fact import AnyFact

if __name__ == "__main__":
    facts = tuple(msgspec.json.decode(line, type=AnyFact) for line in sys.stdin.buffer.read().splitlines())
    ports = wiring.open_ports(Path(), print)
    ports.ledger.append(lambda _: Append(sys.argv[1], facts), anchor=True)

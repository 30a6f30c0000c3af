"""Keeps every notice, one line each, where a real team would page somebody."""

import sys
from pathlib import Path

with Path(sys.argv[1]).open("a") as notices:
    notices.write(" ".join(sys.stdin.read().split()) + "\n")

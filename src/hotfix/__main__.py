"""``python -m hotfix``."""

from hotfix.cli.main import main

main()

"""What is written down: facts, their chain, and the hotfix that they add up to. Pure."""

"""The team's rules, written in advance in ``hotfix.toml`` on trunk. Pure."""

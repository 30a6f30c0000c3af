"""Hotfixes in the history of a repository that never heard of them: tags, cadence, narrowness, words."""

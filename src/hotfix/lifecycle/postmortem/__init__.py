"""Postmortem: the record writes the facts, people write the judgement, and neither writes the other's part."""

"""Killed, stopped, pre-empted, raced: whatever happens to the processes, what serves and what is on record agree."""

"""Where a conflict that waits for a person lies, in a clone's own folder; known to whoever only looks."""

RESOLVING, STATE = "resolving", "state.json"

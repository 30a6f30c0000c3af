"""The record on a branch of the team's own repository: the git remote is the server."""

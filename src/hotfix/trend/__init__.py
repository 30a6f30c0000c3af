"""Are hotfixes becoming a habit? Bands, tests, figures; and what a repository's own history shows of it."""

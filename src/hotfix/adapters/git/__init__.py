"""git, used as a store of objects and refs; a repository's own configuration is never read for more than its URL."""

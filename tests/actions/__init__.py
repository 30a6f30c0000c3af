"""Verbs that are told from close by, still through the real command line."""

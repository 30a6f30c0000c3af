"""Whole lives of a hotfix, through the real command line."""

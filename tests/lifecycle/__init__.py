"""Tests of the rules, pure."""

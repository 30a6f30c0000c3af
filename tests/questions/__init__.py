"""Tests of what needs several stages at once, pure."""

"""Prove: the regression test is red on what production runs and green on the result, every time."""

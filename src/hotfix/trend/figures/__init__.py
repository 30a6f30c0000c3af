"""The figures of the trend: each with its formula, its window, how many it is of, and its rows."""

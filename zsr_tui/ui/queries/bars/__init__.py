"""Differences to the baseline as bars: all of them in a plot, and one on every line of the queries below it."""

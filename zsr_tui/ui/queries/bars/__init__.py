"""Differences to the baseline as bars: all of them in a chart, and one on every line of the queries below it."""

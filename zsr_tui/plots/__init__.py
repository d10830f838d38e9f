"""Plots as data, and two ways to draw them: characters for a terminal, SVG for files. Standard library only.

`charts` builds what the evaluation shows, `terminal.draw` and `svg.draw` render any of it.
"""

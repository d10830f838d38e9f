"""Plots as data (`model`, `scale`), and two ways to draw them: cells of a terminal, where they are points on two axes,
and SVG. They are drawn where they are shown, at the size that they have there."""

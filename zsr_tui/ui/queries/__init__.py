"""The queries behind an evaluation's averages: as a table, as bars, as points; their documents; and why they fail."""

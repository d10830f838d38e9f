"""The lists of a search: heads, rows with their marks, and when they are painted."""

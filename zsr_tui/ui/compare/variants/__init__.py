"""Variants of the shown query, and what each makes of every list: which term carries the ranking."""

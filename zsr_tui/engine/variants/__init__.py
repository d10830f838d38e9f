"""Variants of a query: their texts, and what each makes of every system's list."""

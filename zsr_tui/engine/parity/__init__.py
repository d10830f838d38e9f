"""Two scorers on the same pairs: which pairs, what both give and read, what is tried out where they differ."""

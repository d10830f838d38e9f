"""A corpus and systems are chosen."""

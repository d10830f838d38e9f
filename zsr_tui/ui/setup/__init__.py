"""A corpus and systems are chosen, and what they need is prepared."""

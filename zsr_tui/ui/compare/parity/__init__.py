"""The scorers of two lists, held against each other on the same pairs."""

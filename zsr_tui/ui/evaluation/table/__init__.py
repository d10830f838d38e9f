"""The table of an evaluation: a row for each system."""

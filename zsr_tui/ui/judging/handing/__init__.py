"""Judgments handed over: written to a file, taken from somebody's, and each conflict decided."""

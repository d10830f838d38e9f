"""Judgments, notes, tags and bookmarks: the answers."""

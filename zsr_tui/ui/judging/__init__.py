"""Judging document after document, and preferring one list to another, without knowing whose they are."""

"""What a program writes into a page, between two comments."""

from __future__ import annotations


def put(page: str, begin: str, made: str, end: str) -> str:
    """The page's text with what was made in its place."""
    before, _, rest = page.partition(begin)
    _, closed, after = rest.partition(end)
    assert closed, f"the page has no place between {begin.strip()} and {end.strip()}"
    return f"{before}{begin}\n{made}\n{end}{after}"

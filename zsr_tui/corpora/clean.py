"""Text that every other part of the program can take: no lone surrogates, which cannot be encoded."""

from __future__ import annotations


def clean(text: str) -> str:
    r"""Half a surrogate pair, which JSON may hold as \ud800, becomes U+FFFD."""
    if text.isascii():
        return text
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text

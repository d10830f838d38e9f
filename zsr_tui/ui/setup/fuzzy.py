"""How well a short text fits what was typed. Linear in practice: the matcher of Textual's palette tries every way to
place the letters, which takes seconds for a long name with many equal ones."""

from __future__ import annotations


def score(typed: str, text: str) -> float:
    """0 if a typed word isn't in the text, not even with gaps; else the more, the better: whole words before
    beginnings, those before parts, those before letters with gaps, and these by how close they stand."""
    text = text.lower()
    total = 0.0
    for word in typed.lower().split():
        found = _word(word, text)
        if not found:
            return 0.0
        total += found
    return total


def _word(word: str, text: str) -> float:
    at = text.find(word)
    if at >= 0:
        starts = at == 0 or not text[at - 1].isalnum()
        end = at + len(word)
        whole = starts and (end == len(text) or not text[end].isalnum())
        return 4.0 if whole else 3.0 if starts else 2.0
    best = 0.0
    start = text.find(word[0])
    while start >= 0:
        end = start
        for letter in word[1:]:
            end = text.find(letter, end + 1)
            if end < 0:
                return best  # a later start cannot do better
        best = max(best, len(word) / (end - start + 1))
        start = text.find(word[0], start + 1)
    return best

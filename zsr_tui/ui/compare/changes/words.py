"""Which words a change of a query added and dropped."""

from __future__ import annotations

from zsr_tui.text import one_line
from zsr_tui.ui.parts.pieces import Piece


def changed_words(before: str, after: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(dropped, added), each in its text's order. A word in another place of the query is neither."""
    from difflib import SequenceMatcher  # once a query is changed

    old, new = one_line(before).split(), one_line(after).split()
    dropped, added = [], []
    for what, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what != "equal":
            dropped += old[old_from:old_to]
            added += new[new_from:new_to]
    for word in [*dropped]:
        if word in added:
            dropped.remove(word)
            added.remove(word)
    return tuple(dropped), tuple(added)


def word_pieces(before: str, after: str) -> list[Piece]:
    """`− deficiency  + shortage`"""
    dropped, added = changed_words(before, after)
    pieces: list[Piece] = []
    if dropped:
        pieces.append((f"− {' '.join(dropped)}", "down"))
    if added:
        pieces += [("  ", "plain")] * bool(dropped) + [(f"+ {' '.join(added)}", "up")]
    if not pieces:
        same = one_line(before) == one_line(after)
        pieces.append(("the same words" if same else "the same words in another order", "muted"))
    return pieces

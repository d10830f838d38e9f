"""Variants that a model writes, once the user asks for one: a paraphrase, or a passage that would answer the query.

The second is HyDE's (Gao et al. 2022, arXiv 2212.10496): it is searched in place of the query. What comes back is data.
"""

from __future__ import annotations

import os

from zsr_tui.api.questions import WriteVariant
from zsr_tui.api.variants import Variant
from zsr_tui.domain import Problem
from zsr_tui.engine.search import LONGEST_QUERY
from zsr_tui.scoring.endpoints.chat import Chat

ADDRESS, MODEL, KEY = (f"ZSR_TUI_GENERATION_{name}" for name in ("ADDRESS", "MODEL", "KEY_VARIABLE"))
ASKS = {
    "paraphrase": "Write the search query below in other words. Keep its meaning, its language and its names. Answer "
    "with the new query alone.",
    "hypothetical answer": "Write a passage of three to five sentences that answers the search query below, as a "
    "document of the collection that is searched might have it. Answer with the passage alone, in the query's "
    "language.",
}


def configured() -> str:
    """What the user is told of the server that would be asked: its host and model; "" where none is configured."""
    address = os.environ.get(ADDRESS, "").strip()
    if not address:
        return ""
    try:
        return " ".join(filter(None, (Chat.address_of(address).host, os.environ.get(MODEL, "").strip())))
    except Problem:
        return address  # it is asked, and what is wrong is said then


def write_variant(asked: WriteVariant) -> Variant:
    """Raises `Problem`."""
    address = os.environ.get(ADDRESS, "").strip()
    if not address:
        raise Problem(
            "no server writes variants: set address in [generation] of config.toml (zsr-tui config shows how).",
            usage=True,
        )
    if asked.kind not in ASKS:
        raise Problem(f"a variant is one of {', '.join(ASKS)}, not {asked.kind!r}.", usage=True)
    chat = Chat(address, os.environ.get(MODEL, "").strip(), os.environ.get(KEY, "").strip())
    try:
        text = chat.answer(ASKS[asked.kind], asked.query)
    finally:
        chat.close()
    if not text:
        raise Problem(f"{chat.host} answered with nothing: ask again, or another model.")
    return Variant(kind=asked.kind, text=text[:LONGEST_QUERY])

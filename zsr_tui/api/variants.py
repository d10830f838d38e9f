"""Variants of a query: what is asked, and what one is."""

from __future__ import annotations

import msgspec


class Variant(msgspec.Struct, frozen=True, kw_only=True):
    """A variant of a query. `kind` in words ("shortened"); `term` is the one that it is "without"."""

    kind: str
    text: str
    term: str = ""


class VariantsRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Variants of a query, and what each makes of every system's list. They are searched in the background: whoever
    waits for a list goes first. The query, its judgments and what is dropped are those of a `SearchRequest`, and so is
    `unfinished`; `more` are further variants."""

    id: str
    dataset: str
    systems: tuple[str, ...]
    query: str = ""
    qid: str | None = None
    depth: int = 100
    drop_self: bool = True
    pane: str = ""
    judged_as: str | None = None
    more: tuple[Variant, ...] = ()
    unfinished: bool = False

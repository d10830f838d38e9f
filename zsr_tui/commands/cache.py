"""zsr-tui cache: what the cache of scores and query vectors holds, and how to empty it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from zsr_tui import numerals
from zsr_tui.commands.table import print_json, table
from zsr_tui.edge import say
from zsr_tui.scoring.cache import CacheFacts, ScoreCache

OFF = "the cache is off (ZSR_TUI_CACHE_MB=0): nothing is read from it or written to it."


def run(*, clear: bool, as_json: bool) -> int:
    """Prints what the cache holds, after it was cleared if asked for. Raises `Problem` for a file that cannot be used;
    what was put aside as damaged is said in one sentence."""
    cache = ScoreCache()
    with _warnings_said():
        before = facts = cache.facts()
        if clear:
            cache.clear()
            facts = cache.facts()
    cache.close()
    if as_json:
        print_json(
            {
                "path": str(facts.path),
                "bytes": facts.bytes,
                "limit_bytes": facts.limit,
                "on": bool(facts.limit),
                "scores": facts.scores,
                "vectors": facts.vectors,
            }
        )
    else:
        print(_as_text(facts))
    if clear:
        say(
            f"cleared {numerals.counted(before.scores, 'score')} and "
            f"{numerals.counted(before.vectors, 'query vector')}, "
            f"{numerals.size(max(0, before.bytes - facts.bytes))} on disk"
        )
    if not facts.limit:
        say(OFF)
    return 0


def _as_text(facts: CacheFacts) -> str:
    limit = f"at most {numerals.size(facts.limit)}" if facts.limit else "off"
    rows = [
        ["file", str(facts.path)],
        ["size", f"{numerals.size(facts.bytes)}, {limit}"],
        ["scores", numerals.count(facts.scores)],
        ["query vectors", numerals.count(facts.vectors)],
    ]
    return table(["cache", ""], rows)


@contextmanager
def _warnings_said() -> Iterator[None]:
    """What the cache says in the engine's log, as of a damaged file, is for the user here."""
    log, handler = logging.getLogger("zsr_tui.scoring.cache"), logging.StreamHandler()
    handler.setFormatter(logging.Formatter("zsr-tui: %(message)s"))
    log.addHandler(handler)
    try:
        yield
    finally:
        log.removeHandler(handler)

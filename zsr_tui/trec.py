"""TREC run files as they are written (`qid Q0 docid rank score tag`). Standard library only.

What is written is read back by trec_eval, which reads 32-bit numbers, in the order of the list: scores that tie for it
are written apart by the smallest steps that it sees, to the end that Anserini adjusts those of BM25.
"""

from __future__ import annotations

import hashlib
import math
import re
from array import array
from collections.abc import Sequence

from zsr_tui import machine
from zsr_tui.domain import Problem


def run_name(system: str) -> str:
    """A file name for a system's run: readable, with a short hash of the notation against collisions."""
    digest = hashlib.sha256(system.encode()).hexdigest()[:8]
    return machine.file_name(f"{re.sub(r'[^A-Za-z0-9.]+', '-', system).strip('-')[:80]}.{digest}")


def run_lines(qid: str, doc_ids: Sequence[str], scores: Sequence[float], tag: str) -> str:
    """The lines of a query, whose scores fall from line to line. Raises `Problem` for an id that a run file cannot
    hold."""
    for name in (qid, *doc_ids):
        if not name or any(map(str.isspace, name)):
            raise Problem(f"the id {name!r} has white space in it, which a TREC run file cannot hold.")
    pairs = zip(doc_ids, falling(scores), strict=True)
    return "".join(f"{qid} Q0 {doc_id} {rank} {score} {tag}\n" for rank, (doc_id, score) in enumerate(pairs, 1))


def falling(scores: Sequence[float]) -> list[str]:
    """Scores as they are written. One that a reader of 32-bit numbers would not see below the one before is the next
    number below that; nothing is below minus infinity."""
    seen, written = array("f", scores), list(map(repr, scores))
    for place in range(1, len(seen)):
        if seen[place] >= seen[place - 1] > -math.inf:
            seen[place] = _below(seen[place - 1])
            written[place] = _shortest(seen[place])
    return written


def _below(number: float) -> float:
    """The next 32-bit number below one of them that is finite or infinite: its bits, as an integer, are one more or
    less."""
    if number == 0:
        return -math.ldexp(1.0, -149)
    bits = array("i", array("f", [number]).tobytes())
    bits[0] += 1 if number < 0 else -1
    return array("f", bits.tobytes())[0]


def _shortest(number: float) -> str:
    """The fewest digits that are this 32-bit number again."""
    texts = (f"{number:.{digits}g}" for digits in range(6, 9))
    return next((text for text in texts if array("f", [float(text)])[0] == number), f"{number:.9g}")

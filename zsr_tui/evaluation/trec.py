"""TREC run files: `qid Q0 docid rank score tag`."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

from zsr_tui.domain import Problem


def run_name(system: str) -> str:
    """A file name for a system's run: readable, with a short hash of the notation against collisions."""
    digest = hashlib.sha256(system.encode()).hexdigest()[:8]
    readable = re.sub(r"[^A-Za-z0-9.]+", "-", system).strip("-")[:80]
    return f"{readable}.{digest}"


def run_lines(qid: str, ranking: Iterable[tuple[str, float]], tag: str) -> str:
    """`ranking` holds (document id, score) in order. Raises `Problem` for an id that a run file cannot hold."""
    lines = []
    for rank, (doc_id, score) in enumerate(ranking, 1):
        for name in (qid, doc_id):
            if not name or any(character.isspace() for character in name):
                raise Problem(f"the id {name!r} has white space in it, which a TREC run file cannot hold.")
        lines.append(f"{qid} Q0 {doc_id} {rank} {score!r} {tag}\n")
    return "".join(lines)

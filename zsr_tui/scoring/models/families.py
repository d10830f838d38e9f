"""The model families by name, and what each is good for. `zsr_tui.scoring.families` says how they run."""

from __future__ import annotations

from collections.abc import Mapping

from zsr_tui.pipeline import Kind

RERANKERS = (  # one score a pair
    "cross-encoder", "monot5", "rankt5", "causal-lm", "late-interaction", "sparse", "hybrid",
    "endpoint",
)  # fmt: skip
PAIRWISE_RERANKERS = ("duot5",)  # one score for two documents
LISTWISE_RERANKERS = ("listwise",)  # an order of many documents, and no score
COMPARING = (*PAIRWISE_RERANKERS, *LISTWISE_RERANKERS)  # what a document gets depends on the others
# kind of encoded index -> the family whose vectors it holds: one vector a text, or a weight for each term
ENCODERS: Mapping[Kind, str] = {"dense": "bi-encoder", "sparse": "sparse"}
NAMES = (
    "bi-encoder", "cross-encoder", "monot5", "duot5", "rankt5", "causal-lm", "late-interaction", "sparse", "hybrid",
    "endpoint", "listwise",
)  # fmt: skip


# family -> what a probability can be made of, where its scores are that
SCALES = {"cross-encoder": "log-odds", "causal-lm": "log-odds", "monot5": "log-probability"}


def why_not(family: str) -> str:
    """One sentence on a family that cannot be run; empty for one that can, and for one not known yet ("")."""
    if not family or family in NAMES:
        return ""
    return f"This version cannot run models of the family {family!r}."

"""The encoder of queries, where it is another than that of documents: how it is run, which the two say together."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from zsr_tui.scoring.models import checkpoint, declared, unsaid
from zsr_tui.scoring.models.asked import Asked
from zsr_tui.scoring.models.unsaid import Settled

_RUN_HERE = ("Pooling", "Normalize")  # modules that an encoder without any gets from the documents' all the same


def settle(asked: Asked, place: Path, documents: Settled) -> Settled:
    """Its own files go before those of the documents' encoder in `place`, but for the similarity, which is one of both:
    vectors are compared as the `documents` are. `guessed` and `why_not` are of both."""
    said, modes = documents.recipe, declared.pooling(place)
    both = replace(
        asked.recipe,
        pooling=said.pooling or (modes[0] if len(modes) == 1 else None),
        similarity=said.similarity or declared.similarity(place),
        query_prompt=declared.prompts(place)["query"] if said.query_prompt is None else said.query_prompt,
    )
    settled = unsaid.settle(replace(asked, recipe=both))
    guessed = list(settled.guessed)
    if settled.recipe.pooling and asked.recipe.pooling is None:  # only the documents' files say it
        guessed.insert(0, f"{settled.recipe.pooling} pooling")
    own = dict.fromkeys(f"{each} of queries" for each in guessed if each not in documents.guessed)
    return Settled(
        replace(settled.recipe, similarity=both.similarity),
        (*documents.guessed, *own),
        documents.why_not or settled.why_not or _lacks(asked, place),
    )


def _lacks(asked: Asked, place: Path) -> str:
    modules = [name.rpartition(".")[2] for name in checkpoint.module_types(place)]
    lost = [] if asked.modules else [name for name in modules[1:] if name not in _RUN_HERE]
    if not lost:
        return ""
    return (
        f"Its documents go through a module {lost[0]} behind the pooling, and its queries through none: name a folder "
        "with modules of its own (modules.json) as query_weights."
    )

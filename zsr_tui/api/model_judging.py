"""Having a model judge documents: what is asked, and the events of the answer: see `zsr_tui.api.events`.

POST /judge
"""

from __future__ import annotations

import msgspec

from zsr_tui.api.agreement import Between
from zsr_tui.api.event import Event


class ToJudge(msgspec.Struct, frozen=True, kw_only=True):
    """A document of a query; `system` and `rank` say where it was seen."""

    doc_id: str
    query_id: str = ""
    query_text: str = ""
    system: str = ""
    rank: int | None = None


class ModelJudgeRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A model's grades for `documents` that no human has judged, and for `check` documents that humans have, drawn by
    `seed` from all of the dataset. Each is kept as it comes, as the model's. What this model has judged before is left
    out, unless `again`. `address` and `model` are those of the settings where they are "". Nothing is sent without
    `spend`: the stream says what it would cost, and ends."""

    id: str
    dataset: str
    documents: tuple[ToJudge, ...] = ()
    check: int = 0
    seed: int = 0
    address: str = ""
    model: str = ""
    again: bool = False
    spend: bool = False


class ModelPlanned(Event, frozen=True, kw_only=True, tag="model_planned"):
    """What is to be sent to the `host`: so many requests, with so many characters together. `known`: documents that
    this model has judged before; `check`: those of the requests that humans have judged. `counts_as`: what the model's
    grades (0 to 3) are on the dataset's scale, the lowest first."""

    model: str
    host: str
    requests: int
    characters: int
    known: int = 0
    check: int = 0
    counts_as: tuple[int, ...] = ()


class ModelJudged(Event, frozen=True, kw_only=True, tag="model_judged"):
    """A document's grade on the dataset's scale, on the disk, and what the model has `given` on its own; None where
    there is none, and why: the model `failure`. `human`: what a human gave it."""

    query_id: str
    query_text: str
    doc_id: str
    grade: int | None
    given: int | None = None
    failure: str = ""
    human: int | None = None


class ModelJudgingFinished(Event, frozen=True, kw_only=True, tag="model_judging_finished"):
    """Of this run: how many were graded and how many failed, tokens as the server counts them (None where it does not
    say), documents of which the model was given the beginning. `stopped`: why nothing more was sent. Of all that this
    model has judged of the dataset: how far it agrees with humans (None: they share no document), and kappa of relevant
    or not if the model's own grade counts as relevant from so many on."""

    graded: int
    failed: int
    read: int | None
    wrote: int | None
    cut: int
    seconds: float
    stopped: str = ""
    humans: Between | None = None
    relevant_from: tuple[tuple[int, float | None], ...] = ()

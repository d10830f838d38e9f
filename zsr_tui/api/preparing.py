"""What is made before systems can search a dataset: parts, each made once by the engine, whoever asks for it.

What was asked for here is made in the background: it goes on when the screen is left, and the next engine goes on with
it. `PrepareRequest` waits for the same parts.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from zsr_tui.api.questions import Question
from zsr_tui.api.requests import ProblemView
from zsr_tui.progress import Progress

# the first three to be downloaded; to be indexed, encoded, and what is encoded to be indexed for an approximate search
PartKind = Literal["corpus", "model", "prebuilt", "bm25", "encoded", "approximate"]
PartState = Literal["lacking", "waiting", "running", "paused", "stopped", "failed"]


class PartView(msgspec.Struct, frozen=True, kw_only=True):
    """A part that is not there. `name` is that of the model or prebuilt index, "" for a corpus and its BM25 index;
    `about` says it in words. `asks`, of a part that is "lacking": what the user has to agree to before it is begun, ""
    where nothing."""

    id: str
    kind: PartKind
    dataset: str
    about: str
    name: str = ""
    state: PartState = "lacking"
    progress: Progress | None = None
    problem: ProblemView | None = None
    asks: str = ""


class Needs(msgspec.Struct, frozen=True, kw_only=True):
    """`parts` that are not there, and which of them each of the systems needs, by their ids."""

    parts: tuple[PartView, ...]
    systems: tuple[tuple[str, ...], ...]


class Preparing(msgspec.Struct, frozen=True, kw_only=True):
    """`notes`: what the user should know of parts that were made in the background, told to whoever asks first."""

    parts: tuple[PartView, ...]
    notes: tuple[str, ...] = ()


class BeginPreparing(Question[Needs], frozen=True, kw_only=True):
    """Begin what the systems need, unless it was paused, stopped or has failed before, and except for what the user has
    to agree to and is not among the `agreed` (ids). `refused`: a search found something lacking, whatever the
    catalogue says."""

    dataset: str
    systems: tuple[str, ...]
    agreed: tuple[str, ...] = ()
    refused: bool = False


class ReadPreparing(Question[Preparing], frozen=True, kw_only=True):
    """All that is being made, and what was paused, stopped or has failed. `go_on`: an engine that is asked for the
    first time goes on with what the one before has left, and the notes are told."""

    go_on: bool = False


class PausePreparing(Question[None], frozen=True, kw_only=True):
    """Or go on with what is paused, was stopped, or has failed."""

    id: str
    paused: bool


class StopPreparing(Question[None], frozen=True, kw_only=True):
    """What is done is kept, and nobody goes on with it unasked. One that is stopped or has failed is forgotten."""

    id: str

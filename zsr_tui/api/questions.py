"""What is asked of the engine and answered at once. Each class is a question and names the type of its answer.

`POST /call/<name of the class>` takes the question as JSON and gives the answer as JSON. Where it cannot be answered
the status is 400 (wrong usage), 409 (it cannot be done now), 413 (too large) or 503 (too much is under way), and a
`ProblemView` says why. `GET /health` and `GET /status` ask how the engine is without a body. What is asked of stored
evaluations is in `zsr_tui.api.evaluations` and `zsr_tui.api.queries`, which the screens import when they first need
them.
"""

from __future__ import annotations

from typing import Annotated, Any, Generic, TypeVar

import msgspec

from zsr_tui.api.requests import CorpusView, DocumentView, Health, QueryPage, Status, SystemHead
from zsr_tui.api.variants import Variant
from zsr_tui.domain import CorpusInfo, EngineInfo, ModelInfo, PrebuiltInfo, Preset

Answer = TypeVar("Answer", covariant=True)
Count = Annotated[int, msgspec.Meta(ge=0)]


class Question(msgspec.Struct, Generic[Answer], frozen=True, kw_only=True):
    """`class ReadHealth(Question[Health])`: asking it gives a `Health`."""


def answer_type(question: type[Question[Any]]) -> Any:
    """What the answer is decoded as."""
    return question.__orig_bases__[0].__args__[0]  # type: ignore[attr-defined]


class ReadHealth(Question[Health], frozen=True, kw_only=True):
    pass


class ReadStatus(Question[Status], frozen=True, kw_only=True):
    pass


class ListCorpora(Question[list[CorpusInfo]], frozen=True, kw_only=True):
    pass


class ListPrebuilt(Question[dict[str, list[PrebuiltInfo]]], frozen=True, kw_only=True):
    """The indexes that others publish: of a dataset, under its one id, or of all in the catalogue that have any."""

    dataset: str = ""


class ListEngines(Question[list[EngineInfo]], frozen=True, kw_only=True):
    """The engines of others that are named and that whoever asks may reach."""


class ListModels(Question[list[ModelInfo]], frozen=True, kw_only=True):
    pass


class ListPresets(Question[list[Preset]], frozen=True, kw_only=True):
    dataset: str


class FindDataset(Question[str], frozen=True, kw_only=True):
    """The one id of what the user named."""

    name: str


class ReadCorpus(Question[CorpusView], frozen=True, kw_only=True):
    """What is known of a corpus that the user named, and its first documents where they are on this machine."""

    name: str
    first: Count = 0


class ReadSystem(Question[SystemHead], frozen=True, kw_only=True):
    notation: str


class FindQueries(Question[QueryPage], frozen=True, kw_only=True):
    """The dataset's queries in its order; those that match, the best first, where something is typed."""

    dataset: str
    match: str = ""
    offset: Count = 0
    limit: Count = 50


class WriteVariant(Question[Variant], frozen=True, kw_only=True):
    """One that a model writes: `kind` is "paraphrase" or "hypothetical answer"."""

    query: str
    kind: str


class ReadDocument(Question[DocumentView], frozen=True, kw_only=True):
    """`models`: how much of the document each of them reads is told too. The terms of the query are marked as
    `systems` have them, where the BM25 of one names a language."""

    dataset: str
    doc_id: str
    query: str
    models: tuple[str, ...] = ()
    systems: tuple[str, ...] = ()

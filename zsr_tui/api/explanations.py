"""What is asked when a score is to be explained. The answer is a stream, whose own events are here: see
`zsr_tui.api.events`.

POST /explain
"""

from __future__ import annotations

import msgspec

from zsr_tui.api.event import Event
from zsr_tui.explanation import Agreement, Contrast, Explanation

AXIOM_DEPTH = 20  # documents of a list whose pairs are looked at


class ExplainRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Why `system` gave `doc_id` its score for the query: by `qid`, or the text.

    `stage` in the notation is explained in place of the system's last one; it is one of its stages. `against` is a
    second document that is explained the same way, or `against_system` a second system, and both are compared.
    `sentence` [start, end) of the explained text: its words are left out, in place of the sentences. `rival`: of a
    reranker that compares documents, the one against which sentences are left out. `gradient`: gradient x input in
    place of occlusion. `lineage` and `input` False leave these out. A server is sent requests only
    where `spend` is True: without it the explanation says how many they would be. `unfinished` and `pane` as in a
    search.
    """

    id: str
    dataset: str
    system: str
    doc_id: str
    query: str = ""
    qid: str | None = None
    stage: str = ""
    against: str = ""
    against_system: str = ""
    sentence: tuple[int, int] | None = None
    rival: str = ""
    gradient: bool = False
    lineage: bool = True
    input: bool = True
    spend: bool = False
    drop_self: bool = True
    pane: str = ""
    unfinished: bool = False


class AxiomsRequest(msgspec.Struct, frozen=True, kw_only=True):
    """How often lists agree with the axioms of retrieval, over the pairs of their first `depth` documents: `lists` of
    document ids for a query, or all lists of a stored `evaluation`. `qid`: the dataset query whose judgments say which
    of two documents is the better one; without it, the one with this text. `systems` are those that made the `lists`:
    terms are of the language that one of them names.

    POST /axioms
    """

    id: str
    dataset: str
    query: str = ""
    qid: str | None = None
    lists: tuple[tuple[str, ...], ...] = ()
    systems: tuple[str, ...] = ()
    evaluation: str = ""
    depth: int = AXIOM_DEPTH


class Explained(Event, frozen=True, kw_only=True, tag="explained"):
    """An explanation as it stands: replaces the one before. `which` of two it is (0, 1). `stage` in words while
    something is under way, "" when it is complete. `asks`: requests to a server that were not sent, since it was not
    asked to (`ExplainRequest.spend`); `host` is where they would go."""

    explanation: Explanation
    which: int = 0
    stage: str = ""
    asks: int = 0
    host: str = ""


class Contrasted(Event, frozen=True, kw_only=True, tag="contrasted"):
    contrast: Contrast


class ExplainFinished(Event, frozen=True, kw_only=True, tag="explain_finished"):
    elapsed_ms: float


class AxiomsFound(Event, frozen=True, kw_only=True, tag="axioms_found"):
    """`axioms` are (name, what it says, which number of a document it goes by); `agreements` those of each with each
    system. In an evaluation `systems` are (name, notation; "" for a run file), and it is told over how many `queries`.
    `notes`: what could not be looked at."""

    axioms: tuple[tuple[str, str, str], ...]
    agreements: tuple[Agreement, ...]
    systems: tuple[tuple[str, str], ...] = ()
    queries: int = 1
    notes: tuple[str, ...] = ()

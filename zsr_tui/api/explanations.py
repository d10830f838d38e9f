"""What is asked when a score is to be explained. The answer is a stream: see `zsr_tui.api.events`.

POST /explain
"""

from __future__ import annotations

import msgspec

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
    of two documents is the better one; without it, the one with this text.

    POST /axioms
    """

    id: str
    dataset: str
    query: str = ""
    qid: str | None = None
    lists: tuple[tuple[str, ...], ...] = ()
    evaluation: str = ""
    depth: int = AXIOM_DEPTH

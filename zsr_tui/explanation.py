"""An explanation as data: why a system gave a document its score. Imports nothing of the program.

Spans are [start, end) in characters of `Explanation.text`. A number that is not finite is None.
"""

from __future__ import annotations

import msgspec

Span = tuple[int, int]
OVERLAP = "they need not add up (parts overlap; the network is not a sum)"  # shares that are not additive
WORDS = "Words of the query"  # a table of what a score loses when one is left out
Value = int | float | str | None


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A term, sentence, word, token, list or document. `share` is what it gives to the score, in the score's unit:
    where the explanation is additive an addend of it, else how much the score drops without it (below 0: it rises).
    `values` are by the table's columns; `note` is what else there is to say."""

    text: str
    share: float | None = None
    values: tuple[Value, ...] = ()
    spans: tuple[Span, ...] = ()
    note: str = ""


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """More to be known beside the parts; `note` is a sentence on how to read it."""

    title: str
    columns: tuple[str, ...]
    parts: tuple[Part, ...]
    note: str = ""


class Station(msgspec.Struct, frozen=True, kw_only=True):
    """A stage on a document's way. `rank` counts from 1 among the `of` documents that the stage ranked, None where it
    is not known; `gain` is how many places it won against the stage before. `would`: the document was not among them,
    rank and score are what it would have got; `at_least`: it would have stood at this rank or lower. `dropped`: what
    stopped it here, "" where it went on."""

    stage: str  # in the notation
    kind: str  # "retrieve" | "fuse" | "rerank"
    rank: int | None = None
    of: int | None = None
    score: float | None = None
    gain: int | None = None
    would: bool = False
    at_least: bool = False
    dropped: str = ""

    @property
    def place(self) -> str:
        """Its rank in words."""
        if self.rank is None:
            return "no rank"
        if self.would:
            return f"would be rank {self.rank:,}{' or lower' if self.at_least else ''}"
        return f"rank {self.rank:,}{f' of {self.of:,}' if self.of else ''}"


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """`of` is "query", "document" or "template" (prompt and special tokens)."""

    text: str
    of: str
    unknown: bool = False
    special: bool = False


class Input(msgspec.Struct, frozen=True, kw_only=True):
    """What a model read, after template and truncation. `counts` of its tokens by `Token.of`; `cut_at`: the number of
    characters of the document that it read, None where it read all; `beyond`: words of the query that stand only
    behind that place; `note`: a sentence where the tokens are not known. Where the model reads query and document
    one by one, `inputs` are the tokens of each and how many it may have, and `limit` is the document's."""

    tokens: tuple[Token, ...] = ()
    inputs: dict[str, tuple[int, int | None]] | None = None
    counts: dict[str, int] | None = None
    limit: int | None = None
    cut_at: int | None = None
    beyond: tuple[str, ...] = ()
    note: str = ""


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """`scored` inputs that the model ran, `known` from before, `requests` to a server, `seconds` that it took."""

    scored: int = 0
    known: int = 0
    requests: int = 0
    seconds: float = 0.0


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """`stage` of the `system` is explained, as a rule its last. `family` is "bm25", "dense", "sparse", "late",
    "occlusion", "gradient", "pairwise", "listwise" or "fusion"; `method` says in a sentence what a share is. `score` in
    `unit`, of models in this `precision` ("fp32", "fp32 + int8"; "" for BM25); `sum` of the shares, which is the score
    where it is `additive`. `without` says where the document would stand without its heaviest part. `gradient`: whether
    the model gives gradients. `done` of `total` inputs have been computed."""

    family: str
    method: str
    unit: str
    precision: str = ""
    score: float | None = None
    additive: bool = False
    columns: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    sum: float | None = None
    tables: tuple[Table, ...] = ()
    text: str = ""
    title: str = ""
    notes: tuple[str, ...] = ()
    without: str = ""
    gradient: bool = False
    cost: Cost = Cost()
    done: int = 0
    total: int = 0
    # of what it is
    system: str = ""
    stage: str = ""
    query: str = ""
    doc_id: str = ""
    lineage: tuple[Station, ...] = ()
    input: Input | None = None

    @property
    def scale(self) -> str:
        """What a score is, in words: `unit` and `precision`."""
        return ", ".join(filter(None, (self.unit, self.precision)))


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """A part in both explanations; `share` is the first's minus the second's. `counts`: how often each document has the
    term, or how many terms each has."""

    text: str
    first: float | None
    second: float | None
    share: float | None
    counts: tuple[int, int] | None = None


class Contrast(msgspec.Struct, frozen=True, kw_only=True):
    """Two explanations side by side, by their names. `difference` of the scores, None where they are not in one
    unit; `sentence` sums it up from the numbers, and `rests` says of each on which of its sentences it rests most,
    where it is not a sum."""

    first: str
    second: str
    sentence: str
    difference: float | None = None
    parts: tuple[Difference, ...] = ()
    rests: tuple[str, ...] = ()


class Violation(msgspec.Struct, frozen=True, kw_only=True):
    """Two documents of a list that stand the other way round than an axiom has them. `ranks` count from 1; `facts` are
    what the axiom goes by, `titles` and `grades` (None: unjudged) of the upper one and of the lower one; `qid` and
    `dataset` in an evaluation."""

    upper: str
    lower: str
    ranks: tuple[int, int]
    facts: tuple[str, str]
    titles: tuple[str, str] = ("", "")
    grades: tuple[int | None, int | None] = (None, None)
    qid: str = ""
    dataset: str = ""


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """How many pairs of a system's list agree with an axiom, and how many go `against` it; it says nothing of the
    others. Of those against it judgments have `list_right` as the list has them, `axiom_right` as the axiom does;
    they do not tell the others apart. `violations` are the first of those against it."""

    axiom: str
    system: int
    agree: int
    against: int
    list_right: int = 0
    axiom_right: int = 0
    violations: tuple[Violation, ...] = ()

    @property
    def share(self) -> float | None:
        """Of the pairs that the axiom says something of; None where there are none."""
        said = self.agree + self.against
        return self.agree / said if said else None

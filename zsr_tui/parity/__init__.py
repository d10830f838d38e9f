"""Two scorers held against each other, as data: how far their scores agree, and what those that differ have in common.
Imports nothing of the program. A number that is not finite is None."""

from __future__ import annotations

import msgspec


class Scorer(msgspec.Struct, frozen=True, kw_only=True):
    """`name` as it was written, `model` as it was found. `served`: a server runs it, so that what it reads is not known
    here. `prompts` are those that its recipe says, by what they are for."""

    name: str
    model: str
    family: str
    precision: str = ""
    max_length: int | None = None
    served: bool = False
    prompts: dict[str, str] = {}


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """What a scorer read of a pair: its tokens by "query", "document" and "template", None where they are not known;
    whether that was cut, and after how many characters of the document, where that was looked for."""

    tokens: dict[str, int] | None = None
    cut: bool = False
    cut_at: int | None = None


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """A query and a document with both scores, None for one that is no finite number. `off`: B's score less the one
    that A's would be on B's scale, None where one is lacking; `place` of the document in the request, from 0."""

    qid: str
    doc_id: str
    a: float | None
    b: float | None
    off: float | None
    differs: bool
    place: int
    characters: int
    read: tuple[Read, Read]
    grade: int | None = None


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What differing pairs have in common, or how one scorer's scores come from the other's. `kind` in a word."""

    kind: str
    sentence: str


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """Of the pairs that a fact is true of and of the others: how many, how many of them differ, and the median of the
    differences. `explained`: the share of the variance of the differences (their ranks) that lies between the two."""

    name: str
    pairs: tuple[int, int]
    differ: tuple[int, int]
    medians: tuple[float | None, float | None]
    explained: float | None = None


class Parity(msgspec.Struct, frozen=True, kw_only=True):
    """Of the two `scorers`, A and B, on the same pairs. `equal`: no two scores are further apart than `tolerance`,
    which comes `of` what it says. `largest`, `median`: of B's score less A's, without their signs. `tau`: Kendall's
    over all pairs, the mean over the queries, and the least of a query. `ndcg` at 10 of both over the judged queries.
    `lacking`: pairs for which A, B and both have no finite score. `overlap`: of encoders, how many of a query's nearest
    ten both have, on average. `findings` hold what the numbers support, and nothing else."""

    dataset: str
    scorers: tuple[Scorer, Scorer]
    queries: int
    judged: int
    seed: int
    equal: bool
    tolerance: float
    of: str
    differing: int
    largest: float | None
    median: float | None
    tau: tuple[float | None, float | None, float | None]
    ndcg: tuple[float | None, float | None]
    lacking: tuple[int, int, int]
    findings: tuple[Finding, ...] = ()
    facts: tuple[Fact, ...] = ()
    pairs: tuple[Pair, ...] = ()
    overlap: float | None = None
    notes: tuple[str, ...] = ()

    @property
    def worst(self) -> list[Pair]:
        """Those that lack a score of one first, then by how far off they are."""
        differing = [pair for pair in self.pairs if pair.differs]
        return sorted(differing, key=lambda pair: -abs(pair.off) if pair.off is not None else float("-inf"))

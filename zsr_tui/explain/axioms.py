"""Retrieval axioms: which of two documents ought to stand higher, by one property of their texts alone, and how often a
list agrees.

Six, each as webis-de/ir_axioms 1.2.5 has it (Bondarenko et al., CIKM 2022), with its margins of a tenth; a frequency is
that of a term among the document's terms:

TFC1   more of the query's terms, where both are about as long            Fang, Tao, Zhai, SIGIR 2004
TFC3   two equally rare terms of the query rather than one of them        Fang, Tao, Zhai, TOIS 2011
       as often as both together, where both are about as long
LNC1   the shorter one, where each term is about as frequent in both      Fang, Tao, Zhai, SIGIR 2004
M-AND  more different terms of the query                                  Hagen et al., CIKM 2016
PROX1  fewer words between the first occurrences of the query's terms,    Hagen et al., CIKM 2016
       where both have the same two or more of them
STMC1  words that are nearer to the query's in meaning, on average        Fang, Zhai, SIGIR 2006
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING

from zsr_tui.explanation import Agreement, Violation

if TYPE_CHECKING:
    import numpy as np

MARGIN = 0.1  # of the larger of two numbers: below it they are about the same
_EXACT = 1e-9  # math.isclose
MOST = 50  # pairs of an axiom and a system that are named


@dataclass(frozen=True, eq=False)
class Texts:
    """A query and documents, each as its terms in order; `spelled` is how the query writes a term. `rarity` is
    log(N / n) of the query's terms, 0 for one in no document, None where it is not known; `meaning` float of shape
    (1 + documents, dimension): the mean of the vectors of the query's different words, then of each document's; None
    where there is none."""

    query: Sequence[str]
    documents: Sequence[Sequence[str]]
    spelled: Mapping[str, str] = field(default_factory=dict)
    rarity: Mapping[str, float] | None = None
    meaning: np.ndarray | None = None

    @cached_property
    def terms(self) -> list[str]:
        """The query's, each once."""
        return list(dict.fromkeys(self.query))

    @cached_property
    def counts(self) -> np.ndarray:
        """int of shape (documents, terms)."""
        import numpy as np

        found = [Counter(document) for document in self.documents]
        rows = [[each[term] for term in self.terms] for each in found]
        return np.array(rows, dtype=np.int64).reshape(len(self.documents), len(self.terms))

    @cached_property
    def lengths(self) -> np.ndarray:
        """int of shape (documents,)."""
        import numpy as np

        return np.array([len(document) for document in self.documents], dtype=np.int64)

    @cached_property
    def frequencies(self) -> np.ndarray:
        """float64 of shape (documents, terms)."""
        import numpy as np

        return self.counts / np.maximum(self.lengths, 1)[:, None]

    @cached_property
    def as_long(self) -> np.ndarray:
        """bool of shape (documents, documents)."""
        return _about(self.lengths[:, None], self.lengths[None, :])

    @cached_property
    def asked(self) -> np.ndarray:
        """float64 of shape (documents,): the frequency of the query's terms, one that it has twice counted twice."""
        import numpy as np

        times = Counter(self.query)
        return self.frequencies @ np.array([times[term] for term in self.terms], dtype=np.float64)

    @cached_property
    def between(self) -> np.ndarray:
        """float64 of shape (documents,): the mean number of words between the first occurrences of two of the query's
        terms; 0 where a document has fewer than two."""
        import numpy as np

        found = []
        for document in self.documents:
            first: dict[str, int] = {}
            for place, term in enumerate(document):
                first.setdefault(term, place)
            places = [first[term] for term in self.terms if term in first]
            gaps = [abs(one - other) - 1 for one, other in combinations(places, 2)]
            found.append(sum(gaps) / len(gaps) if gaps else 0.0)
        return np.array(found, dtype=np.float64)

    @cached_property
    def near(self) -> np.ndarray | None:
        """float64 of shape (documents,): the mean similarity of a document's words to the query's, without the last
        digits, which depend on the order in which the words are added up."""
        return None if self.meaning is None else (self.meaning[1:] @ self.meaning[0]).round(12)


def meaning(texts: Iterable[Collection[str]], vectors: np.ndarray, place: Mapping[str, int]) -> np.ndarray:
    """float64 of shape (texts, dimension): the mean of the vectors of each text's different words, which stand at their
    `place` in `vectors` and have a length of 1; 0 for a text without any. The inner product of two is the mean
    similarity of a word of one to a word of the other."""
    import numpy as np

    nothing = np.zeros(vectors.shape[1])
    rows = ([place[word] for word in words] for words in texts)
    return np.stack([vectors[each].mean(axis=0, dtype=np.float64) if each else nothing for each in rows])


def _about(one: np.ndarray, other: np.ndarray, margin: float = MARGIN) -> np.ndarray:
    """As math.isclose, element by element."""
    import numpy as np

    return np.abs(one - other) <= margin * np.maximum(np.abs(one), np.abs(other))


def _more(values: np.ndarray) -> np.ndarray:
    """Of shape (documents, documents): 1 where the row's value is larger than the column's, -1 where it is smaller."""
    import numpy as np

    return np.sign(values[:, None] - values[None, :]).astype(np.int8)


def _tfc1(texts: Texts) -> np.ndarray:
    asked = texts.asked
    return _more(asked) * (texts.as_long & ~_about(asked[:, None], asked[None, :]))


def _tfc3(texts: Texts) -> np.ndarray | None:
    import numpy as np

    if texts.rarity is None:
        return None
    found, rarity = texts.frequencies, texts.rarity
    points = np.zeros((len(found), len(found)), dtype=np.int64)
    for one, other in combinations(range(len(texts.terms)), 2):
        if not math.isclose(rarity[texts.terms[one]], rarity[texts.terms[other]], rel_tol=MARGIN):
            continue
        both = (found[:, one] != 0) & (found[:, other] != 0)
        together = found[:, one] + found[:, other]
        for has, lacks in ((one, other), (other, one)):
            alone = _about(found[None, :, has], together[:, None], _EXACT) & (found[None, :, lacks] == 0)
            points += both[:, None] & alone
    return np.sign(points - points.T).astype(np.int8) * texts.as_long


def _lnc1(texts: Texts) -> np.ndarray:
    found = texts.frequencies
    same = _about(found[:, None, :], found[None, :, :]).all(axis=2)
    return -_more(texts.lengths) * same


def _m_and(texts: Texts) -> np.ndarray:
    return _more((texts.counts > 0).sum(axis=1))


def _prox1(texts: Texts) -> np.ndarray:
    has = texts.counts > 0
    same = (has[:, None, :] == has[None, :, :]).all(axis=2) & (has.sum(axis=1) > 1)[:, None]
    return -_more(texts.between) * same


def _stmc1(texts: Texts) -> np.ndarray | None:
    return None if texts.near is None else _more(texts.near)


def _which(texts: Texts, document: int) -> str:
    """How often it has each term that it has."""
    counted = zip(texts.terms, texts.counts[document].tolist(), strict=True)
    return ", ".join(f"{texts.spelled.get(term, term)} {count}×" for term, count in counted if count)


@dataclass(frozen=True, slots=True)
class Axiom:
    """`prefers` gives int8 of shape (documents, documents): 1 where the row's document ought to stand above the
    column's, -1 below, 0 where it says nothing; None where what it needs is not known, which `needs` names. `fact` is
    a document's number that it goes by, `goes_by` what that is."""

    name: str
    about: str
    goes_by: str
    prefers: Callable[[Texts], np.ndarray | None]
    fact: Callable[[Texts, int], str]
    needs: str = ""


AXIOMS = (
    Axiom(
        "TFC1",
        "Of two documents of about the same length, the one with more of the query's terms stands higher.",
        "how much of the document is terms of the query",
        _tfc1,
        lambda texts, at: f"{texts.asked[at]:.1%}",
    ),
    Axiom(
        "TFC3",
        "Of two documents of about the same length, one that has two equally rare terms of the query stands above one "
        "that has only one of them, as often as both together.",
        "how often the document has which term of the query",
        _tfc3,
        _which,
        "the BM25 index, which knows how rare a term is",
    ),
    Axiom(
        "LNC1",
        "Where each term of the query is about as frequent in both documents, the shorter one stands higher.",
        "the document's terms, stop words left out",
        _lnc1,
        lambda texts, at: f"{texts.lengths[at]:,}",
    ),
    Axiom(
        "M-AND",
        "The document with more different terms of the query stands higher.",
        "how many of the query's different terms the document has",
        _m_and,
        lambda texts, at: f"{(texts.counts[at] > 0).sum()} of {len(texts.terms)}",
    ),
    Axiom(
        "PROX1",
        "Of two documents with the same terms of the query, two or more, the one where they first stand nearer to each "
        "other stands higher.",
        "how many words stand between two terms of the query where they first occur, on average",
        _prox1,
        lambda texts, at: f"{texts.between[at]:.1f}",
    ),
    Axiom(
        "STMC1",
        "The document whose words are nearer to the query's in meaning, on average, stands higher.",
        "the mean similarity of the document's words to the query's",
        _stmc1,
        lambda texts, at: f"{texts.near[at]:.4f}" if texts.near is not None else "",
        "the vectors of words",
    ),
)


class Tally:
    """How often the lists of systems agree with each axiom, over as many queries as are added."""

    def __init__(self, systems: int) -> None:
        self._systems = systems
        self._agree = [[0] * systems for _ in AXIOMS]
        self._against = [[0] * systems for _ in AXIOMS]
        self._list_right = [[0] * systems for _ in AXIOMS]
        self._axiom_right = [[0] * systems for _ in AXIOMS]
        self._violations: list[list[list[Violation]]] = [[[] for _ in range(systems)] for _ in AXIOMS]
        self._unknown: set[int] = set()

    def add(
        self,
        texts: Texts,
        lists: Sequence[Sequence[int | None]],
        ids: Sequence[str],
        *,
        titles: Mapping[str, str] = {},
        grades: Mapping[str, int] = {},
        qid: str = "",
        dataset: str = "",
    ) -> None:
        """`lists` are by system, each the numbers of documents of `texts` from the first place on, None for one that
        has no text; `ids` are by these numbers, `titles` and `grades` by id."""
        import numpy as np

        graded = np.array([grades.get(each, np.nan) for each in ids], dtype=np.float64)
        for number, axiom in enumerate(AXIOMS):
            prefers = axiom.prefers(texts)
            if prefers is None:
                self._unknown.add(number)
                continue
            for system, ranking in enumerate(lists):
                known = [(rank, document) for rank, document in enumerate(ranking, start=1) if document is not None]
                order = np.array([document for _, document in known], dtype=np.intp)
                found = np.triu(prefers[np.ix_(order, order)], 1)
                self._agree[number][system] += int((found > 0).sum())
                wrong = np.argwhere(found < 0)
                self._against[number][system] += len(wrong)
                by = graded[order[wrong[:, 0]]] - graded[order[wrong[:, 1]]]  # nan where one is unjudged
                self._list_right[number][system] += int((by > 0).sum())
                self._axiom_right[number][system] += int((by < 0).sum())
                named = self._violations[number][system]
                for upper, lower in wrong[: MOST - len(named)].tolist():
                    (rank, one), (below, other) = known[upper], known[lower]
                    named.append(
                        Violation(
                            qid=qid,
                            dataset=dataset,
                            upper=ids[one],
                            lower=ids[other],
                            ranks=(rank, below),
                            facts=(axiom.fact(texts, one), axiom.fact(texts, other)),
                            titles=(titles.get(ids[one], ""), titles.get(ids[other], "")),
                            grades=(grades.get(ids[one]), grades.get(ids[other])),
                        )
                    )

    @property
    def unknown(self) -> list[str]:
        """Sentences on the axioms that could not be looked at everywhere."""
        return [f"{AXIOMS[number].name} needs {AXIOMS[number].needs}." for number in sorted(self._unknown)]

    def agreements(self) -> tuple[Agreement, ...]:
        """Axiom by axiom, system by system."""
        return tuple(
            Agreement(
                axiom=axiom.name,
                system=system,
                agree=self._agree[number][system],
                against=self._against[number][system],
                list_right=self._list_right[number][system],
                axiom_right=self._axiom_right[number][system],
                violations=tuple(self._violations[number][system]),
            )
            for number, axiom in enumerate(AXIOMS)
            for system in range(self._systems)
        )

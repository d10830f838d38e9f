"""BM25, by Lucene's own account: what each term of the query gives to the score, and why.

A term gives boost * idf * tf, with idf = ln(1 + (N - n + 0.5) / (n + 0.5)) and tf = f / (f + norm), where the norm is
k1 * (1 - b + b * length / average length): Robertson and Zaragoza 2009, as Lucene's BM25Similarity has it, which leaves
out the factor k1 + 1.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from zsr_tui import numerals
from zsr_tui.domain import Doc, Problem
from zsr_tui.explanation import Explanation, Part, Span, Table
from zsr_tui.pipeline import ENGLISH, K1, B
from zsr_tui.retrieval.bm25 import Bm25Index, idf, kept_length
from zsr_tui.retrieval.java import call
from zsr_tui.retrieval.lucene import CONTENTS, ID
from zsr_tui.retrieval.marking import analysed
from zsr_tui.text import STOP_WORDS, Found, Terms, whole_characters
from zsr_tui.words import plain

COLUMNS = ("times", "tf", "idf", "boost", "documents")
LENGTH, READING = "Length", "How the query was read"
DEEPEST = 100_000  # documents that are ranked to find a place
_CLAUSE = re.compile(rf"\s*(\S+) = weight\({CONTENTS}:(.*) in \d+\) \[")
_NUMBER = re.compile(r"\s+(\S+) = (freq|idf|tf|dl|n), ")


def explain(index: Bm25Index, query: str, doc: Doc, *, k1: float = K1, b: float = B) -> Explanation:
    """A part for each term of the query, the largest share first; those that the document lacks have none. The columns:
    how often the document has the term, its tf and idf, how often the query has it, how many documents have it.

    Raises `Problem` for a document that is not in the index.
    """
    index.check_one_field()
    with index.weighing(k1, b) as (java, searcher):
        number = _number(java, searcher, doc.id)
        terms = [(term, (start, end)) for start, end, term in analysed(index.language, query)]
        counts = Counter(term for term, _ in terms)
        found = _found(index, query, doc)
        told = call(searcher, "explain", index.bag_of_words(query), number)
        score, facts = float(told.getValue().floatValue()), _facts(str(call(told, "toString")))
        parts = []
        for term, boost in counts.items():
            if term not in facts:
                documents = call(call(searcher, "getIndexReader"), "docFreq", java.Term(CONTENTS, term))
                facts[term] = {"n": float(documents)}
            spans = tuple((start, end) for start, end, stem in found if stem == term)
            word = next(query[slice(*span)] for each, span in terms if each == term)
            parts.append(_part(_label(word, term, index.language), boost, facts[term], spans))
        statistics = call(searcher, "collectionStatistics", CONTENTS)
        count = int(call(statistics, "docCount"))
        average = call(statistics, "sumTotalTermFreq") / max(1, count)
        tokens = len(index.terms(doc.content))
    length = next((each["dl"] for each in facts.values() if "dl" in each), 0.0)
    norm = k1 * (1 - b + b * (length or kept_length(tokens)) / average)
    parts = [part if part.values[0] else _missing(part, count, norm) for part in parts]
    parts.sort(key=lambda part: (-(part.share or 0.0), -_once(part, norm)))
    notes = []
    if not terms:
        notes.append("The analyser leaves no term of the query: BM25 finds nothing for it.")
    elif not any(part.share for part in parts):
        notes.append("The document has none of the query's terms: its score is 0, and BM25 does not list it.")
    return Explanation(
        family="bm25",
        method="share = boost × idf × tf, by Lucene's own explanation",
        unit="BM25",
        score=score,
        additive=True,
        columns=COLUMNS,
        parts=tuple(parts),
        sum=sum(part.share or 0.0 for part in parts),
        text=doc.content,
        tables=(_length(tokens, length, average, norm), _reading(query, terms, index.language)),
        notes=tuple(notes),
        done=1,
        total=1,
    )


def place(index: Bm25Index, query: str, doc_id: str, score: float, *, k1: float, b: float) -> tuple[int, bool]:
    """The rank that a document of this score has, or would have, among all; True where it is deeper than `DEEPEST`,
    which is the rank then."""
    for depth in (1_000, 10_000, DEEPEST):
        found = index.search(query, depth, k1=k1, b=b)
        for rank, scored in enumerate(found, start=1):
            if scored.doc_id == doc_id:
                return rank, False
        if len(found) < depth:  # it has none of the terms: behind all that have
            return len(found) + 1, True
    return DEEPEST, True


def _number(java: Any, searcher: Any, doc_id: str) -> int:
    """Lucene's number of the document."""
    wanted = java.TermQuery(java.Term(ID, whole_characters(doc_id)))
    hits = call(searcher, "search", wanted, 1).scoreDocs
    if not len(hits):
        raise Problem(f"the BM25 index holds no document {doc_id!r}: it was built from other data.")
    return int(hits[0].doc)


def _found(index: Bm25Index, query: str, doc: Doc) -> list[Found]:
    """Where the document has terms of the query, those of other languages whole where they overlap."""
    if index.language == ENGLISH:
        return Terms.of(query).find(doc.content)
    return analysed(index.language, doc.content)


def _facts(told: str) -> dict[str, dict[str, float]]:
    """By term, the numbers of Lucene's explanation by their short names, and "share". As text it crosses from Java
    once."""
    found: dict[str, dict[str, float]] = {}
    facts: dict[str, float] = {}
    for line in told.splitlines():
        if clause := _CLAUSE.match(line):
            facts = found.setdefault(clause[2], {"share": float(clause[1])})
        elif number := _NUMBER.match(line):
            facts[number[2]] = float(number[1])
    return found


def _label(word: str, term: str, language: str) -> str:
    """The query's own word, and behind it the term that Lucene makes of it, where that is another."""
    return word if _why(word, term, language) in ("", "in small letters") else f"{word} ({term})"


def _part(label: str, boost: int, facts: Mapping[str, float], spans: tuple[Span, ...]) -> Part:
    documents = int(facts["n"])
    note = "" if "share" in facts else "in no document" if not documents else "missing here"
    values = (int(facts.get("freq", 0)), facts.get("tf", 0.0), facts.get("idf"), boost, documents)
    return Part(text=label, share=facts.get("share", 0.0), values=values, spans=spans, note=note)


def _missing(part: Part, count: int, norm: float) -> Part:
    """A term that the document lacks, with its idf among `count` documents, and what it would give if it stood in the
    document once."""
    documents = int(part.values[4] or 0)
    if not documents:
        return part
    found = replace(part, values=(*part.values[:2], idf(count, documents), *part.values[3:]))
    return replace(found, note=f"{part.note}: once would give {numerals.signed(_once(found, norm), 2)}")


def _once(part: Part, norm: float) -> float:
    """boost × idf × tf of a term that stands in a document once."""
    return float(part.values[3] or 0.0) * float(part.values[2] or 0.0) / (1.0 + norm)


def _length(tokens: int, length: float, average: float, norm: float) -> Table:
    rounded = f"; Lucene keeps lengths in a byte and reckons with {length:.0f}" if length and length != tokens else ""
    compared = "as long as" if tokens == round(average) else "longer than" if tokens > average else "shorter than"
    return Table(
        title=LENGTH,
        columns=("terms", "average", "norm"),
        parts=(Part(text="this document", values=(tokens, average, norm)),),
        note=f"It is {compared} the average document{rounded}. The norm is what a term's count is weighed against: "
        "the longer the document, the less a term counts.",
    )


def _reading(query: str, terms: Sequence[tuple[str, Span]], language: str) -> Table:
    """A line for each word of the query: what became of it."""
    parts = [
        Part(text=query[slice(*span)], values=(term,), note=_why(query[slice(*span)], term, language))
        for term, span in terms
    ]
    lines = [(span, part) for part, (_, span) in zip(parts, terms, strict=True)]
    kept = [span for _, span in terms]
    for start, end in _words(query):
        if not any(start < stop and begin < end for begin, stop in kept):
            word = query[start:end]
            why = "a stop word" if plain(word) in STOP_WORDS else "no word to Lucene"
            why = why if language == ENGLISH else f"no term of the analyser ({language})"
            lines.append(((start, end), Part(text=word, values=(None,), note=f"{why}: left out")))
    ordered = tuple(part for _, part in sorted(lines, key=lambda line: line[0]))
    return Table(title=READING, columns=("term",), parts=ordered)


def _words(query: str) -> list[Span]:
    from zsr_tui.explain.segments import words

    return words(query)


def _why(word: str, term: str, language: str) -> str:
    if word == term:
        return ""
    if word.lower() == term:
        return "in small letters"
    if plain(word) == term:
        return "without its possessive 's"
    return "its stem, by Porter" if language == ENGLISH else f"what the analyser ({language}) makes of it"

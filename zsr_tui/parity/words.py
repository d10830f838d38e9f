"""What is said of two scorers that were held against each other, on the command line and on the screen."""

from __future__ import annotations

from collections.abc import Sequence

from zsr_tui import numerals
from zsr_tui.numerals import counted
from zsr_tui.parity import Pair, Parity, Read, Scorer
from zsr_tui.text import flat

HOW_READ = "Reads: tokens of the query + the document + the template. Cut: after so many characters of the document."
HOW_TESTED = (
    "Differ, by: of the pairs of which it is true, how many have scores that are apart, and how far in the median; "
    "then of the others. Of the order: how much of the order from near to far apart goes with it."
)
_PARTS = ("query", "document", "template")


def scorer_words(scorer: Scorer) -> str:
    said = [
        scorer.family,
        scorer.precision or "precision not known",
        f"{counted(scorer.max_length, 'token')} at most" if scorer.max_length else "length not known",
        *(f"{of.replace('_', ' ')} «{flat(prompt)}»" for of, prompt in scorer.prompts.items()),
    ]
    return f"{flat(scorer.name)} · {', '.join(said)}"


def verdict(found: Parity) -> str:
    by = f"{number(found.tolerance)} ({found.of})"
    if found.equal:
        return f"Equal: no two scores are further apart than {by}."
    lacking = sum(found.lacking[:2])
    without = f"; of {counted(lacking, 'pair')} one scorer gives none" if lacking else ""
    pairs = f"{found.differing:,} of {counted(len(found.pairs), 'pair')}"
    return f"They differ: the scores of {pairs} by more than {by}{without}."


def figures(found: Parity) -> list[tuple[str, str]]:
    over, mean, least = (numerals.value(each) for each in found.tau)
    a, b = (numerals.value(each) for each in found.ndcg)
    rows = [
        ("difference", f"{number(found.largest)} at most, {number(found.median)} in the median"),
        ("Kendall's tau", f"{over} over all pairs, {mean} in the mean of the queries, {least} at least"),
        ("nDCG@10", f"A {a}, B {b}, of these pairs alone" if found.judged else "no query is judged"),
    ]
    if found.overlap is not None:
        rows.append(("nearest ten", f"{found.overlap:.1f} in both, among all documents of these pairs"))
    if any(found.lacking):
        of_a, of_b, both = found.lacking
        rows.append(("no finite score", f"A alone {of_a:,}, B alone {of_b:,}, both {both:,}"))
    return rows


def read_words(read: Read) -> str:
    """Its tokens by part."""
    if read.tokens is None:
        return "not known"
    return " + ".join(f"{read.tokens.get(part, 0):,}" for part in _PARTS)


def cut_words(pair: Pair) -> str:
    """By whom it was cut, and where; "" for neither."""
    places = [(name, each.cut_at) for name, each in zip("AB", pair.read, strict=True) if each.cut]
    return ", ".join(f"{name} {'somewhere' if at is None else f'after {at:,}'}" for name, at in places)


def cost(asks: int, texts: int, hosts: Sequence[str]) -> str:
    return f"about {counted(asks, 'request')} with {counted(texts, 'text')} to {flat(', '.join(hosts))}"


def number(value: float | None) -> str:
    return "–" if value is None else numerals.minus(f"{value:.4g}")

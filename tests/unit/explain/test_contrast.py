"""The sentence on two explanations says their numbers, whichever of them is first."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from zsr_tui.domain import ScoredDoc
from zsr_tui.explain import bm25, fusion, occlusion
from zsr_tui.explain.contrast import contrast
from zsr_tui.explanation import WORDS, Explanation, Part, Station, Table
from zsr_tui.pipeline import Rrf, parse

IDF = 2.0


def explained(doc_id: str, times: int, norm: float, terms: int) -> Explanation:
    """BM25 of one term."""
    tf = times / (times + norm)
    part = Part(text="zinc", share=IDF * tf, values=(times, tf, IDF, 1, 3))
    length = Table(title=bm25.LENGTH, columns=(), parts=(Part(text="", values=(terms, 10.0, norm)),))
    return Explanation(
        family="bm25", method="", unit="BM25", score=IDF * tf, additive=True, parts=(part,), sum=IDF * tf,
        tables=(length,), system="bm25", stage="bm25", doc_id=doc_id,
    )  # fmt: skip


A, B = explained("a", 6, 0.5, 8), explained("b", 2, 1.0, 20)


def test_rows_are_the_difference_of_their_columns_and_length_is_told_apart() -> None:
    found = contrast(A, B)
    assert found.difference == pytest.approx(A.score - B.score)  # type: ignore[operator]
    term, length = found.parts
    assert (term.first, term.second) == (A.score, B.score)
    assert term.share == pytest.approx(found.difference)
    assert [(part.text, part.counts) for part in found.parts] == [("zinc", (6, 2)), ("of which by length", (8, 20))]
    assert length.share == pytest.approx(IDF * (6 / 6.5 - 6 / 7))


def test_the_sentence_has_the_signs_of_the_table() -> None:
    said = (
        "bm25 puts a above b by 0.5128: “zinc” +0.51 (6 times against 2); of which by length +0.13 (8 terms against "
        "20)."
    )
    assert contrast(A, B).sentence == said
    back = contrast(B, A)
    assert back.sentence.startswith("bm25 puts b below a by 0.5128: “zinc” −0.51 (2 times against 6); ")
    assert contrast(A, A).sentence == "bm25 gives both the same score, 1.8462."


def occluded(doc_id: str, score: float, share: float, alone: float | None = None, **words: float) -> Explanation:
    part = Part(text="Zinc helps.", share=share, spans=((0, 11),))
    best = Table(title=occlusion.KEPT, columns=(), parts=(Part(text="the top sentence", values=(alone, 0.0)),))
    asked = Table(title=WORDS, columns=(), parts=tuple(Part(text=word, share=lost) for word, lost in words.items()))
    return Explanation(
        family="occlusion",
        method="",
        unit="logit",
        score=score,
        parts=(part,),
        tables=(*([asked] if words else []), *([best] if alone is not None else [])),
        doc_id=doc_id,
        stage="m",
        system="m",
    )


def test_sentences_that_hold_a_score_up_are_quoted_with_what_becomes_without_them() -> None:
    found = contrast(occluded("a", 1.0, -0.5), occluded("b", 3.5, 2.0))
    assert found.sentence == "m puts a below b by 2.5000."
    assert found.rests == (
        "No single part holds a up.",
        "b rests most on “Zinc helps.”: without it b has 1.50.",
    )
    found = contrast(occluded("a", 1.0, 12.87, alone=-2.0), occluded("b", 3.5, 10.1, alone=3.25))
    assert found.rests == (
        "a rests most on “Zinc helps.”: that has −2.00 alone, and without it a has −11.87.",
        "b rests most on “Zinc helps.”: that has 3.25 alone, and without it b has −6.60, below a.",
    )
    assert contrast(A, B).rests == ()


def test_words_of_the_query_count_more_for_one_or_the_other() -> None:
    found = contrast(
        occluded("a", 7.0, -1.0, zinc=4.0, water=1.2, salt=0.3, wet=-0.1),
        occluded("b", 5.0, -1.0, zinc=-1.0, water=2.2, wet=-0.2),
    )
    assert [(part.text, part.first, part.second, part.share) for part in found.parts] == [
        ("zinc", 4.0, -1.0, 5.0),
        ("water", 1.2, 2.2, pytest.approx(-1.0)),
        ("salt", 0.3, None, 0.3),
        ("wet", -0.1, -0.2, 0.1),
    ]
    assert (
        "Of the query, “zinc” (+4.00 against −1.00) and “salt” (+0.30 against 0.00) count more for a, "
        "although “water” (+2.20 against +1.20) counts more for b."
    ) in found.sentence


def test_words_that_point_the_other_way_are_not_said_to_explain_the_gap() -> None:
    lower, upper = occluded("b", 5.0, -1.0, zinc=3.0, water=1.0), occluded("a", 5.4, -1.0, zinc=0.0, water=1.5)
    assert contrast(upper, lower).sentence == (
        "m puts a above b by 0.4000. The words of the query point the other way (−2.50 in sum) and do not explain the "
        "gap. Of the query, “water” (+1.50 against +1.00) counts more for a, although “zinc” (+3.00 against 0.00) "
        "counts more for b."
    )
    assert contrast(lower, upper).sentence.startswith(
        "m puts b below a by 0.4000. The words of the query point the other way (+2.50 in sum)"
    )
    little = contrast(occluded("a", 9.0, -1.0, zinc=1.0, wet=0.5), occluded("b", 5.0, -1.0, zinc=0.5, wet=0.4))
    assert little.sentence.endswith("The words make +0.60 of it in sum, and do not explain the rest.")


def summed(doc_id: str, **shares: float) -> Explanation:
    parts = tuple(Part(text=text, share=share) for text, share in shares.items())
    total = sum(shares.values())
    return Explanation(
        family="sparse", method="", unit="", score=total, additive=True, parts=parts, sum=total, doc_id=doc_id,
        stage="m", system="m",
    )  # fmt: skip


def test_a_sum_names_what_decides_then_what_speaks_against_it_then_what_the_others_make() -> None:
    found = contrast(summed("a", zinc=1.0, iron=3.0, salt=2.0, water=1.0, wet=1.0), summed("b", zinc=5.0, dry=0.25))
    assert found.sentence == (
        "m puts a above b by 2.7500: “iron” +3.00, “salt” +2.00, “water” +1.00 and “wet” +1.00, although “zinc” −4.00."
    )
    many = {f"t{number}": 1.0 + number for number in range(9)}
    told = contrast(summed("b"), summed("a", zinc=-6.5, **many)).sentence
    assert told.startswith("m puts b below a by 38.5000: “t8” −9.00, ")
    assert told.endswith(
        "“t7” −8.00, “t6” −7.00, “t5” −6.00 and “t4” −5.00, although “zinc” +6.50; 4 other parts −10.00."
    )


def test_small_differences_keep_their_digits_and_parts_without_one_are_not_named() -> None:
    system = parse("rrf(bm25, dense(m))")
    assert isinstance(system, Rrf)
    lists = [[ScoredDoc("a", 3.0), ScoredDoc("b", 2.0)], []]
    one, other = (
        replace(fusion.explain(system, lists, doc_id), system="s", stage="s", doc_id=doc_id) for doc_id in "ab"
    )
    assert contrast(one, other).sentence == "s puts a above b by 0.00026: “bm25” +0.00026."


def test_one_document_in_two_systems_has_two_places_and_no_difference() -> None:
    lists = [[ScoredDoc("a", 3.0)], [ScoredDoc("b", 2.0), ScoredDoc("a", 1.0)]]
    system = parse("rrf(bm25, dense(m))")
    assert isinstance(system, Rrf)
    other = fusion.explain(system, lists, "a")
    station = Station(stage="rrf", kind="fuse", rank=1, of=2, score=other.score)
    other = Explanation(
        **{name: getattr(other, name) for name in other.__struct_fields__}
        | {"system": "rrf", "stage": "rrf", "doc_id": "a", "lineage": (station,)}
    )
    found = contrast(A, other)
    assert found.difference is None
    assert found.sentence.startswith("bm25 gives a 1.8462 BM25; rrf has it at rank 1 (0.0325 RRF).")


@pytest.mark.parametrize(
    ("notation", "shares"),
    [
        pytest.param("rrf(bm25, dense(m))", [1 / 61, 1 / 62], id="by rank"),
        pytest.param("rrf(bm25, dense(m), weights=[2, 1])", [2 / 61, 1 / 62], id="weighted"),
        pytest.param("linear(bm25, dense(m), weights=[0.5, 0.5])", [0.5, 0.0], id="by score"),
    ],
)
def test_a_fusion_is_the_sum_of_what_its_lists_give(notation: str, shares: list[float]) -> None:
    from zsr_tui.fusion import fused

    lists = [[ScoredDoc("a", 3.0)], [ScoredDoc("b", 2.0), ScoredDoc("a", 1.0)]]
    system = parse(notation)
    found = fusion.explain(system, lists, "a")  # type: ignore[arg-type]
    assert [part.share for part in found.parts] == pytest.approx(shares)
    in_list = next(each.score for each in fused(system, lists) if each.doc_id == "a")  # type: ignore[arg-type]
    assert found.sum == found.score == pytest.approx(in_list)
    if "normed" in found.columns:
        assert all(part.share == pytest.approx(part.values[2] * part.values[3]) for part in found.parts)  # type: ignore[operator]
    missing = fusion.explain(system, lists, "b")  # type: ignore[arg-type]
    assert missing.parts[0].note == "not in its first 1"


def duelled(doc_id: str, **shares: float) -> Explanation:
    parts = tuple(Part(text=other, share=share) for other, share in shares.items())
    total = sum(shares.values())
    return replace(A, family="pairwise", stage="duo", doc_id=doc_id, score=total, sum=total, parts=parts, tables=())


def test_the_duel_of_the_two_is_one_part_and_the_parts_still_add_up() -> None:
    found = contrast(duelled("a", b=0.75, c=1.5), duelled("b", a=1.25, c=0.5))
    assert found.sentence == "duo puts a above b by 0.5000: “c” +1.00, although “their own duel” −0.50."
    assert [(part.text, part.first, part.second) for part in found.parts] == [
        ("c", 1.5, 0.5),
        ("their own duel", 0.75, 1.25),
    ]
    assert sum(part.share or 0.0 for part in found.parts) == found.difference
    (held,) = contrast(duelled("a", b=0.75), replace(occluded("a", 1.0, 1.0), stage="ce")).rests
    assert held.startswith("ce rests most on")  # another document is nothing that a score rests on


def test_an_order_is_compared_by_its_places_and_slopes_hold_nothing_up() -> None:
    first, second = (
        replace(occluded(doc_id, -rank, 1.0), family="listwise", parts=()) for doc_id, rank in (("a", 12.0), ("b", 7.0))
    )
    found = contrast(first, second)
    assert found.sentence.startswith("m puts a at rank 12, below b at rank 7. It gives an order and no score")
    assert contrast(second, first).sentence.startswith("m puts b at rank 7, above a at rank 12.")
    assert found.rests == ()
    slopes = [replace(occluded(doc_id, score, 1.0), family="gradient") for doc_id, score in (("a", 2.0), ("b", 1.0))]
    assert contrast(*slopes).rests == ()
    assert contrast(slopes[0], replace(slopes[1], system="other")).rests == ()

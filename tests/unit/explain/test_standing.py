"""Where a document would stand without what its score rests on most."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from zsr_tui.domain import ScoredDoc
from zsr_tui.explain.standing import without_its_best
from zsr_tui.explanation import Explanation, Part, Station

LIST = [ScoredDoc("a", 3.0), ScoredDoc("b", 2.0), ScoredDoc("c", 1.0)]


@pytest.mark.parametrize(
    ("share", "additive", "said"),
    [
        pytest.param(1.5, False, "Without “Zinc” it would have 1.50 and be at rank 2 instead of 1.", id="lower"),
        pytest.param(1.5, True, "Without what “Zinc” gives it would have 1.50 and be at rank 2", id="sum"),
        pytest.param(0.5, False, "Without “Zinc” it would have 2.50 and still be at rank 1.", id="as before"),
        pytest.param(
            2.5,
            False,
            "Without “Zinc” it would have 0.50 and be behind the 2 others of the list, instead of at rank 1.",
            id="last",
        ),
        pytest.param(-1.0, False, "", id="nothing holds it up"),
    ],
)
def test_the_rank_without_the_heaviest_part(share: float, additive: bool, said: str) -> None:
    parts = (Part(text="Zinc", share=share), Part(text="and", share=min(share, 0.1)))
    found = Explanation(family="occlusion", method="", unit="", score=3.0, additive=additive, parts=parts, doc_id="a")
    told = without_its_best(found, LIST)
    assert told.startswith(said)
    assert bool(told) is bool(said)
    titled = Explanation(family="occlusion", method="", unit="", score=3.0, parts=parts, doc_id="a", title="Zinc")
    assert without_its_best(titled, LIST).startswith("Without its title" if said else "")


def test_a_part_that_is_all_of_the_score_is_not_left_out() -> None:
    parts = (Part(text="Cosine of the two vectors", share=3.0),)
    found = Explanation(family="qdrant", method="", unit="", score=3.0, additive=True, parts=parts, doc_id="a")
    assert without_its_best(found, LIST) == ""


@pytest.mark.parametrize("family", ["pairwise", "gradient"], ids=["a duel that others have too", "a slope"])
def test_what_a_score_would_not_lack_is_not_left_out(family: str) -> None:
    parts = (Part(text="b", share=2), Part(text="c", share=1))
    found = Explanation(family=family, method="", unit="", score=3.0, parts=parts, doc_id="a")
    assert without_its_best(found, LIST) == ""
    assert without_its_best(replace(found, family="occlusion"), LIST)


@pytest.mark.parametrize("family", ["bm25", "sparse"])
def test_without_its_only_term_a_document_is_in_no_list(family: str) -> None:
    parts = (Part(text="Zinc", share=3.0), Part(text="acid", share=0.0))
    found = Explanation(
        family=family, method="", unit="", score=3.0, additive=True, parts=parts, doc_id="a",
        stage="s", lineage=(Station(stage="s", kind="retrieve", rank=1),),
    )  # fmt: skip
    said = "Without what “Zinc” gives it would not be in the list: no other term gives it anything."
    assert without_its_best(found, LIST) == said
    reranked = replace(found, lineage=(Station(stage="s", kind="rerank", rank=1),))
    assert without_its_best(reranked, LIST).startswith("Without what “Zinc” gives it would have 0.00 and be behind")
    more = replace(found, score=3.5, parts=(parts[0], replace(parts[1], share=0.5)))
    assert without_its_best(more, LIST).endswith(
        "it would have 0.50 and be behind the 2 others of the list, instead of at rank 1."
    )

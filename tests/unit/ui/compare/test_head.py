"""What heads a list must say of how its numbers came about."""

from __future__ import annotations

from dataclasses import replace

import pytest

from zsr_tui.api.events import Ranking
from zsr_tui.api.requests import SystemHead
from zsr_tui.domain import Approximation
from zsr_tui.ui.compare.changes.effect import measure
from zsr_tui.ui.compare.ranking.head import HeadView, measure_pieces, number_pieces
from zsr_tui.ui.compare.session import Phase, SystemList


@pytest.mark.parametrize("guessed", [("mean pooling", "no prompts"), ()], ids=["guessed", "known"])
def test_what_is_guessed_of_a_model_is_a_warning_in_its_head(guessed: tuple[str, ...]) -> None:
    head = SystemHead(notation="dense(./mine)", label="dense mine", guessed=guessed)
    view = HeadView(number=1, system=SystemList(head), active=True, reference=False, judgments=None)
    expected = [[("guessed: mean pooling, no prompts", "warning")]] if guessed else []
    assert number_pieces(view) == expected


@pytest.mark.parametrize(
    ("figures", "said"),
    [
        ({"scored_ms": 18.0, "tokens_rate": 2_100_000.0}, ["100 scored in 18 ms, 2,100,000 tokens/s"]),
        ({"scored_ms": 14.4, "tokens_rate": 2_100_000.0, "known": 20},
         ["80 scored in 14 ms, 2,100,000 tokens/s", "20 from before"]),
        ({"scored_ms": 900.0}, ["100 scored in 900 ms"]),
        ({"known": 100}, ["100 from before"]),
        ({"approximate": (Approximation("hnsw", 0.98761, 100, 300, "demo"),)}, ["hnsw, recall@100 0.987 of exact"]),
    ],
    ids=["all new", "some from before", "a server", "all from before", "searched approximately"],
)  # fmt: skip
def test_what_the_model_took_is_told_apart_from_waiting_and_from_what_was_known(figures, said) -> None:
    ranking = Ranking(
        request="r", system=0, stage="model", rows=(), elapsed_ms=3000.0, scored=100, total=100, final=True, **figures
    )
    system = SystemList(SystemHead(notation="bm25 % 100 >> model", label="model"), phase=Phase.DONE, ranking=ranking)
    view = HeadView(number=1, system=system, active=True, reference=False, judgments=None)
    assert [text for ((text, _),) in number_pieces(view)] == ["3.00 s", *said]


def test_recall_beyond_the_lists_end_has_no_value_and_no_change() -> None:
    system = SystemList(SystemHead(notation="bm25 % 20", label="bm25 % 20"), phase=Phase.DONE)
    system.measures = {"nDCG@10": 0.5, "R@100": None}
    view = HeadView(number=1, system=system, active=True, reference=False, judgments=True)
    assert measure_pieces(view) == [
        [("nDCG@10 ", "muted"), ("0.500", "strong")],
        [("R@100 ", "muted"), ("–", "muted")],
    ]
    changed = measure_pieces(replace(view, before=replace(system, measures={"nDCG@10": 0.25, "R@100": None})))
    assert changed[0][1:] == [(".500", "strong"), (" ", "plain"), ("+.250", "up")]
    assert changed[1] == [("R@100 ", "muted"), ("–", "muted")]
    assert measure(system, system, "R@100") == []

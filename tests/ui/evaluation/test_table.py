"""The table of an evaluation: its columns, its baseline, test and measure, the notes below it."""

from __future__ import annotations

import msgspec
import pytest

from tests.ui.reading import notices, text_of
from tests.waiting import until
from zsr_tui.api.evaluations import CellView, PublishedFigure, ReadEvaluation
from zsr_tui.api.queries import ReadQueries
from zsr_tui.domain import Problem
from zsr_tui.ui.evaluation.about import AboutEvaluationScreen

from ..fake.engine import BM25, RERANKED
from ..fake.evaluations import EvaluationEngine, view
from ..shell import settle
from .screen import SIZES, line_of, opened_on


@pytest.mark.parametrize("size", SIZES)
async def test_the_newest_evaluation_of_the_dataset_opens_and_every_column_can_be_reached(
    size: tuple[int, int],
) -> None:
    engine = EvaluationEngine(view("other", dataset="beir/scifact/test"), view("e1"), view("older"))
    async with opened_on(engine, size=size) as (app, pilot, screen):
        assert engine.asked_for(ReadEvaluation)[-1].id == "e1"
        assert "6 queries · complete" in text_of(app)
        assert "0.9197*▲" in line_of(pilot, "L-12")  # the best, and significantly better
        assert "0.6312 " in line_of(pilot, "all-MiniLM")  # not significantly
        assert "baseline" in line_of(pilot, "◆ bm25")
        seen = text_of(app)
        for _ in range(30):
            await pilot.press("right")
            await pilot.pause()
            seen += text_of(app)
        for head in ("params", "p (Holm)", "effect d", "95 % interval", "win/tie/loss", "AP", "Judged@10", "ms/query"):
            assert head in seen, head
        for figure in ("+0.3066", "<0.001", "+0.62", "4/1/1", "22.7M", "61.0", "judged only", "0.9297", "self-hits"):
            assert figure in seen, figure
        assert "0.9197–1.0000" in seen  # the bounds
        await pilot.press(*["left"] * 30)
        await settle(pilot)
        assert screen.table.grid.first == 0
        for line in text_of(app).split("\n"):
            assert len(line) <= size[0]


async def test_published_figures_stand_beside_the_measured_ones() -> None:
    engine = EvaluationEngine(view())
    exact = {"system": 0, "measure": "nDCG@10", "value": 0.6789, "digits": 4, "approximate": False}
    engine.published = [
        PublishedFigure(**exact, name="bm25-flat", source="pyserini 1.6.0"),  # type: ignore[arg-type]
        PublishedFigure(**exact | {"value": 0.665}, name="another", source="a card", difference="published otherwise"),
        PublishedFigure(
            system=2,
            measure="nDCG@10",
            value=0.71,
            digits=3,
            approximate=True,
            name="MiniLM",
            source="the paper",
            difference="published with 1,000 candidates, measured with 100",
        ),
    ]
    async with opened_on(engine, size=(80, 24)) as (_, pilot, _):
        await pilot.press(*["right"] * 30)
        await settle(pilot)
        assert "0.6789" in line_of(pilot, "◆ bm25")
        assert "−0.0658" in line_of(pilot, "◆ bm25")
        assert "≈0.710" in line_of(pilot, "L-12")
        await pilot.press("end")
        await settle(pilot)
    async with opened_on(engine, size=(200, 50)) as (_, pilot, _):
        assert "published 0.6789: bm25-flat, pyserini 1.6.0 · published 0.6650: another, a card" in text_of(pilot.app)
        await pilot.press("end")
        await settle(pilot)
        assert "published ≈0.710: MiniLM, the paper; published with 1,000 candidates" in text_of(pilot.app)


async def test_baseline_test_and_measure_are_chosen_with_keys() -> None:
    engine = EvaluationEngine(view())
    async with opened_on(engine) as (app, pilot, _):
        await pilot.press("down", "b")
        await settle(pilot)
        assert engine.asked_for(ReadEvaluation)[-1] == ReadEvaluation(id="e1", baseline=1, test="t")
        assert "against dense all-MiniLM-L6-v2 ─" in text_of(app)
        assert "baseline" in line_of(pilot, "2 ◆ dense")
        await pilot.press("b")
        await settle(pilot)
        assert "This system is the baseline already." in notices(app)
        await pilot.press("v")
        await settle(pilot)
        assert engine.asked_for(ReadEvaluation)[-1] == ReadEvaluation(id="e1", baseline=1, test="randomisation")
        assert "randomisation test, Holm" in text_of(app)
        await pilot.press("m")
        await settle(pilot)
        assert "AP · randomisation test" in text_of(app)
        heads = line_of(pilot, "params").split()
        assert heads[:3] == ["system", "params", "AP"]


async def test_notes_and_failures_have_a_line_each_and_all_can_be_read() -> None:
    engine = EvaluationEngine()
    notes = tuple(f"[b]note[/b] {number} of other.run." for number in range(8))
    engine.store(
        view(
            systems=(BM25, RERANKED, "/runs/other.run"),
            means=(0.6, None, 0.5),
            failed={1: "the model\x1b[31m needs 11 GB."},
            notes=notes,
            state="stopped",
            done=4,
        )
    )
    async with opened_on(engine, size=(80, 24)) as (app, pilot, _):
        assert "✗ bm25 % 100 >> MiniLM-L-12: the model␛[31m needs 11 GB." in text_of(app)
        assert "! [b]note[/b] 0 of other.run." in text_of(app)
        assert "… and 7 more: i shows all" in text_of(app)
        assert "–" in line_of(pilot, "2   bm25 %")
        await pilot.press("i")
        await settle(pilot)
        assert isinstance(app.screen, AboutEvaluationScreen)
        assert "note[/b] 7 of other.run." in text_of(app)
        await pilot.press("end")
        await settle(pilot)
        assert "sha256 0123" in text_of(app)
    async with opened_on(engine) as (_, pilot, _):
        assert "! [b]note[/b] 7 of other.run." in text_of(pilot.app)


async def test_figures_of_a_part_of_the_queries_are_provisional_and_not_compared_with_published_ones() -> None:
    engine = EvaluationEngine(view("e1", state="stopped", done=2))
    exact = {"system": 0, "measure": "nDCG@10", "value": 0.6789, "digits": 4, "approximate": False}
    engine.published = [PublishedFigure(**exact, name="bm25-flat", source="pyserini 1.6.0")]  # type: ignore[arg-type]
    async with opened_on(engine) as (app, pilot, _):
        assert "provisional: over 2 of 6 queries · ◆ baseline" in text_of(app)
        await pilot.press(*["right"] * 30)
        await settle(pilot)
        assert "0.6789 " in line_of(pilot, "◆ bm25")
        assert "−0.0658" not in text_of(app)


async def test_a_test_that_cannot_be_computed_leaves_the_table_as_it_was() -> None:
    engine = EvaluationEngine(view())
    async with opened_on(engine) as (app, pilot, _):
        engine.problems[ReadEvaluation] = Problem("the engine does not answer; its log is at /x/engine.log.")
        await pilot.press("v")
        await settle(pilot)
        assert "the engine does not answer" in text_of(app)
        assert "nDCG@10 · paired t-test" in text_of(app)
        assert "0.9197*▲" in text_of(app)


async def test_a_judged_only_value_above_the_bounds_is_explained() -> None:
    engine = EvaluationEngine()
    odd = view()
    engine.store(odd)
    said = "judged only can exceed the bounds: it moves documents up, they do not"
    async with opened_on(engine, size=(80, 24)) as (app, pilot, screen):
        assert said not in text_of(app)
        cells = {"nDCG@10": CellView(mean=0.3, condensed=0.5, maximum=0.4)}
        systems = (msgspec.structs.replace(odd.systems[0], cells=cells), *odd.systems[1:])
        screen.table.take(msgspec.structs.replace(odd, systems=systems), [])
        await settle(pilot)
        assert said in text_of(app)
        await pilot.press("i")
        await settle(pilot)
        assert "above the bounds, and both are right" in " ".join(text_of(app).replace("│", " ").split())


async def test_own_judgments_are_seen_beside_the_datasets_and_count_at_a_key_in_everything_that_is_asked() -> None:
    engine = EvaluationEngine(view())
    engine.own = 0.05
    async with opened_on(engine) as (app, pilot, screen):
        assert "■.6631 0.6131" in text_of(app)
        assert "judgments that count: 7 the dataset's; ■ is the figure over own, then the dataset's" in text_of(app)
        await pilot.press("O")
        await until(pilot, lambda: "●.6131 0.6631" in text_of(app))
        assert "7 own, 7 the dataset's" in text_of(app)
        await pilot.press("enter")
        await until(pilot, lambda: bool(engine.asked_for(ReadQueries)))
        assert engine.asked_for(ReadQueries)[0].id == "e1~own+dataset"
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen)
        await pilot.press("O")
        await until(pilot, lambda: "■.6631 0.6131" in text_of(app))


async def test_a_models_judgments_go_on_counting_when_own_ones_are_left_out_and_taken_in_again() -> None:
    engine = EvaluationEngine(view())
    engine.own = 0.05
    async with opened_on(engine) as (app, pilot, screen):
        screen.views.table.count(("own", "model", "dataset"))
        await until(pilot, lambda: "7 own, 7 the model's, 7 the dataset's" in text_of(app))
        await pilot.press("O")
        await until(pilot, lambda: "judgments that count: 7 the model's, 7 the dataset's" in text_of(app))
        await pilot.press("O")
        await until(pilot, lambda: "7 own, 7 the model's, 7 the dataset's" in text_of(app))

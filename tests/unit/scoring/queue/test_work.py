"""What a loaded model is asked, and what of its answers goes back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from zsr_tui.domain import Problem
from zsr_tui.scoring import families
from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.endpoints.listwise import Window
from zsr_tui.scoring.queue.jobs import Job, only
from zsr_tui.scoring.queue.pool import Pool
from zsr_tui.scoring.queue.work import Encoding, Listed, Ordering, Scoring
from zsr_tui.scoring.scorer import Prepared

from ..made_up import Lengths, resolved


def test_a_window_is_asked_with_whole_characters_and_comes_back_with_its_time() -> None:
    work = Ordering("a\ud83d", ["one\ud83d", "two"])
    (prepared,) = work.prepare(None, range(1))
    assert prepared == Prepared(1, False, Window("a?", ["one?", "two"]))
    assert work.collect(range(1), [prepared], np.zeros(1), 0.5) == ((prepared.payload, 0.5),)


def test_what_orders_took_adds_up() -> None:
    assert Listed(1, 2, 3, 4, 5) + Listed(10, 20, 30, 40, 50) == Listed(11, 22, 33, 44, 55)


def test_texts_are_encoded_in_their_role() -> None:
    class Roles:
        dimension = 2

        def prepare(self, texts: Any, role: str) -> list[Prepared]:
            return [Prepared(1, False, (role, text)) for text in texts]

    work = Encoding(["a\ud83d", "b"], "query")
    assert [each.payload for each in work.prepare(Roles(), range(2))] == [("query", "a?"), ("query", "b")]


def test_a_score_that_is_no_number_leaves_the_others_what_they_are() -> None:
    inputs = [Prepared(3, True, ""), Prepared(4, False, ""), Prepared(5, True, "")]
    (batch,) = Scoring("query", ["", "", ""]).collect(range(10, 13), inputs, np.array([1.0, np.nan, 2.0]), 0.25)
    assert (batch.indices, batch.scores, batch.cut, batch.broken) == ((10, 12), (1.0, 2.0), (True, True), (11,))
    assert (batch.tokens, batch.seconds, batch.known) == (12, 0.25, False)


def test_results_from_elsewhere_are_a_jobs_own_once() -> None:
    job = Job(resolved(), Scoring("query", ["a", "b"]))
    job.answer(["first"], [1, 2], 1)
    job.answer(["second"], [3], 1)
    assert list(job.results()) == ["first"]
    assert (job.lengths, job.cut) == ([1, 2], 1)
    assert job.exhausted
    other = Job(resolved(), Scoring("query", ["a"]))
    other.answer(["only"])
    assert (other.lengths, other.cut) == ([], 0)


def test_a_model_is_loaded_by_its_familys_loader_and_a_failure_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def loader(family: str, kind: str) -> Any:
        asked.append((family, kind))
        return lambda resolved, device: Lengths() if len(asked) == 1 else families.nothing

    device = Device("cpu", budget_bytes=100, tokens=4)
    monkeypatch.setattr(families, "loader", loader)
    assert isinstance(Pool(device).get(resolved("a"), None).scorer, Lengths)
    assert asked == [("cross-encoder", "transformers")]
    with pytest.raises(Problem, match="made-up"):
        Pool(device).get(resolved("made-up"), None)
    assert only(iter([1])) == 1

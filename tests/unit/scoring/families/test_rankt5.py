"""RankT5 against transformers' own forward pass on the same random weights, fed as soyoung97/ListT5 feeds it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from zsr_tui.domain import Problem
from zsr_tui.scoring.families import rankt5
from zsr_tui.scoring.models import catalogue, entries
from zsr_tui.scoring.tokens.probes import PROBES

from ..tiny import load
from ..tiny_t5 import CPU, checkpoint, ids_of, logits, resolved

QUERY = "vitamin of the blood"
TEXTS = [*PROBES[::3], "cold water", "the blood is cold and vitamin acid sleep", "water " * 80]


@pytest.mark.parametrize(
    ("kind", "query"),
    [
        pytest.param("tied", QUERY, id="tied"),
        pytest.param("untied", " cold\nwater ", id="untied"),
    ],
)
def test_scores_are_the_logits_of_its_token(kind: str, query: str, tmp_path: Path) -> None:
    folder = checkpoint(tmp_path / "t5", kind, extra=12)
    model = rankt5.RankT5(resolved(folder, family="rankt5"), CPU)
    prepared = model.prepare(query, TEXTS)
    expected = logits(folder, [f"Query: {query} Document: {text}" for text in TEXTS], ["<extra_id_10>"])[:, 0]
    np.testing.assert_allclose(model.run(prepared), expected, atol=1e-5)
    assert (prepared[-1].cut, prepared[-1].tokens) == (True, 64)
    alone = np.concatenate([model.run([each]) for each in prepared])
    np.testing.assert_allclose(alone, expected, atol=1e-5)


def test_a_long_query_leaves_the_document_its_tokens(tmp_path: Path) -> None:
    model = rankt5.RankT5(resolved(checkpoint(tmp_path / "t5", extra=12), family="rankt5"), CPU)
    (prepared,) = model.prepare("sleep " * 90, ["health"])
    assert (prepared.cut, prepared.tokens) == (True, len(ids_of(prepared.payload)))
    assert model.tokenizer.decode(ids_of(prepared.payload)).endswith("Document: health</s>")


def test_a_folder_by_its_name_runs_and_says_what_is_guessed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZSR_TUI_PRECISION", "fp32")
    monkeypatch.setenv("ZSR_TUI_HOME", str(tmp_path / "home"))
    folder = checkpoint(tmp_path / "my-rankt5", extra=12)
    info = catalogue.describe(str(folder))
    assert (info.family, info.guessed, info.runnable) == ("rankt5", ("scores by <extra_id_10>",), True)
    model = load(folder)
    assert len(model.run(model.prepare(QUERY, ["health"]))) == 1
    place = entries.own_place()
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(
        f'[[model]]\nname = "mine"\nlike = "Soyoung97/RankT5-base"\nweights = "{folder}"\nscore_token = "▁cold"\n'
    )
    expected = logits(folder, [f"Query: {QUERY} Document: health"], ["▁cold"])[0, 0]
    model = load("mine")
    np.testing.assert_allclose(model.run(model.prepare(QUERY, ["health"])), expected, atol=1e-5)


def test_a_checkpoint_without_the_token_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="no token <extra_id_10> in its vocabulary"):
        rankt5.RankT5(resolved(checkpoint(tmp_path / "t5"), family="rankt5"), CPU)

"""mxbai-rerank-v2 against the way of its own package, same tiny weights."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from zsr_tui.scoring.families import causal_lm
from zsr_tui.scoring.models import catalogue
from zsr_tui.scoring.tokens.probes import PROBES

from .test_causal_lm import CPU, LONG, QUERY, TEXTS, qwen, resolved


@pytest.mark.parametrize("longest", [None, 150], ids=["whole", "cut"])
def test_mxbai_rerank_v2_gives_what_its_package_gives(longest: int | None, tmp_path: Path) -> None:
    """mxbai-rerank 0.1.6: each part of the prompt tokenised alone, the logit of 1 less that of 0."""
    recipe = catalogue.recipe_of("mixedbread-ai/mxbai-rerank-base-v2")
    folder = qwen(tmp_path / "qwen", chat=None, words=("1", "0", *recipe.prompt), length=1024)
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    words = AutoTokenizer.from_pretrained(folder)

    def ids(text: str) -> list[int]:
        return list(words(text, add_special_tokens=False)["input_ids"])

    around = [ids(piece) for piece in recipe.prompt]
    room = 1024 if longest is None else longest  # of query and document, as the package counts
    fixed = sum(len(part) for place, part in enumerate(around) if place in (0, 4, 5, 6))
    scorer = causal_lm.load(
        resolved(folder, replace(recipe, max_length=None if longest is None else room + fixed)), CPU
    )
    texts = [*TEXTS, *PROBES[::3], *([LONG[:3000]] if longest else [])]
    prepared = scorer.prepare(QUERY, texts)
    found = scorer.run(prepared)
    yes, no = words.convert_tokens_to_ids(["1", "0"])
    for text, score, each in zip(texts, found, prepared, strict=True):
        both = ids(f"query: {QUERY}")
        both += (ids("\n") + ids(f"document: {text}"))[: room - len(both)]
        with torch.inference_mode():
            logits = model(torch.tensor([[*around[0], *both, *around[4], *around[5], *around[6]]])).logits[0, -1]
        assert score == pytest.approx(float(logits[yes] - logits[no]), abs=1e-4), text
        assert each.tokens == len(both) + fixed
    assert prepared[-1].cut == bool(longest)

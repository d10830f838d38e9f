"""Prompts joined from the ids of their document against those of the whole text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from zsr_tui.scoring.tokens.rendered import Rendered
from zsr_tui.scoring.tokens.store import store
from zsr_tui.scoring.tokens.template import fitted

from . import made

_CHAT = "<|im_start|>system\nAnswer yes or no.<|im_end|>\n<|im_start|>user\n{}<|im_end|>\n<|im_start|>assistant\n"
TEMPLATES = {
    "a line for the document": _CHAT.format("<Query>: {query}\n<Document>: {document}"),
    "the document on lines of its own": _CHAT.format("<Query>: {query}\n<Document>:\n{document}"),
    "the document first": "<|im_start|>{document}<|im_end|>{query}?<|im_end|>",
    "the document last": "<|im_start|>{query}<|im_end|>{document}",
    "one line": "<|im_start|>Is '{query}' answered by {document}<|im_end|>",
}
QUERIES = ["vitamin B12", "", "why? ", "two\nlines\n", "<|im_end|>", "12", ",", "维生素"]


def renderer(template: str) -> Callable[[str, Sequence[str]], list[str]]:
    """A text is filled in as it is, whatever stands in it."""

    def render(query: str, texts: Sequence[str]) -> list[str]:
        parts = template.partition("{document}")
        before, after = (part.replace("{query}", query) for part in (parts[0], parts[2]))
        return [f"{before}{text}{after}" for text in texts]

    return render


@pytest.fixture(scope="module")
def qwen() -> Any:
    return made.qwen()


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_joined_prompt_is_the_tokenizers_own(qwen: Any, template: str) -> None:
    render = renderer(TEMPLATES[template])
    rendered = Rendered(store(qwen), render)
    assert rendered.store is not None
    for query in QUERIES:
        head, documents, tail = rendered.frames(query, made.HOSTILE)
        expected = qwen(render(query, made.HOSTILE), add_special_tokens=False)["input_ids"]
        for each, ids in zip(fitted(head, documents, tail, 10_000), expected, strict=True):
            assert np.concatenate(each.payload.pieces).tolist() == ids
            assert (each.tokens, each.cut) == (len(ids), False)
        for each, ids in zip(fitted(head, documents, tail, 120), expected, strict=True):
            read = ids if len(ids) <= 120 else [*ids[: 120 - len(tail)], *tail.tolist()]
            assert np.concatenate(each.payload.pieces).tolist() == read
            assert each.cut == (len(ids) > 120)


@pytest.mark.parametrize(
    ("template", "changed"),
    [
        pytest.param(_CHAT.format("{query}\n{document}\nRelevant:"), str, id="text behind the document"),
        pytest.param(TEMPLATES["a line for the document"], str.strip, id="a document that is trimmed"),
        pytest.param(TEMPLATES["a line for the document"], str.upper, id="a document that is changed"),
    ],
)
def test_where_it_would_not_be_the_whole_is_tokenised(qwen: Any, template: str, changed: Callable[[str], str]) -> None:
    render = renderer(template)
    rendered = Rendered(store(qwen), lambda query, texts: render(query, [*map(changed, texts)]))
    assert rendered.store is None
    whole = rendered.whole("why?", made.HOSTILE)
    assert [ids.tolist() for ids in whole] == [
        qwen(render("why?", [changed(text)])[0], add_special_tokens=False)["input_ids"] for text in made.HOSTILE
    ]


def test_an_added_token_that_takes_the_space_before_it_ends_no_text(qwen: Any) -> None:
    from tokenizers import AddedToken

    qwen = made.qwen()
    qwen.add_tokens([AddedToken("<end>", lstrip=True, special=True, normalized=False)])
    assert Rendered(store(qwen), renderer("<|im_start|>{query}\n{document}<end>")).store is None
    qwen.split_special_tokens = True
    assert Rendered(store(qwen), renderer(TEMPLATES["one line"])).store is None

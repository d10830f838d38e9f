"""Chat templates that would go on for ever, or fill the memory, are refused before any part of them is run."""

from __future__ import annotations

from pathlib import Path

import pytest

from zsr_tui.domain import Problem
from zsr_tui.scoring.families import causal_lm, pair_template

from ..tiny import CPU
from .test_causal_lm import CHAT, qwen, resolved

LOOPS = "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}"


def test_a_reranker_with_one_is_refused(tmp_path: Path) -> None:
    folder = qwen(tmp_path / "endless", chat=LOOPS + CHAT)
    with pytest.raises(Problem, match=r"the model's chat template has range \(line 1\), which no prompt"):
        causal_lm.load(resolved(folder), CPU)


@pytest.mark.parametrize(
    ("said", "what"),
    [
        pytest.param("{% set f = range %}{% for i in f(99999) %}{% endfor %}", "range", id="renamed"),
        pytest.param("{{ 'a' * 300000000 }}", "a product", id="product"),
        pytest.param("{{ 9 ** 9 ** 9 }}", "a power", id="power"),
        pytest.param("{{ 'a'.ljust(300000000) }}", "ljust", id="method"),
        pytest.param("{{ 'a'['ljust'](300000000) }}", "ljust", id="item"),
        pytest.param("{{ 'a'|center(300000000) }}", "center", id="filter"),
        pytest.param("{% macro f() %}{{ f() }}{{ f() }}{% endmacro %}", "a macro that calls another", id="macro"),
        pytest.param("{% for a in b recursive %}{{ loop(b) }}{% endfor %}", "loops within loops", id="recursive"),
        pytest.param("{% for a in b %}" * 3 + "{% endfor %}" * 3, "loops within loops", id="three"),
        pytest.param("{% if %}", "what cannot be read", id="broken"),
    ],
)
def test_what_could_go_on_is_named(said: str, what: str) -> None:
    with pytest.raises(Problem, match=f"the model's chat template has {what}"):
        pair_template.check({"default": CHAT, "rerank": CHAT + said})


def test_templates_as_people_publish_them_are_taken() -> None:
    pair_template.check(
        CHAT + "{% set ns = namespace(said='') %}{% macro shown(text) %}{{ text | trim }}{% endmacro %}"
        "{% for message in messages[::-1] %}{% if loop.index0 % 2 == 0 and message.content is not string %}"
        "{% for part in message['content'] %}{{ shown(part.text) + '\\n' }}{% endfor %}"
        "{% else %}{% set ns.said = ns.said ~ message.content.strip() %}{% continue %}{% endif %}{% endfor %}"
    )

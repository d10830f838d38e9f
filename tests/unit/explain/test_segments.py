"""Sentences and words, by the rules of Unicode."""

from __future__ import annotations

import pytest

from zsr_tui.explain import segments

PROSE = "Zinc 2.5 mg helped, e.g. in colds. Did it? It did!"


def texts(text: str, spans: list[tuple[int, int]]) -> list[str]:
    return [text[start:end].strip() for start, end in spans]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param(PROSE, ["Zinc 2.5 mg helped, e.g. in colds.", "Did it?", "It did!"], id="english"),
        pytest.param("第一句。第二句？完", ["第一句。", "第二句？", "完"], id="chinese"),
        pytest.param("مرحبا بالعالم. كيف الحال؟ بخير", ["مرحبا بالعالم.", "كيف الحال؟", "بخير"], id="right to left"),
        pytest.param("𝒳 is 😀. Then 𝒴.", ["𝒳 is 😀.", "Then 𝒴."], id="characters beyond the first plane"),
        pytest.param("one", ["one"], id="one word"),
        pytest.param("", [], id="empty"),
        pytest.param(" \n\t ", [], id="white space"),
    ],
)
def test_sentences(text: str, found: list[str]) -> None:
    assert texts(text, segments.sentences(text)) == found


def test_words_come_without_punctuation_and_by_dictionary_where_nothing_stands_between_them() -> None:
    text = "Don't stop: 中文句子, 😀 B12."
    assert texts(text, segments.words(text)) == ["Don't", "stop", "中文", "句子", "B12"]
    assert texts(text, segments.words(text, (6, 14))) == ["stop", "中文"]


def test_a_title_is_a_piece_of_its_own() -> None:
    assert texts("A title Without an end. Two.", segments.sentences("A title Without an end. Two.", "A title")) == [
        "A title",
        "Without an end.",
        "Two.",
    ]


@pytest.mark.parametrize("text", ["word " * 20_000, "x" * 100_000, "Short. " * 15_000], ids=["words", "one", "many"])
def test_a_long_text_is_divided_into_few_pieces_that_are_all_of_it(text: str) -> None:
    found = segments.sentences(text)
    assert 1 < len(found) <= segments.MOST
    assert "".join(text[start:end] for start, end in found).strip() == text.strip()
    if text.startswith("word"):
        assert all(text[end - 1] == " " for _, end in found[:-1])


def test_what_stands_behind_the_end_is_left_out() -> None:
    assert texts(PROSE, segments.sentences(PROSE, end=36)) == ["Zinc 2.5 mg helped, e.g. in colds.", "D"]


def test_leaving_out_and_keeping_are_each_others_rest() -> None:
    first, second, third = segments.sentences(PROSE)
    assert segments.without(PROSE, second) == "Zinc 2.5 mg helped, e.g. in colds. It did!"
    assert segments.only(PROSE, [third, first]) == segments.without(PROSE, second)

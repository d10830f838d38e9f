"""Where the tokens that late interaction matched stand in the document's text."""

from __future__ import annotations

import pytest

from zsr_tui.explain.late import places


@pytest.mark.parametrize(
    ("text", "tokens", "found"),
    [
        (
            "Cooking syrup, then caramels",
            ["[CLS]", "[unused1]", "cooking", "syrup", "caramel", "##s"],
            "Cooking syrup caramel s",
        ),
        ("A naïve tea. Green tea", ["[CLS]", "a", "naive", "tea", "green", "tea", "[SEP]"], "A tea Green tea"),
        ("Das Haus am See", ["<s>", "▁Das", "▁Haus", "▁am", "▁See", "</s>"], "Das Haus am See"),
        ("İstanbul Tea", ["tea"], "Tea"),
        ("nothing of it", ["[CLS]", "[UNK]", ""], ""),
    ],
    ids=[
        "pieces of words",
        "a letter that loses its accent",
        "a mark before each word",
        "a longer small letter",
        "no words",
    ],
)
def test_each_token_is_found_in_its_place(text: str, tokens: list[str], found: str) -> None:
    spans = [span for each in places(text, tokens) for span in each]
    assert " ".join(text[start:end] for start, end in spans) == found
    assert spans == sorted(spans)


def test_a_token_is_not_taken_for_a_letter_far_behind_it() -> None:
    text = "ab " + "–" * 100 + " s"
    assert places(text, ["ab", "s"]) == [((0, 2),), ()]

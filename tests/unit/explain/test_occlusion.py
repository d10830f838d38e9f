"""What a score loses when something is left out, with a score that can be reckoned by hand."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import pytest

from zsr_tui.explain import occlusion
from zsr_tui.scoring import ScoreBatch

TEXT = "Zinc helps. Zinc and zinc. Water is wet. Nobody slept."


class Counting:
    """One for each "zinc", minus one for each "water", in batches of `size`; NaN for a text without `needed`."""

    def __init__(self, size: int = 2, needed: str = "") -> None:
        self._size, self._needed = size, needed
        self.asked: list[str] = []

    def __call__(self, texts: Sequence[str]) -> Iterator[ScoreBatch]:
        self.asked += texts
        for start in range(0, len(texts), self._size):
            places = range(start, min(start + self._size, len(texts)))
            sound = [place for place in places if self._needed in texts[place]]
            yield ScoreBatch(
                tuple(sound),
                tuple(float(texts[place].lower().count("zinc") - texts[place].count("Water")) for place in sound),
                (False,) * len(sound),
                tuple(place for place in places if place not in sound),
            )


def test_shares_are_what_the_shortened_texts_lose_and_come_with_every_batch() -> None:
    score = Counting()
    *_, last = known = list(occlusion.sentences(score, TEXT))
    assert [part.share for part in known[0].parts] == [1.0, None, None, None]
    assert (last.score, [part.share for part in last.parts]) == (2.0, [1.0, 2.0, -1.0, 0.0])
    assert [part.values[0] for part in last.parts] == [1.0, 0.0, 3.0, 2.0]
    assert (last.sum, last.additive) == (2.0, False)
    assert score.asked[1:3] == ["Zinc and zinc. Water is wet. Nobody slept.", "Zinc helps. Water is wet. Nobody slept."]
    assert (last.done, last.total, last.cost.scored) == (9, 9, 9)


def test_nothing_moves_up_from_behind_the_cut_in_the_table_nor_in_faithfulness() -> None:
    """The model reads two sentences and half of the third."""
    end = TEXT.index("is wet")
    score = Counting()
    *_, last = occlusion.sentences(score, TEXT, end=end)
    assert [part.text for part in last.parts] == ["Zinc helps.", "Zinc and zinc.", "Water"]
    assert score.asked[1:4] == ["Zinc and zinc. Water ".strip(), "Zinc helps. Water", "Zinc helps. Zinc and zinc."]
    ((top,),) = (table.parts for table in last.tables)
    assert top.values[1] == last.parts[1].values[0]
    assert set(score.asked[4:]) == {"Zinc and zinc.", score.asked[2]}


def test_faithfulness_is_what_the_top_sentences_score_alone_and_what_is_left_without_them() -> None:
    *_, last = occlusion.sentences(Counting(), TEXT)
    (table,) = last.tables
    assert table.note.startswith(
        "Alone, the top sentence holds most of what is lost without it: the score rests on it. "
    )
    assert [(part.text, part.values) for part in table.parts] == [
        ("the top sentence", (2.0, 0.0)),
        ("the top 3 sentences", (3.0, -1.0)),
    ]


@pytest.mark.parametrize(
    ("scores", "said"),
    [
        pytest.param(
            (-10.88, 1.9, -10.66, -10.9),
            "Alone, the top 3 sentences hold most of what is lost without them: the score rests on them, not on the "
            "first alone. ",
            id="three hold it and the first does not",
        ),
        pytest.param(
            (-10.88, -9.0, -10.66, -10.9),
            "The score falls without the top 3 sentences, and alone they do not hold it: it rests on them together "
            "with others. ",
            id="none holds it",
        ),
        pytest.param(
            (-10.88, -9.0, -10.66, 2.1),
            "The score does not fall without the top 3 sentences: the shares do not say what it rests on. ",
            id="it does not fall",
        ),
    ],
)
def test_the_sentence_above_faithfulness_says_what_its_numbers_say(scores: tuple[float, ...], said: str) -> None:
    """`scores`: of the first sentence and of the first three alone, and of the text without each."""
    calls = iter([[2.0, -2.0, 1.0, 1.5], [1.6], scores])

    def score(texts: Sequence[str]) -> Iterator[ScoreBatch]:
        found = tuple(next(calls))
        assert len(found) == len(texts)
        yield ScoreBatch(tuple(range(len(found))), found, (False,) * len(found), ())

    *_, last = occlusion.sentences(score, TEXT)
    (table,) = last.tables
    assert table.note.startswith(said)
    assert [part.values for part in table.parts] == [(scores[0], scores[2]), (scores[1], scores[3])]


def test_each_word_of_the_query_is_left_out_behind_the_sentences() -> None:
    """A score of as many as the query has characters."""
    asked: list[tuple[list[str], str]] = []
    query = "the zinc of zinc salt, why"

    def score(texts: Sequence[str]) -> Iterator[ScoreBatch]:
        yield ScoreBatch((0,), (float(len(query)),), (False,), ())

    def asking(queries: Sequence[str], text: str) -> Iterator[ScoreBatch]:
        """The last first, and of the second no number."""
        asked.append((list(queries), text))
        yield ScoreBatch((2,), (float(len(queries[2])),), (False,), ())
        yield ScoreBatch((0,), (float(len(queries[0])),), (False,), (1,))

    *_, first, last = occlusion.sentences(score, "Zinc.", asking=asking, query=query)
    assert asked == [(["the  of  salt, why", "the zinc of zinc , why", "the zinc of zinc salt,"], "Zinc.")]
    assert [part.text for part in first.tables[0].parts] == ["why"]
    (table,) = last.tables
    assert [(part.text, part.share, part.values) for part in table.parts] == [
        ("zinc", 8.0, (18.0,)),
        ("why", 4.0, (22.0,)),
        ("salt", None, (None,)),
    ]
    assert (last.done, last.total, last.cost.scored) == (4, 5, 4)


def test_words_of_a_sentence_are_left_out_in_the_whole_text() -> None:
    score = Counting(size=9)
    (found,) = occlusion.words(score, TEXT, (12, 27))
    assert [(part.text, part.share) for part in found.parts] == [("Zinc", 1.0), ("and", 0.0), ("zinc", 1.0)]
    assert score.asked[1].startswith("Zinc helps.  and zinc.")


def test_a_variant_without_a_number_has_no_share_and_says_so() -> None:
    *_, last = occlusion.sentences(Counting(needed="helps"), TEXT)
    assert [part.share for part in last.parts] == [None, 2.0, -1.0, 0.0]
    assert last.parts[0].note == "the model gives no number without it"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("", "There is nothing to leave out", id="an empty document"),
        pytest.param("Zinc", "one sentence", id="a document of one word"),
        pytest.param("No number. At all.", "no finite number", id="a document without a score"),
    ],
)
def test_what_cannot_be_explained_is_told(text: str, said: str) -> None:
    *_, last = occlusion.sentences(Counting(needed="Zinc" if text.startswith("No") else ""), text)
    assert said in last.notes[0]
    assert all(part.share is None or math.isfinite(part.share) for part in last.parts)


def test_a_hundred_thousand_characters_cost_few_inputs() -> None:
    score = Counting(size=100)
    list(occlusion.sentences(score, "Zinc helps. " * 8_334))
    assert len(score.asked) < 80
    assert occlusion.requests("Zinc helps. " * 8_334) == 4

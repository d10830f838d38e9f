"""Explanations of small models of every family: sums are scores, inputs are what the model reads."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from sentence_transformers import CrossEncoder

from tests.unit.scoring import tiny, tiny_splade, tiny_t5
from tests.unit.scoring.families.test_late_interaction import MAKERS as LATE
from tests.unit.scoring.families.test_late_interaction import native
from zsr_tui.domain import Problem
from zsr_tui.explain import answers, gradient, late, occlusion, pairwise, seen, sparse
from zsr_tui.scoring import ScoringService
from zsr_tui.scoring.cache import ScoreCache

QUERY = "vitamin of the blood"
TEXT = "cold water and health. the blood is acid."
WORDS = (*tiny_splade.SPECIAL, *QUERY.split(), *TEXT.replace(".", "").split(), "sleep")

Named = Callable[[str], str]
MAKERS: dict[str, tuple[str, Callable[[Path], Path]]] = {
    "cross-encoder": ("cross-encoder", tiny.reranker),
    "monot5": ("monot5", tiny_t5.checkpoint),
    "untied monot5": ("monot5", lambda folder: tiny_t5.checkpoint(folder, "untied")),
    "duot5": ("duot5", tiny_t5.checkpoint),
    "late-interaction": ("late-interaction", native),
    "meanmaxsim": ("late-interaction", lambda folder: native(folder, similarity="meanmaxsim")),
    "sparse": ("sparse", lambda folder: tiny_splade.save(folder, list(dict.fromkeys(WORDS)), 32)),
}


@pytest.fixture(scope="module")
def scoring() -> Iterator[ScoringService]:
    service = ScoringService()
    yield service
    service.close()


@pytest.fixture
def named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Named:
    """The model of a name, made and known as its family."""

    def make(name: str) -> str:
        family, maker = MAKERS[name]
        folder = maker(tmp_path / "model")
        tiny.catalogued(monkeypatch, folder, family)
        return str(folder)

    return make


def score(scoring: ScoringService, model: str, query: str, text: str) -> float:
    (batch,) = scoring.score(model, query, [text])
    return batch.scores[0]


@pytest.mark.parametrize("name", ["late-interaction", "meanmaxsim", "sparse"])
def test_shares_of_additive_models_sum_to_the_score(scoring: ScoringService, named: Named, name: str) -> None:
    model = named(name)
    explain = sparse.explain if name == "sparse" else late.explain
    found = explain(scoring, model, QUERY, TEXT)
    assert found.additive
    assert found.sum == pytest.approx(score(scoring, model, QUERY, TEXT), abs=1e-4)
    assert found.sum == pytest.approx(sum(part.share or 0.0 for part in found.parts), abs=1e-6)
    assert found.parts[0].text
    if name == "sparse":
        assert {part.text for part in found.parts if not part.note} <= {*QUERY.split()} & {
            *TEXT.replace(".", "").split()
        }
        assert all("expansion" in part.note for part in found.parts if part.text not in TEXT)
    else:
        token, place, product = found.parts[0].values
        assert isinstance(place, int)
        marked = {TEXT[start:end] for part in found.parts for start, end in part.spans}
        assert marked <= {str(part.values[0]).removeprefix("##") for part in found.parts}
        assert all(part.spans for part in found.parts if str(part.values[0]).isalpha()), (token, found.parts)
        assert (place > 0, product) == (
            True,
            pytest.approx((found.parts[0].share or 0) * (len(found.parts) if name == "meanmaxsim" else 1)),
        )


def test_expansion_is_told_of_an_empty_document_too(scoring: ScoringService, named: Named) -> None:
    model = named("sparse")
    expected, empty = (sparse.explain(scoring, model, QUERY, text).tables[0].parts for text in ("sleep", ""))
    told = {part.text: part.note for part in expected}
    shared = [part for part in empty if part.text in told]
    assert "expansion" in told.values()
    assert shared
    assert [part.note for part in shared] == [told[part.text] for part in shared]


def test_a_monot5_says_how_likely_its_answers_are_among_all_tokens(scoring: ScoringService, named: Named) -> None:
    model = named("monot5")
    table = answers.table(scoring, model, QUERY, TEXT)
    (true, _), (false, _) = ((part.values[0], part.note) for part in table.parts[:2])
    assert [part.note for part in table.parts] == ["true", "false", *[""] * answers.MOST]
    assert math.log(true / (true + false)) == pytest.approx(score(scoring, model, QUERY, TEXT), abs=1e-4)  # type: ignore[operator]
    others = [float(part.values[0]) for part in table.parts[2:]]  # type: ignore[arg-type]
    assert others == sorted(others, reverse=True)
    assert sum(others) < 1


def test_a_checkpoint_whose_output_layer_is_not_kept_says_so(scoring: ScoringService, named: Named) -> None:
    table = answers.table(scoring, named("untied monot5"), QUERY, TEXT)
    assert table.parts == ()
    assert "not kept in memory" in table.note


def test_duels_sum_to_the_score_that_all_of_them_make(scoring: ScoringService, named: Named) -> None:
    model, texts = named("duot5"), ["cold water", "the blood is acid", "sleep", "health of the blood"]
    (batch,) = scoring.score(model, QUERY, texts)
    for place, expected in enumerate(batch.scores):
        found = next(
            pairwise.explain(scoring, model, QUERY, [(f"d{at}", text) for at, text in enumerate(texts)], place)
        )
        assert found.sum == pytest.approx(expected, abs=1e-5)
        assert len(found.parts) == len(texts) - 1
        assert [part.share for part in found.parts] == sorted(part.share for part in found.parts)  # type: ignore[type-var]
        lost = sum(part.note == "lost" for part in found.parts)
        assert found.notes == (f"It lost to {lost} of 3 others, and won against {3 - lost}.",)
        assert all((part.note == "lost") == ((part.share or 0) < 1) for part in found.parts)


@pytest.mark.parametrize("rival", ["b", ""], ids=["one that is asked for", "the heaviest loss"])
def test_a_sentence_is_left_out_of_the_duel_with_one_document(
    scoring: ScoringService, named: Named, rival: str
) -> None:
    model, text = named("duot5"), "Cold water. The blood is acid. Sleep and health."
    texts = {"a": "health of the blood", "me": text, "b": "sleep"}
    *_, found = pairwise.explain(
        scoring, model, QUERY, list(texts.items()), 1, rival=rival, titles={"a": "Health", "b": "Sleep"}
    )
    worst = min(found.parts, key=lambda part: part.share or 0.0)
    against = next(part for part in found.parts if part.text == (rival or worst.text))
    assert found.sum == pytest.approx(sum(part.share or 0.0 for part in found.parts))
    table, words, kept = found.tables
    said = "lost" if (against.share or 0) < 1 else "won"
    assert (against.note, table.title.split(":")[0]) == (
        f"{said}: {'Health' if against.text == 'a' else 'Sleep'}",
        f"Its duel with {against.text}, which it {said}",
    )
    by_hand = {
        "Cold water.": "The blood is acid. Sleep and health.",
        "The blood is acid.": "Cold water. Sleep and health.",
        "Sleep and health.": "Cold water. The blood is acid.",
    }
    assert [part.text for part in table.parts] == list(by_hand)
    for part, shorter in zip(table.parts, by_hand.values(), strict=True):
        (batch,) = scoring.score(model, QUERY, [shorter, texts[against.text]])
        assert part.values[0] == pytest.approx(batch.scores[0], abs=1e-5)
        assert part.share == pytest.approx((against.share or 0.0) - batch.scores[0], abs=1e-5)
        assert [text[slice(*span)].strip() for span in part.spans] == [part.text]
    (first,) = kept.parts  # of three sentences
    heaviest = max(table.parts, key=lambda part: part.share or 0.0)
    variants = [heaviest.text, by_hand[heaviest.text]]
    for variant, value in zip(variants, first.values, strict=True):
        (batch,) = scoring.score(model, QUERY, [variant, texts[against.text]])
        assert value == pytest.approx(batch.scores[0], abs=1e-5)
    assert (kept.title, first.text) == ("Faithfulness", "the top sentence")
    assert {part.text for part in words.parts} == {"vitamin", "blood"}
    for part in words.parts:
        shorter = QUERY.replace(part.text, "").strip()
        (batch,) = scoring.score(model, shorter, [text, texts[against.text]])
        assert part.values[0] == pytest.approx(batch.scores[0], abs=1e-5)
        assert part.share == pytest.approx((against.share or 0.0) - batch.scores[0], abs=1e-5)
    assert (found.done, found.total, found.cost.scored) == (1 + 3 + 2 + 2, 8, 2 * (2 + 7))


def test_gradients_are_those_of_the_score_by_the_embeddings(scoring: ScoringService, named: Named) -> None:
    model, query, text = named("cross-encoder"), "a b", "c d e f"
    found = gradient.explain(scoring, model, query, text)
    assert found.score == pytest.approx(score(scoring, model, query, text), abs=1e-5)
    assert [part.text for part in found.parts] == text.split()
    assert np.ptp([part.share for part in found.parts]) > 0
    long = gradient.explain(scoring, model, query, " ".join("abcdefgh" * 10))
    assert 20 < len(long.parts) < 32  # what was read
    assert found.gradient
    assert scoring.examine(model, gradient.has)


def test_a_document_without_a_finite_number_has_no_slopes(
    scoring: ScoringService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ScoringService, "examine", lambda *_, **__: (math.nan, [(0, 4, math.nan)]))
    found = gradient.explain(scoring, "m", QUERY, "cold")
    assert (found.score, found.sum, [part.share for part in found.parts]) == (None, None, [None])
    assert "no finite number" in found.notes[0]


def test_a_cross_encoder_with_a_prompt_of_its_own_is_not_offered_gradients(
    scoring: ScoringService, named: Named
) -> None:
    """Its inputs are no plain tokens."""
    model = named("cross-encoder")
    CrossEncoder(model, prompts={"rerank": "find: "}, default_prompt_name="rerank").save_pretrained(model)
    assert not scoring.examine(model, gradient.has)
    with pytest.raises(Problem, match="only cross-encoders that torch runs do"):
        gradient.explain(scoring, model, QUERY, TEXT)


def test_a_model_without_gradients_says_what_has_them(scoring: ScoringService, named: Named) -> None:
    with pytest.raises(Problem, match="only cross-encoders that torch runs do"):
        gradient.explain(scoring, named("monot5"), QUERY, TEXT)
    assert not scoring.examine(named("monot5"), gradient.has)


@pytest.mark.parametrize(
    ("name", "template", "query"),
    [
        pytest.param("cross-encoder", ["[CLS]", "[SEP]", "[SEP]"], ["a", "b"], id="a pair"),
        pytest.param(
            "monot5", ["▁Query", ":", "▁Document", ":", "▁Relevant", ":", "</s>"], ["▁vitamin"], id="a prompt"
        ),
    ],
)
def test_the_input_is_told_apart(
    scoring: ScoringService, named: Named, name: str, template: list[str], query: list[str]
) -> None:
    model = named(name)
    text = "c d zzz" if name == "cross-encoder" else "cold water"
    found = seen.of_model(scoring, model, "a b" if name == "cross-encoder" else "vitamin", text)
    assert [token.text for token in found.tokens if token.of == "template"] == template
    assert [token.text for token in found.tokens if token.of == "query"] == query
    assert found.cut_at is None
    assert [token.text for token in found.tokens if token.unknown] == (["[UNK]"] if name == "cross-encoder" else [])


@pytest.mark.parametrize("maker", ["native", "expanded"])
def test_late_interaction_reads_the_query_by_itself(
    scoring: ScoringService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, maker: str
) -> None:
    folder = LATE[maker](tmp_path / "model")
    tiny.catalogued(monkeypatch, folder, "late-interaction")
    found = seen.of_model(scoring, str(folder), "plasma folate", "plasma")
    own = [token for token in found.tokens if token.of == "query"]
    assert "".join(token.text for token in own).replace("##", "") == "plasmafolate"
    assert "".join(token.text for token in found.tokens if token.of == "document").replace("##", "") == "plasma"
    assert found.inputs is not None
    asked, limit = found.inputs["query"]
    assert (asked > len(own), limit) == (True, None)
    expansion = {token.of for token in found.tokens if token.text == "[MASK]"}
    assert expansion == ({"template"} if maker == "expanded" else set())


def test_a_cut_input_says_what_of_the_query_lies_beyond(scoring: ScoringService, named: Named) -> None:
    model = named("cross-encoder")
    found = seen.of_model(scoring, model, "a g", f"{'b ' * 40}a g")
    assert found.counts is not None
    assert sum(found.counts.values()) == found.limit == 32
    assert found.cut_at is not None
    assert 40 < found.cut_at < 80
    assert found.beyond == ("g",)  # "a" is a stop word


def test_occlusion_of_a_cut_document_leaves_out_only_what_is_read(scoring: ScoringService, named: Named) -> None:
    model, text = named("cross-encoder"), "A b c d. " * 30
    *_, last = occlusion.sentences(occlusion.score_with(scoring, model, "a b"), text, end=60)
    assert len(last.parts) == 7
    assert "The input was cut" in last.notes[0]


def test_several_queries_are_asked_of_one_text_together_and_known_afterwards(
    scoring: ScoringService, named: Named, tmp_path: Path
) -> None:
    model, text, queries = named("cross-encoder"), "a b c d", ["a b", "b c", "a", "d e f g", "c", "h"]
    cache = ScoreCache(tmp_path / "scores.sqlite3", 10**6)
    asked = occlusion.asking_with(ScoringService(cache, scoring.fleet), model)
    first, second = asked(queries, text)
    assert (first.indices, second.indices) == ((0, 1, 2, 3), (4, 5))
    alone = [next(iter(scoring.score(model, query, [text], fresh=True))).scores[0] for query in queries]
    assert [*first.scores, *second.scores] == pytest.approx(alone, abs=1e-6)
    known, left = asked([*queries[1:4], "new"], text)
    assert (known.known, known.indices, known.scores) == (True, (0, 1, 2), first.scores[1:])
    assert (left.known, left.indices) == (False, (3,))
    cache.close()

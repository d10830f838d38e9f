"""What is said of two scorers' scores, planted one by one, and that nothing is said of noise."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from zsr_tui.evaluation.parity import inputs, rounding, vectors
from zsr_tui.evaluation.parity.compared import Compared, compared, facts_of, found_in, usual_tolerance
from zsr_tui.evaluation.parity.observed import Input, Observed
from zsr_tui.parity import Finding

PLACES = 10
Of = Callable[[Observed, random.Random], float]


def pairs(of: Of, seed: int = 1, count: int = 200) -> list[Observed]:
    """B's scores are made `of` pairs that have A's: 2 to 40 tokens, a fifth without a title, cut at 30."""
    order = random.Random(seed)
    made = []
    for number in range(count):
        words = [order.choice("abcdefgh") for _ in range(order.randint(2, 40))]
        read = Input(("[CLS]", *words[:30]), ("template", *["document"] * len(words[:30])), len(words) > 30)
        pair = Observed(
            query=number // PLACES,
            place=number % PLACES,
            question="a b",
            title=order.choice(["", "a", "b", "c", "d"]),
            text=" ".join(words),
            a=order.gauss(0, 3),
            b=0.0,
            cut_a=read.cut,
            read_a=(read,),
        )
        made.append(replace(pair, b=of(pair, order)))
    return made


def held(found: list[Observed]) -> tuple[Compared, list[Finding]]:
    done = compared(found, usual_tolerance([pair.a for pair in found], ["fp32", "fp32"])[0])
    return done, list(found_in(done, found))


def sigmoid(logit: float) -> float:
    return 1 / (1 + math.exp(-logit))


def by_query(made: list[Observed], of: Callable[[np.ndarray], np.ndarray]) -> list[Observed]:
    """B's scores are `of` A's for each query."""
    found = []
    for start in range(0, len(made), PLACES):
        group = made[start : start + PLACES]
        values = of(np.array([pair.a for pair in group]))
        found += [replace(pair, b=float(value)) for pair, value in zip(group, values, strict=True)]
    return found


MAPS = [
    pytest.param(lambda a: a - 3, "B is A and a constant: B = A − 3 (all 200 scores).", id="constant"),
    pytest.param(lambda a: a / 2 + 1, "B is A on another scale: B = 0.5 × A + 1 (all 200 scores).", id="scale"),
    pytest.param(lambda a: -a, "B is A with the other sign: one is a distance (all 200 scores).", id="sign"),
    pytest.param(lambda a: 1 - a, "B is 1 − A: one is a distance (all 200 scores).", id="distance"),
    pytest.param(
        lambda a: 2 - 3 * a,
        "B falls where A rises (one is a distance): B = −3 × A + 2 (all 200 scores).",
        id="scaled distance",
    ),
    pytest.param(math.exp, "B is exp(A): one is a log-probability and the other a probability (all", id="exp"),
    pytest.param(sigmoid, "B is the sigmoid of A: one is a logit and the other a probability (all 200", id="sigmoid"),
    pytest.param(
        lambda a: sigmoid(a / 2 + 1),
        "B is a sigmoid of A with a temperature: the logit of B = 0.5 × A + 1 (all 200 scores).",
        id="temperature",
    ),
]


@pytest.mark.parametrize(("of", "sentence"), MAPS)
def test_a_map_of_the_scores_is_named_with_its_constants(of: Callable[[float], float], sentence: str) -> None:
    done, found = held(pairs(lambda pair, _: of(pair.a)))
    assert not done.equal
    assert [each.sentence[: len(sentence)] for each in found] == [sentence]
    _, back = held([replace(pair, a=pair.b, b=pair.a) for pair in pairs(lambda pair, _: of(pair.a))])
    assert [each.kind for each in back] == ["map"]


def test_what_a_server_makes_of_a_querys_scores_is_named() -> None:
    made = pairs(lambda pair, _: pair.a)
    _, found = held(by_query(made, lambda a: (a - a.min()) / np.ptp(a)))
    assert [each.sentence for each in found] == [
        "B is A brought to 0 ... 1 within each query (min-max) (all 200 scores)."
    ]
    _, found = held(by_query(made, lambda a: np.exp(a) / np.exp(a).sum()))
    assert [each.kind for each in found] == ["map"]
    assert "softmax" in found[0].sentence
    _, found = held(by_query(made, lambda a: np.sort(a)[::-1]))
    assert [each.kind for each in found] == ["permuted"]
    assert "(180 of 180 steps): the server sorts its results and numbers them anew" in found[0].sentence


def test_a_cut_is_named_by_its_length_and_a_second_cause_beside_it() -> None:
    off = lambda order: order.gauss(0, 1)  # noqa: E731
    _, found = held(pairs(lambda pair, order: pair.a + (off(order) if (pair.tokens or 0) > 21 else 0)))
    assert [each.sentence for each in found] == [
        "The scores differ only where the input is longer than 21 tokens: 111 of 111 such pairs differ, 0 of 89 others."
    ]
    done, found = held(pairs(lambda pair, order: sigmoid(pair.a + (off(order) if pair.cut_a or not pair.title else 0))))
    assert [each.kind for each in found] == ["map", "fact", "fact"]
    assert "Beside that the scores differ wherever A cuts the input: " in found[1].sentence
    assert "Of the others, beside that the scores differ only where the document has no title" in found[2].sentence
    facts = facts_of(done.left)
    assert {facts[0].name, facts[1].name} <= {
        "the document has no title",
        "the document has a title",
        "A cuts the input",
    }
    assert (facts[0].explained or 0) > 0.3


def test_scores_that_are_further_off_where_a_fact_is_true_are_told_with_both_medians() -> None:
    _, found = held(
        pairs(lambda pair, order: pair.a + order.choice([-1, 1]) * (2 if pair.cut_a else 0.1) * order.random())
    )
    (fact,) = found
    assert fact.sentence.startswith("They are furthest apart where A cuts the input: by ")
    assert fact.sentence.endswith("% of the variance).")


@pytest.mark.parametrize("spread", [pytest.param(1e-5, id="tiny"), pytest.param(1e-2, id="small"), 1.0])
def test_noise_has_nothing_in_common(spread: float) -> None:
    """A chance of one in a thousand for each comparison: 20 of these have none."""
    for seed in range(20):
        done, found = held(pairs(lambda pair, order: pair.a + order.gauss(0, spread), seed, 120))
        assert [each.kind for each in found] == {1e-5: [], 1e-2: ["noise"], 1.0: ["open"]}[spread], seed
        assert done.equal == (spread == 1e-5)


def test_scores_that_have_nothing_to_do_with_each_other_are_not_explained_away() -> None:
    _, found = held(pairs(lambda _, order: order.gauss(0, 3)))
    (left,) = found
    assert "200 of 200 scores differ whatever the pair" in left.sentence
    assert "A reads «[CLS] b e b h h h g ...» for the first pair; what B puts around" in left.sentence
    _, found = held(pairs(lambda *_: 0.5))
    assert [each.sentence for each in found] == ["B gives all 200 pairs the same score, 0.5."]


def test_what_is_no_number_is_counted_and_what_it_has_in_common_named() -> None:
    broken = {"n": math.nan, "i": math.inf}
    made = pairs(lambda pair, _: pair.a)
    spoilt = [
        replace(pair, a=math.nan if at == 3 else pair.a, b=broken["ni"[at % 2]] if pair.cut_a or at == 3 else pair.b)
        for at, pair in enumerate(made)
    ]
    done, found = held(spoilt)
    count = sum(pair.cut_a for pair in made) - made[3].cut_a
    assert done.scores.lacking == (0, count, 1)
    assert not done.equal
    assert int(done.differs.sum()) == count
    assert f"B gives no finite score for {count} of 200 pairs." in [each.sentence for each in found]
    assert found[1].sentence == "Neither gives a finite score for 1 of 200 pairs."
    assert "B's score is no number" in found[-1].sentence
    assert "where A cuts the input" in found[-1].sentence


@pytest.mark.parametrize(
    ("of", "name"),
    [
        pytest.param(lambda a: float(np.float16(a)), "fp16", id="fp16"),
        pytest.param(
            lambda a: float((np.array([a], "<f4").view("<u4") & 0xFFFF0000).view("<f4")[0]), "bf16", id="bf16"
        ),
        pytest.param(lambda a: round(a, 2), "2 decimals", id="two decimals"),
    ],
)
def test_rounded_scores_are_named_by_what_they_are_rounded_to(of: Callable[[float], float], name: str) -> None:
    made = pairs(lambda pair, _: of(pair.a))
    a, b = (np.array(values) for values in zip(*[(pair.a, pair.b) for pair in made], strict=True))
    assert rounding.sentence(a, b).startswith(f"B is A rounded to {name}: all 200 of its scores are such numbers")
    assert rounding.sentence(b, a).startswith(f"A is B rounded to {name}")
    assert rounding.sentence(a, a) == ""
    assert rounding.sentence(a, b + 1) == ""


def test_inputs_are_told_apart_by_what_one_lacks() -> None:
    def read(text: str) -> tuple[Input]:
        tokens = tuple(text.split())
        template = ("[CLS]", "[SEP]", "query:")
        of = tuple("template" if token in template else "query" if token in "xyz" else "document" for token in tokens)
        return (Input(tokens, of),)

    whole = read("[CLS] x y a b a b [SEP]")
    assert inputs.apart(whole, whole) is None
    for other, lacks, part, count in (
        ("[CLS] x y a b [SEP]", "B", "the end of the document", 2),
        ("[CLS] x y b a b [SEP]", "B", "the beginning of the document", 1),
        ("[CLS] x a b a [SEP]", "B", "the end of the query and the document", 2),
        ("[CLS] x y z a b a b [SEP]", "A", "the end of the query", 1),
        ("[CLS] query: x y a b a b [SEP]", "A", "tokens of the template", 1),
        ("[CLS] x y c d a b [SEP]", "", "", 0),
        ("[CLS] y a b a b a [SEP]", "", "", 0),
    ):
        found = inputs.apart(whole, read(other))
        assert found is not None
        assert (found.lacks, found.part, found.count) == (lacks, part, count), other


def test_vectors_tell_prompts_lengths_and_dimensions_apart() -> None:
    order = np.random.default_rng(2)
    queries, documents = (np.float32(order.normal(size=(12, 8))) for _ in range(2))
    queries /= np.linalg.norm(queries, axis=1, keepdims=True)
    documents /= np.linalg.norm(documents, axis=1, keepdims=True)
    assert list(vectors.findings((queries, documents), (queries, documents))) == []
    assert vectors.overlap((queries, documents), (queries, documents)) == 10
    for others, kinds in (
        ((queries[::-1], documents), ["prompt"]),
        ((queries, documents[::-1]), ["prompt"]),
        ((queries[::-1], documents[::-1]), ["weights"]),
        ((queries * 3, documents * 3), ["normalisation"]),
        ((queries[:, :4], documents[:, :4]), ["dimension", "normalisation"]),
    ):
        assert [each.kind for each in vectors.findings((queries, documents), others)] == kinds
    broken = documents.copy()
    broken[0] = np.nan
    assert list(vectors.findings((queries, documents), (queries, broken))) == []


def test_inputs_that_differ_in_another_way_than_most_are_accounted_for() -> None:
    def lacking(part: str, side: str = "B") -> inputs.Apart:
        return inputs.Apart("", 3, side, part, 4, ("a", "b"))

    most, both = [lacking("the end of the document")] * 3, lacking("the end of the query and the document")
    said = inputs.sentence([*most, both], 4, (20, 16))
    assert said.startswith("All 4 inputs differ: in 3 B lacks the end of the document (4 tokens; the longest input has")
    assert said.endswith("; in the other 1 B lacks the end of the query and the document")
    assert inputs.sentence([*most, both, lacking("", "")], 5, (20, 16)).endswith("; the other 2 differ in another way")

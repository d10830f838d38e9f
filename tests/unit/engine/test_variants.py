"""Variants of a query: their texts, and what each makes of every system's list, with made-up systems."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from zsr_tui.api.events import AnyEvent, JobProgress, SystemFailed
from zsr_tui.api.notes import ReadKept
from zsr_tui.api.questions import WriteVariant
from zsr_tui.api.requests import SearchRequest, VariantsRequest
from zsr_tui.api.variants import Variant, VariantMeasured, VariantsFinished, VariantsFound
from zsr_tui.domain import Problem, Query, ScoredDoc
from zsr_tui.engine.variants import generation, measuring, texts
from zsr_tui.progress import Cancelled, CancelToken
from zsr_tui.text import Found, Span, Terms

RARITY = {"vitamin": 2.0, "deficiency": 3.0, "levels": 1.0, "homocysteine": 6.0, "increases": 0.5, "blood": 1.5}


def idf(text: str) -> list[float]:
    return [RARITY.get(word.lower(), 4.0) for word in text.split()]


@pytest.mark.parametrize(
    ("query", "shortened"),
    [
        ("a deficiency of vitamin B12 increases blood levels of homocysteine", "deficiency vitamin B12 homocysteine"),
        ("increases in Iceland", "Iceland"),
        ("Vitamin Deficiency Increases Blood Levels", "Vitamin Deficiency"),
        ("homocysteine", "homocysteine"),
    ],
    ids=["a sentence", "a name", "title case", "one term"],
)
def test_a_shortened_query_keeps_its_names_and_rarest_terms(query: str, shortened: str) -> None:
    found = texts.variants(query, idf, Terms.of(query))
    assert [each.text for each in found if each.kind == "shortened"] == ([shortened] if shortened != query else [])


@pytest.mark.parametrize(
    ("query", "rest"),
    [
        ("reduces stroke but not myocardial infarction", "reduces stroke"),
        ("bread without yeast, in the oven", "bread in the oven"),
        ("it does not work in adults", "it does in adults"),
        ("doesn't help patients", ""),
        ("nothing of the kind", "nothing of the kind"),
        ("not of the same age in mice", "in mice"),
    ],
    ids=["but not", "without", "not", "a contraction", "nothing negated", "not of"],
)
def test_negated_words_are_dropped(query: str, rest: str) -> None:
    assert texts.without_negated(query) == rest


class Named:
    """Terms that a test names, each found as it is written."""

    def __init__(self, *terms: str) -> None:
        self.stems = frozenset(terms)

    def find(self, text: str) -> list[Found]:
        return sorted((text.find(term), text.find(term) + len(term), term) for term in self.stems if term in text)

    def spans(self, text: str) -> tuple[Span, ...]:
        return tuple((start, end) for start, end, _ in self.find(text))


def test_terms_are_those_of_another_language_and_no_english_is_read_into_it() -> None:
    german = texts.variants("Not der Stadt", lambda _: [1.0], Named("Not", "Stadt"), "de")
    assert [(each.kind, each.text) for each in german] == [
        ("shortened", "Not"), ("without", "der Stadt"), ("without", "Not der"),
    ]  # fmt: skip
    rarity = {"机器": 3.0, "器学": 1.0, "学习": 2.0, "a": 0.5}
    chinese = texts.variants("机器学习 a", lambda word: [rarity[word]], Named("机器", "学习", "a"), "zh")
    assert chinese[0] == Variant(kind="shortened", text="机器学习")


@pytest.mark.parametrize(
    ("query", "small"),
    [
        ("Effects of Statin Therapy on DNA", "effects of statin therapy on DNA"),
        ("Statin therapy in Iceland", "statin therapy in Iceland"),
        ("statin therapy", "statin therapy"),
    ],
    ids=["title case", "a sentence", "small"],
)
def test_title_case_is_removed_and_names_stay(query: str, small: str) -> None:
    assert texts.without_title_case(query, Terms.of(query)) == small


def test_every_term_is_left_out_once_wherever_it_stands() -> None:
    def left_out(query: str) -> list[tuple[str, str]]:
        return texts.left_out(query, Terms.of(query))

    assert left_out("Statins, and a statin for stroke") == [
        ("Statins", ", and a for stroke"),
        ("stroke", "Statins, and a statin for"),
    ]
    assert left_out("statins and a statin") == []
    assert len(left_out(" ".join(f"term{n}" for n in range(50)))) == texts.MOST_TERMS


def test_a_variant_is_another_text_and_each_stands_once() -> None:
    found_in = Terms.of("vitamin levels")
    found = texts.variants("vitamin levels", idf, found_in)
    assert [(each.kind, each.term, each.text) for each in found] == [
        ("shortened", "", "vitamin"),
        ("without", "vitamin", "levels"),
    ]
    assert [each.kind for each in texts.variants("vitamin levels", None, found_in)] == ["without", "without"]


class MadeUp:
    """A corpus, library and runner: a document is found where the query has its word, the first words first."""

    collection = "demo"

    def __init__(self) -> None:
        self.judged = {"q1": {"vitamin": 1}}
        self.own: dict[str, dict[str, int]] = {}  # by the id or text of a query
        self.runs: list[tuple[str, int]] = []
        self.interactive: set[bool] = set()

    @property
    def library(self) -> MadeUp:
        return self

    def by_source(self, corpus: MadeUp, about: ReadKept) -> dict[str, dict[str, int]]:
        own = self.own.get(about.query_id or about.query_text, {})
        return {"dataset": corpus.judgments(about.query_id), "own": own, "model": {}}

    def corpus(self, _: str) -> MadeUp:
        return self

    def bm25(self, _: object, *, language: str) -> Any:
        raise Problem("no index")

    def find(self, text: str, qid: str | None) -> tuple[Query, int] | None:
        own = Query("q1", "vitamin and blood levels")
        return (own, 0) if qid == "q1" or text == own.text else None

    def by_document(self, ranking: object) -> object:
        return ranking

    def judgments(self, qid: str) -> dict[str, int]:
        return self.judged.get(qid, {})

    def runner(self, *_: object, interactive: bool, **__: object) -> Any:
        self.interactive.add(interactive)
        return SimpleNamespace(run=self.run, notes=tuple)

    def run(self, system: object, queries: Sequence[Query], depth: int) -> list[list[ScoredDoc]]:
        self.runs.append((str(system), len(queries)))
        if "dense" in str(system):
            raise Problem("not encoded.")
        words = [[word for word in query.text.split() if word != "and"] for query in queries]
        return [[ScoredDoc(word, -place) for place, word in enumerate(each)][:depth] for each in words]


SYSTEMS = ("bm25 % 10 >> model", "dense(model)", "bm25")


def measured(
    made_up: MadeUp, monkeypatch: pytest.MonkeyPatch, more: tuple[Variant, ...] = (), **asked: Any
) -> list[AnyEvent]:
    monkeypatch.setattr(measuring, "Runner", made_up.runner)
    events: list[AnyEvent] = []
    unions = {name: asked.pop(name) for name in ("counting", "beside") if name in asked}
    search = SearchRequest(id="v", dataset="demo", systems=SYSTEMS, **asked)
    request = VariantsRequest(search=search, more=more, **unions)
    measuring.measure_variants(made_up, request, events.append, CancelToken())  # type: ignore[arg-type]
    return events


def test_each_variant_is_measured_with_each_system_in_the_background(monkeypatch: pytest.MonkeyPatch) -> None:
    made_up = MadeUp()
    events = measured(made_up, monkeypatch, qid="q1", more=(Variant(kind="paraphrase", text="blood vitamin"),))
    found = events[0]
    assert isinstance(found, VariantsFound)
    assert found.judged
    assert [each.text for each in found.variants] == [
        "vitamin and blood levels",
        "blood vitamin",
        "and blood levels",
        "vitamin and levels",
        "vitamin and blood",
    ]
    cells = {(each.system, each.variant): each for each in events if isinstance(each, VariantMeasured)}
    assert set(cells) == {(system, variant) for system in (0, 2) for variant in range(5)}
    assert [cells[2, variant].ndcg for variant in range(5)] == [1.0, pytest.approx(0.6309, abs=1e-4), 0.0, 1.0, 1.0]
    assert [cells[2, variant].overlap for variant in range(5)] == [3, 2, 2, 2, 2]
    assert cells[0, 0].rbo == 1.0
    assert cells[0, 1].rbo < 1.0
    assert [(each.system, each.problem.message) for each in events if isinstance(each, SystemFailed)] == [
        (1, "not encoded.")
    ]
    # retrievers first and at once, the reranker one text after the other
    assert made_up.runs == [("dense(model)", 5), ("bm25", 5), *[("bm25 % 10 >> model", 1)] * 5]
    assert made_up.interactive == {False}
    assert {each.progress.total for each in events if isinstance(each, JobProgress)} == {15}
    assert isinstance(events[-1], VariantsFinished)


@pytest.mark.parametrize(("judged_as", "judged"), [(None, False), ("q1", True)], ids=["free", "borrowed"])
def test_a_changed_query_borrows_judgments_and_a_free_one_has_overlap_alone(
    judged_as: str | None, judged: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = measured(MadeUp(), monkeypatch, query="vitamin in blood", judged_as=judged_as)
    assert isinstance(events[0], VariantsFound)
    assert events[0].judged == judged
    assert {each.ndcg is not None for each in events if isinstance(each, VariantMeasured)} == {judged}


@pytest.mark.parametrize(
    ("asked", "own", "counted", "beside"),
    [
        ({"qid": "q1"}, "q1", {"own": 1, "dataset": 1}, 1.0),
        ({"query": "vitamin in blood", "judged_as": "q1"}, "q1", {"own": 1, "dataset": 1}, 1.0),
        ({"query": "vitamin in blood"}, "vitamin in blood", {"own": 1}, None),
    ],
    ids=["a query of the dataset", "a change of one", "a free query"],
)
def test_own_judgments_count_and_the_figure_without_them_stands_beside(
    asked: dict[str, Any], own: str, counted: dict[str, int], beside: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    made_up = MadeUp()
    made_up.own[own] = {"levels": 1}
    unions = {"counting": ("own", "dataset"), "beside": ("dataset",)}
    events = measured(made_up, monkeypatch, **asked, **unions)
    assert isinstance(events[0], VariantsFound)
    assert events[0].judgments == counted
    first = next(each for each in events if isinstance(each, VariantMeasured) and each.system == 2)
    assert first.ndcg is not None
    assert first.ndcg < 1.0
    assert first.beside == beside


def test_it_ends_where_nobody_listens_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "Runner", MadeUp().runner)
    cancel = CancelToken()
    events: list[AnyEvent] = []

    def emit(event: AnyEvent) -> None:
        events.append(event)
        if isinstance(event, VariantMeasured):
            cancel.cancel()

    search = SearchRequest(id="v", dataset="demo", systems=("bm25", "bm25(k1=2)"), query="vitamin blood")
    with pytest.raises(Cancelled):
        measuring.measure_variants(MadeUp(), VariantsRequest(search=search), emit, cancel)  # type: ignore[arg-type]
    assert {event.system for event in events if isinstance(event, VariantMeasured)} == {0}


def test_nothing_is_written_without_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(generation.ADDRESS, raising=False)
    assert generation.configured() == ""
    with pytest.raises(Problem, match=r"set address in \[generation\] of config.toml"):
        generation.write_variant(WriteVariant(query="bread", kind="paraphrase"))
    monkeypatch.setenv(generation.ADDRESS, "http://localhost:1/v1")
    monkeypatch.setenv(generation.MODEL, "tiny")
    assert generation.configured() == "localhost:1 tiny"
    with pytest.raises(Problem, match="a variant is one of paraphrase, hypothetical answer"):
        generation.write_variant(WriteVariant(query="bread", kind="poem"))

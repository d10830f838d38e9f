"""Two scorers with a planted difference: what is said of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from tests.engine import planted
from tests.unit.scoring import tiny
from zsr_tui.api.event import Event
from zsr_tui.api.events import JobProgress
from zsr_tui.api.parity import ParityFound, ParityRequest
from zsr_tui.domain import Problem
from zsr_tui.engine.library import Library
from zsr_tui.engine.parity.parity import hold_against
from zsr_tui.parity import Parity
from zsr_tui.progress import Cancelled, CancelToken
from zsr_tui.scoring.models import entries
from zsr_tui.scoring.service import ScoringService
from zsr_tui.scoring.tokens import reading

Score = planted.Score
Made = tuple[Library, Path]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    """A library, and a folder with the corpus and tiny models."""
    folder = tmp_path_factory.mktemp("parity")
    planted.corpus(folder / "corpus")
    tiny.reranker(folder / "reranker")
    tiny.bert(folder / "encoder")
    library = Library()
    yield library, folder
    library.scoring.close()


@pytest.fixture(scope="module")
def server() -> Iterator[planted.Server]:
    with planted.listening() as server:
        yield server


@pytest.fixture(autouse=True)
def any_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Library, "bm25", lambda *_: planted.AnyOrder())


@pytest.fixture
def held(made: Made) -> Callable[..., Parity]:
    library, folder = made

    def run(a: str, b: str, **asked: Any) -> Parity:
        request = ParityRequest(id="p", dataset=str(folder / "corpus"), a=a, b=b, depth=5, **{"spend": True, **asked})
        events: list[Event] = []
        hold_against(library, request, events.append, CancelToken())
        *progress, last = events
        assert all(isinstance(event, JobProgress) for event in progress)
        assert isinstance(last, ParityFound)
        assert last.parity is not None
        return last.parity

    return run


@pytest.fixture(scope="module")
def score(made: Made) -> Score:
    """By the tiny reranker, each pair alone."""
    library, folder = made
    return _by(library.scoring, str(folder / "reranker"))


def _by(scoring: ScoringService, model: str) -> Score:
    known: dict[tuple[str, str], float] = {}

    def score(query: str, text: str) -> float:
        if (query, text) not in known:
            (batch,) = scoring.score(model, query, [text])
            known[query, text] = float(batch.scores[0])
        return known[query, text]

    return score


def said(found: Parity) -> str:
    return "\n".join(each.sentence for each in found.findings)


def kinds(found: Parity) -> list[str]:
    return [each.kind for each in found.findings]


def rounded(number: float) -> float:
    return float(np.float16(number))


def end_of(query: str, text: str) -> str:
    """What a server reads that cuts the beginning of a text: room for 32 tokens, three of them its own."""
    return " ".join(text.split()[-(32 - 3 - len(query.split())) :])


PLANTS = [
    pytest.param(lambda score: score, None, [], "", id="nothing"),
    pytest.param(
        lambda score: lambda query, text: planted.sigmoid(score(query, text)),
        None,
        ["map"],
        r"^B is the sigmoid of A: one is a logit and the other a probability \(all \d+ scores\)\.$",
        id="sigmoid",
    ),
    pytest.param(
        lambda score: lambda query, text: planted.sigmoid(score(query, text) / 2),
        None,
        ["map"],
        r"a sigmoid of A with a temperature: the logit of B = 0\.5 × A",
        id="sigmoid with a temperature",
    ),
    pytest.param(
        lambda score: lambda query, text: rounded(score(query, text)),
        None,
        ["rounded"],
        r"^B is A rounded to fp16: all",
        id="fp16",
    ),
    pytest.param(
        lambda score: lambda query, text: score(text, query),
        None,
        ["swapped"],
        "^B takes the document for the query and the query for the document: given that, A comes to within",
        id="query and document swapped",
    ),
    pytest.param(
        lambda score: lambda query, text: score(query, end_of(query, text)),
        None,
        ["fact", "end"],
        r"^The scores differ only where A cuts the input.*\n"
        "B reads the end of a long document, where A reads its beginning: given that",
        id="the beginning of the text is cut",
    ),
    pytest.param(
        lambda score: lambda query, text: score(query, " ".join(text.split()[:13])),
        None,
        ["fact", "beginning"],
        r"^The scores differ only where the input is longer than 17 tokens: (\d+) of \1 such pairs differ, 0 of \d+ "
        r"others\.\nB reads 18 tokens at most",
        id="the end is cut sooner",
    ),
    pytest.param(
        lambda score: score,
        planted.renumbered,
        ["permuted"],
        "^B has A's scores for other documents: .* the server sorts its results and numbers them anew",
        id="sorted and numbered anew",
    ),
    pytest.param(
        lambda score: lambda query, text: score(query, text.removeprefix("a b ")),
        None,
        ["fact", "title"],
        r"^The scores differ only where the document has a title.*\nB reads the text alone, without its title",
        id="without titles",
    ),
    pytest.param(
        lambda score: lambda query, text: score(f"query: {query}", text),
        None,
        ["open"],
        r"^\d+ of \d+ scores differ whatever the pair .* as with another prompt, template or instruction .* "
        r"A reads «\[CLS\] \w \w \[SEP\] .*» for the first pair; what B puts around the texts is not known here\.$",
        id="another prompt",
    ),
    pytest.param(
        lambda score: lambda query, text: score(query, text) if text.strip() else float("nan"),
        None,
        ["lacking", "fact"],
        r"^B gives no finite score for (\d+) of \d+ pairs\.\n"
        r"B's score is no number only where the document is empty: \1 of \1 such pairs have none, 0 of \d+ others\.$",
        id="no score of an empty text",
    ),
]


@pytest.mark.parametrize(("plant", "spoil", "kind", "sentence"), PLANTS)
def test_what_a_server_does_otherwise_is_named(
    made: Made,
    server: planted.Server,
    held: Callable[..., Parity],
    score: Score,
    plant: Callable[[Score], Score],
    spoil: Any,
    kind: list[str],
    sentence: str,
) -> None:
    server.score, server.spoil = plant(score), spoil
    found = held(str(made[1] / "reranker"), server.url)
    assert kinds(found) == kind, said(found)
    assert re.search(sentence, said(found), re.DOTALL), said(found)
    assert found.equal == (kind in ([], ["rounded"]))
    assert "which a server that does not say its precision is taken to have" in found.of


def test_two_local_scorers_that_read_other_inputs_are_told_apart_by_their_tokens(
    made: Made, held: Callable[..., Parity], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another cut; another prompt, of models.toml; the same inputs, computed otherwise."""
    model = str(made[1] / "reranker")
    found = held(model, f"{model}; max_length=16")
    assert kinds(found) == ["inputs", "fact"]
    assert re.search(
        r"^(\d+) of \d+ inputs differ: in \1 B lacks the end of the document \(1 to 16 tokens; the longest input has "
        r"32 tokens for A, 16 for B\)\. The scores differ in \1 of these \1 pairs, and in 0 of the (\d+) others\.\n"
        r"The scores differ only where B cuts the input: \1 of \1 such pairs differ, 0 of \2 others\.$",
        said(found),
    ), said(found)
    worst = found.worst[0]
    assert worst.read[1].tokens == {"query": 2, "document": 11, "template": 3}
    assert 0 < (worst.read[1].cut_at or 0) < worst.characters

    encoder = made[1] / "encoder"
    monkeypatch.setenv("ZSR_TUI_HOME", str(tmp_path))
    entries.own_place().parent.mkdir(parents=True)
    recipe = f'family = "bi-encoder"\npooling = "mean"\nsimilarity = "cosine"\nweights = "{encoder}"\n'
    entries.own_place().write_text(
        f'[[model]]\nname = "plain"\n{recipe}[[model]]\nname = "prompted"\nquery_prompt = "query: "\n{recipe}'
        f'[[model]]\nname = "unnormed"\n{recipe.replace("cosine", "dot")}'
    )
    found = held("plain", "prompted")
    assert kinds(found) == ["inputs", "prompt"]
    assert re.search(
        r"^All (\d+) inputs of the queries differ, from token 2 on: A reads «\[CLS\] \w \w \[SEP\]», B reads "
        r"«\[CLS\] query: \w \w \[SEP\]»; A lacks tokens of the template\.\n"
        r"The documents' vectors are the same \(median cosine 1\.00000\), the queries' are not",
        said(found),
    ), said(found)
    assert 0 < (found.overlap or 0) < 10
    assert found.scorers[1].prompts == {"query_prompt": "query: "}

    found = held("plain", "unnormed")
    assert kinds(found) == ["computed", "normalisation"], said(found)
    assert re.search(r"B's vectors are not normalised: .* point the same way as the other's", said(found))


def test_a_server_is_asked_after_its_cost_was_told_and_anew_each_time(
    made: Made, server: planted.Server, score: Score
) -> None:
    library, folder = made
    events: list[Event] = []
    server.score, server.spoil, server.asked = score, None, []
    model = str(folder / "reranker")
    request = ParityRequest(id="p", dataset=str(folder / "corpus"), a=model, b=server.url, queries=3)
    hold_against(library, request, events.append, CancelToken())
    assert server.asked == []
    told = events[-1]
    assert isinstance(told, ParityFound)
    assert told.parity is None
    spend = replace(request, spend=True)
    hold_against(library, spend, events.append, CancelToken())
    hold_against(library, spend, events.append, CancelToken())
    assert (len(server.asked), sum(server.asked)) == (2 * told.asks, 2 * told.texts)
    first, second = (event.parity for event in events if isinstance(event, ParityFound) and event.parity)
    assert first.pairs == second.pairs
    assert [pair.differs for pair in first.pairs] == [False] * told.texts
    assert (first.ndcg[0], first.tau[0]) == (first.ndcg[1], 1.0)


@pytest.mark.parametrize(
    ("a", "b", "sentence"),
    [
        pytest.param("reranker", "reranker", "reranker; max_length=16', its precision", id="one model twice"),
        pytest.param(
            "encoder; precision=fp32",
            "encoder; precision=fp32",
            "encoder; precision=fp32, max_length=",
            id="one setting twice",
        ),
        pytest.param("reranker; max_length=64", "reranker", "reads 32 tokens at most: 64 are too many", id="too long"),
        pytest.param("reranker; depth=3", "reranker", "is no setting", id="no setting"),
        pytest.param("reranker; precision=fp8", "reranker", "write fp32, bf16, fp16", id="no precision"),
        pytest.param("reranker", "encoder", "A is a reranker and B an encoder", id="of two kinds"),
        pytest.param("bm25", "reranker", "ends in no model", id="no model"),
    ],
)
def test_scorers_that_cannot_be_held_against_each_other_are_refused(
    made: Made, held: Callable[..., Parity], a: str, b: str, sentence: str
) -> None:
    folder = made[1]
    named = [re.sub("^(reranker|encoder)", lambda found: str(folder / found[0]), each) for each in (a, b)]
    with pytest.raises(Problem, match=re.escape(sentence)) as caught:
        held(*named)
    assert caught.value.usage


def test_an_answer_without_an_index_is_refused_and_a_comparison_that_nobody_wants_ends(
    made: Made, server: planted.Server, held: Callable[..., Parity], score: Score
) -> None:
    library, folder = made
    model = str(folder / "reranker")
    server.score, server.spoil = score, planted.without_index
    with pytest.raises(Problem, match="a score without an index"):
        held(model, server.url)
    cancel = CancelToken()
    cancel.cancel()
    request = ParityRequest(id="p", dataset=str(folder / "corpus"), a=model, b=f"{model}; max_length=16")
    with pytest.raises(Cancelled):
        hold_against(library, request, lambda _: None, cancel)


def test_the_tokens_of_a_query_and_a_document_that_are_both_cut_are_told_apart(made: Made) -> None:
    library, folder = made
    found = library.scoring.examine(
        str(folder / "reranker"), lambda scorer: reading.of_pair(scorer, "a " * 40, "b " * 40)
    )
    assert found is not None
    by_part = {
        of: {token for token, other in zip(found.tokens, found.of, strict=True) if other == of} for of in found.of
    }
    assert by_part == {"template": {"[CLS]", "[SEP]"}, "query": {"a"}, "document": {"b"}}
    assert (len(found.of), found.of.count("template")) == (32, 3)

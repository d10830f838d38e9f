"""zsr-tui parity: what is printed, written and asked, and the exit code."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.ui.fake.engine import FakeEngine
from zsr_tui.api.events import AnyEvent
from zsr_tui.api.parity import ParityFound, ParityRequest
from zsr_tui.commands import parity
from zsr_tui.commands.parser import run
from zsr_tui.domain import Problem
from zsr_tui.parity import Fact, Finding, Pair, Parity, Read, Scorer

SENTENCE = "The scores differ only where the input is longer than 512 tokens: 1 of 1 such pairs differ, 0 of 1 others."
CUT = Read(tokens={"query": 9, "document": 500, "template": 3}, cut=True, cut_at=2301)
FOUND = Parity(
    dataset="demo",
    scorers=(
        Scorer(
            name="qwen", model="qwen", family="causal-lm", precision="bf16", max_length=512,
            prompts={"prompt": "p\x1b"},
        ),
        Scorer(name="http://h/rerank", model="http://h/rerank", family="endpoint", served=True),
    ),
    queries=1,
    judged=1,
    seed=0,
    equal=False,
    tolerance=0.02,
    of="as given",
    differing=1,
    largest=1.25,
    median=0.5,
    tau=(0.5, 0.25, -1.0),
    ndcg=(0.75, 0.5),
    lacking=(0, 1, 0),
    findings=(Finding(kind="fact", sentence=SENTENCE),),
    facts=(Fact(name="A cuts the input", pairs=(1, 1), differ=(1, 0), medians=(1.25, 0.0), explained=1.0),),
    pairs=(
        Pair(
            qid="q1", doc_id="d\t1", a=2.0, b=0.75, off=-1.25, differs=True, place=0, characters=4000,
            read=(CUT, Read()), grade=1,
        ),
        Pair(
            qid="q1", doc_id="d2", a=1.0, b=None, off=None, differs=True, place=1, characters=4, read=(Read(), Read()),
        ),
    ),
)  # fmt: skip


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> FakeEngine:
    """Asks before it sends; gives `FOUND`."""
    engine = FakeEngine()

    async def answer(request: ParityRequest) -> AsyncGenerator[AnyEvent, None]:
        found = FOUND if request.spend else None
        yield ParityFound(request=request.id, parity=found, asks=3, texts=40, hosts=("h",))

    engine.streams[ParityRequest] = answer
    monkeypatch.setattr(parity, "with_engine", lambda work: asyncio.run(work(engine)))
    return engine


def options(**asked: Any) -> parity.Options:
    usual = {"a": "qwen", "b": "http://h/rerank", "dataset": "demo", "queries": 20, "depth": 10, "seed": 0}
    usual |= {"tolerance": None, "out": None, "yes": True, "as_json": False}
    return parity.Options(**{**usual, **asked})


def test_what_was_found_is_printed_with_the_pairs_that_are_furthest_off(
    engine: FakeEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    assert parity.run(options()) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "A  qwen · causal-lm, bf16, 512 tokens at most, prompt «p␛»"
    assert lines[1] == "B  http://h/rerank · endpoint, precision not known, length not known"
    assert (
        "They differ: the scores of 1 of 2 pairs by more than 0.02 (as given); of 1 pair one scorer gives none."
        in lines
    )
    assert f"* {SENTENCE}" in lines
    assert "Kendall's tau    0.5000 over all pairs, 0.2500 in the mean of the queries, −1.0000 at least" in lines
    (first,) = (line.split() for line in lines if line.startswith("q1") and "4,000" in line)
    assert first == "q1 d 1 2 0.75 −1.25 4,000 9 + 500 + 3 not known A after 2,301".split()
    assert next(line.split() for line in lines if line.startswith("q1"))[1] == "d2", "without a score of B: first"
    assert any(line.split() == "A cuts the input 1 of 1 1.25 0 of 1 0 100%".split() for line in lines)


def test_all_pairs_are_written_and_json_has_the_worst(
    engine: FakeEngine, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert parity.run(options(out=tmp_path / "all.tsv", as_json=True)) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["pairs"], told["equal"], len(told["worst"])) == (2, False, 2)
    header, first, second = [line.split("\t") for line in (tmp_path / "all.tsv").read_text().splitlines()]
    assert dict(zip(header, first, strict=True)) | {
        "doc_id": "d 1",
        "b": "0.75",
        "tokens_a": "512",
        "cut_a": "True",
    } == (dict(zip(header, first, strict=True)))
    assert dict(zip(header, second, strict=True))["b"] == ""
    parity.run(options(out=tmp_path / "all.jsonl"))
    lines = (tmp_path / "all.jsonl").read_text().splitlines()
    assert msgspec.json.decode(lines[0], type=Pair) == FOUND.pairs[0]
    for place, sentence in ((tmp_path / "all.csv", "must end in .tsv or .jsonl"), (tmp_path / "no" / "a.tsv", "no")):
        with pytest.raises(Problem, match=sentence):
            parity.run(options(out=place))


def test_a_server_is_sent_nothing_unless_it_was_agreed_to(
    engine: FakeEngine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(Problem, match="about 3 requests with 40 texts to h: add --yes to send them"):
        parity.run(options(yes=False))
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("click.confirm", lambda *_args, **_more: False)
    with pytest.raises(Problem, match="nothing was sent"):
        parity.run(options(yes=False))
    monkeypatch.setattr("click.confirm", lambda *_args, **_more: True)
    assert parity.run(options(yes=False)) == 1
    equal = msgspec.structs.replace(FOUND, equal=True, findings=(), facts=(), pairs=(), lacking=(0, 0, 0))
    monkeypatch.setattr("tests.unit.commands.test_parity.FOUND", equal)
    assert parity.run(options()) == 0
    assert "Equal: no two scores are further apart than 0.02 (as given)." in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["parity", "a", "--dataset", "demo"], id="one scorer"),
        pytest.param(["parity", "a", " ", "--dataset", "demo"], id="an empty one"),
        pytest.param(["parity", "a", "b", "--dataset", "demo", "--tolerance", "-1"], id="a tolerance below 0"),
        pytest.param(["parity", "a", "b"], id="no dataset"),
    ],
)
def test_wrong_usage_has_an_exit_code_of_its_own(arguments: list[str]) -> None:
    assert run(arguments) == 2

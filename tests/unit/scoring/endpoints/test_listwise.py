"""Language models that order lists, at a server that knows how relevant each passage is."""

from __future__ import annotations

import json
import random
import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.waiting import DEADLINE
from zsr_tui.domain import Problem
from zsr_tui.progress import Cancelled, CancelToken
from zsr_tui.scoring import ordering
from zsr_tui.scoring.cache import ScoreCache
from zsr_tui.scoring.endpoints import listwise, served
from zsr_tui.scoring.endpoints.listwise import Settings
from zsr_tui.scoring.models import catalogue
from zsr_tui.scoring.service import ScoringService
from zsr_tui.servers.asking import Patience

VALUE = re.compile(r"^\[(\d+)\] worth (\d+)", re.MULTILINE)


class Server:
    """`says` makes the answer of the passages' values, by their numbers; `log` has the bodies of all requests."""

    def __init__(self) -> None:
        self.log: list[dict[str, Any]] = []
        self.says: Callable[[dict[int, int]], str] = best_first
        self.status = 200
        self.refused = ""  # with status 400: what has this in it
        self.failed = ""  # with 500
        self.together: threading.Barrier | None = None

    def answer(self, body: dict[str, Any]) -> tuple[int, Any]:
        self.log.append(body)
        if self.together is not None:
            self.together.wait(DEADLINE)
        said = "\n".join(each["content"] for each in body["messages"])
        if self.refused and self.refused in said:
            return 400, {"error": {"message": "the content management policy"}}
        if self.failed and self.failed in said:
            return 500, {"error": "oops"}
        values = {int(number): int(value) for number, value in VALUE.findall(said)}
        message = {"role": "assistant", "content": self.says(values)}
        usage = {"prompt_tokens": 100, "completion_tokens": 7}
        return self.status, {"choices": [{"message": message, "finish_reason": "stop"}], "usage": usage}


def best_first(values: dict[int, int]) -> str:
    return " > ".join(f"[{number}]" for number in sorted(values, key=lambda number: -values[number]))


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.say(200, {"data": [{"id": "org/zephyr"}]})

        def do_POST(self) -> None:
            self.say(*made.answer(json.loads(self.rfile.read(int(self.headers["content-length"])))))

        def say(self, status: int, value: Any) -> None:
            content = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        threading.Thread(target=listening.serve_forever, args=(0.01,), daemon=True).start()
        made.url = f"http://127.0.0.1:{listening.server_address[1]}/v1/chat/completions"  # type: ignore[attr-defined]
        yield made
        listening.shutdown()


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ScoringService]:
    monkeypatch.setenv("ZSR_TUI_HOME", str(tmp_path))
    made = ScoringService(ScoreCache(limit=1 << 20))
    yield made
    made.close()


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that fails is asked again without a pause."""
    monkeypatch.setattr(Patience, "pause", lambda *_: 0.0)


def passages(count: int, seed: int = 1) -> list[str]:
    return [f"worth {value} of a [3] passage" for value in random.Random(seed).sample(range(1000), count)]


def as_rank_llm(texts: list[str], window: int, step: int) -> list[str]:
    """Its `sliding_windows`, with a model that orders each window rightly."""
    found, end = list(texts), len(texts)
    window = min(window, len(texts))
    start = end - window
    while end > 0 and start + step != 0:
        start = max(start, 0)
        found[start:end] = sorted(found[start:end], key=lambda text: -int(text.split()[1]))
        end, start = end - step, start - step
    return found


@pytest.mark.parametrize(
    ("count", "settings", "requests"),
    [
        pytest.param(100, "", 9, id="a hundred"),
        pytest.param(20, "", 1, id="one window"),
        pytest.param(7, "", 1, id="less than one"),
        pytest.param(33, "&window=9&step=4", 7, id="other windows"),
        pytest.param(30, "&turns=1", 2, id="in turns"),
    ],
)
def test_a_list_is_ordered_as_by_rank_llm(
    server: Any, service: ScoringService, count: int, settings: str, requests: int
) -> None:
    texts = passages(count)
    (batch,) = service.score(f"{server.url}#org/zephyr{settings}", "what is it [2] worth", texts)
    order = [text for _, text in sorted(zip(batch.scores, texts, strict=True), reverse=True)]
    _, found = listwise.settings_of(f"m{settings}")
    assert order == as_rank_llm(texts, found.window, found.step)
    assert sorted(batch.scores, reverse=True) == [-float(rank) for rank in range(1, count + 1)]
    assert batch.listed is not None
    assert (batch.listed.requests, len(server.log), batch.listed.repaired) == (requests, requests, 0)
    assert (batch.listed.read, batch.tokens) == (100 * requests, 100 * requests)
    body = server.log[0]
    assert (body["model"], body["temperature"]) == ("org/zephyr", 0)
    said = "\n".join(each["content"] for each in body["messages"])
    assert "what is it (2) worth" in said
    assert "passage [" not in said.replace("Passage [", "")  # the passage's own numbers are no others'
    roles = [each["role"] for each in body["messages"]]
    assert roles == (["system", "user", *["assistant", "user"] * 21] if "turns" in settings else ["system", "user"])
    (again,) = service.score(f"{server.url}#org/zephyr{settings}", "what is it [2] worth", texts)
    assert (again.scores, again.known, len(server.log)) == (batch.scores, True, requests)
    (other,) = service.score(f"{server.url}#org/zephyr{settings}", "what is it [2] worth", texts[::-1])
    assert not other.known  # another list


def test_passes_go_over_the_list_again(server: Any, service: ScoringService) -> None:
    texts = passages(60)
    (batch,) = service.score(f"{server.url}#org/zephyr&passes=2", "q", texts)
    order = [text for _, text in sorted(zip(batch.scores, texts, strict=True), reverse=True)]
    assert order == as_rank_llm(as_rank_llm(texts, 20, 10), 20, 10)
    assert len(server.log) == 10


@pytest.mark.parametrize(
    ("answer", "order", "whole"),
    [
        pytest.param("[2] > [4] > [1] > [3]", [1, 3, 0, 2], True, id="whole"),
        pytest.param("[2] > [2] > [4] > [1] > [3] > [2]", [1, 3, 0, 2], False, id="twice"),
        pytest.param("[4] > [2]", [3, 1, 0, 2], False, id="some are missing"),
        pytest.param("[9] > [0] > [3]", [2, 0, 1, 3], False, id="invented"),
        pytest.param("Sure! By relevance: [3] > [1] > [2] > [4].", [2, 0, 1, 3], True, id="with words"),
        pytest.param("3, 1, 2, 4", [2, 0, 1, 3], True, id="without brackets"),
        pytest.param("I cannot rank these.", [0, 1, 2, 3], False, id="no order"),
        pytest.param("", [0, 1, 2, 3], False, id="nothing"),
        pytest.param("[99999999999999] > [2]", [1, 0, 2, 3], False, id="a long number"),
    ],
)
def test_an_answer_is_repaired_as_rank_llm_does(answer: str, order: list[int], whole: bool) -> None:
    assert listwise.order_of(answer, 4) == (order, whole)


def test_repairs_are_counted_and_told(server: Any, service: ScoringService) -> None:
    server.says = lambda values: best_first(values) if len(server.log) == 1 else "no idea"
    texts = passages(40)
    (batch,) = service.score(f"{server.url}#org/zephyr", "q", texts)
    order = [text for _, text in sorted(zip(batch.scores, texts, strict=True), reverse=True)]
    assert order[:20] == texts[:20]  # what failed has moved nothing
    assert order[20:] == as_rank_llm(texts[20:], 20, 10)
    assert batch.listed is not None
    assert (batch.listed.requests, batch.listed.repaired) == (3, 2)
    assert [short for short, _ in ordering.told("m", batch.listed)] == [
        "order, no scores", "3 requests", "2 answers repaired",
    ]  # fmt: skip


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("first", [pytest.param(True, id="the first window"), pytest.param(False, id="the last")])
@pytest.mark.parametrize("status", [400, 500])
def test_a_window_that_is_refused_keeps_its_order_which_is_counted_and_told(
    server: Any, service: ScoringService, status: int, first: bool
) -> None:
    texts = passages(40)
    texts[35 if first else 5] += " poison"
    setattr(server, "refused" if status == 400 else "failed", "poison")
    (batch,) = service.score(f"{server.url}#org/zephyr", "q", texts)
    order = [text for _, text in sorted(zip(batch.scores, texts, strict=True), reverse=True)]
    if first:  # from the end: 20 to 40 and 10 to 30 are, and 0 to 20
        assert order[20:] == [*sorted(texts[10:30], key=lambda text: -int(text.split()[1]))[10:], *texts[30:]]
    else:
        assert order[:10] == texts[:10]
    assert batch.listed is not None
    assert (batch.listed.requests, batch.listed.refused, batch.listed.repaired) == (3, 1, 0)
    (short, sentence) = ordering.told("m", batch.listed)[-1]
    assert short == "1 window refused"
    assert sentence.startswith("m: the server refuses 1 window of passages")
    server.refused = server.failed = ""
    (again,) = service.score(f"{server.url}#org/zephyr", "q", texts)
    assert not again.known, "what was refused is asked again"
    assert [text for _, text in sorted(zip(again.scores, texts, strict=True), reverse=True)] == as_rank_llm(
        texts, 20, 10
    )


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("status", [400, 500])
def test_a_server_that_takes_no_window_is_a_problem(server: Any, service: ScoringService, status: int) -> None:
    server.status = status
    with pytest.raises(Problem, match="refuses the request" if status == 400 else r"failed \(status 500\)"):
        list(service.score(f"{server.url}#org/zephyr", "q", passages(40)))


@pytest.mark.usefixtures("at_once")
def test_a_server_that_goes_down_between_two_windows_is_a_problem(server: Any, service: ScoringService) -> None:
    def fall(values: dict[int, int]) -> str:
        server.failed = "relevance"  # which stands in every request
        return best_first(values)

    server.says = fall
    with pytest.raises(Problem, match=r"failed \(status 500\)"):
        list(service.score(f"{server.url}#org/zephyr", "q", passages(40)))


def test_a_server_that_fails_is_a_problem_and_no_order(server: Any, service: ScoringService) -> None:
    server.status = 401
    with pytest.raises(Problem, match="asks for a key"):
        list(service.score(f"{server.url}#org/zephyr", "q", passages(5)))
    server.status = 200
    (batch,) = service.score(f"{server.url}#org/zephyr", "q", passages(5))
    assert not batch.known


def test_windows_of_several_queries_are_asked_at_once(server: Any, service: ScoringService) -> None:
    server.together = threading.Barrier(2)  # no answer before two are under way
    model, texts = f"{server.url}#org/zephyr", passages(10)
    scorer = service.examine(model, lambda loaded: loaded)
    windows = [ordering.Ordering(query, texts) for query in ("one", "two")]
    inputs = [work.prepare(scorer, range(1))[0] for work in windows]
    scorer.run(inputs)
    assert [[texts[place] for place in each.payload.order] for each in inputs] == [as_rank_llm(texts, 20, 10)] * 2


def test_between_windows_it_can_be_left(server: Any, service: ScoringService) -> None:
    cancel = CancelToken()

    def leave(values: dict[int, int]) -> str:
        cancel.cancel()
        return best_first(values)

    server.says = leave
    with pytest.raises(Cancelled):
        list(service.score(f"{server.url}#org/zephyr", "q", passages(100), cancel=cancel))
    assert len(server.log) == 1


def test_long_passages_are_cut_to_the_window(server: Any, service: ScoringService) -> None:
    texts = ["worth 1 " + "plum " * 400, "worth 2", "价" * 5000]
    (batch,) = service.score(f"{server.url}#org/zephyr&window=3&step=2", "q", texts)
    assert batch.cut == (True, False, True)
    said = server.log[0]["messages"][-1]["content"]
    assert (said.count("plum"), said.count("价")) == (298, 2400)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        pytest.param("m&depth=3", "'depth=3' behind the model 'm' is no setting", id="unknown"),
        pytest.param("m&window=1", "window \\(2 to 100\\)", id="one at a time"),
        pytest.param("m&passes=9", "passes \\(1 to 5\\)", id="too often"),
        pytest.param("m&step=3&step=3", "once each", id="twice"),
        pytest.param("m&window=5", "step=10 .* is more than its window of 5", id="leaves some out"),
    ],
)
def test_settings_that_cannot_be_meant_are_one_sentence(written: str, said: str) -> None:
    with pytest.raises(Problem, match=said):
        listwise.settings_of(written)


def test_the_model_is_described_with_what_it_costs(server: Any, service: ScoringService) -> None:
    info = catalogue.describe(f"{server.url}#org/zephyr&passes=2")
    assert (info.family, info.local) == ("listwise", True)
    cost = "18 requests for 100 candidates, of up to 20 passages of 300 words"
    assert info.source.endswith(f"org/zephyr, orders lists and gives no scores: {cost}")
    assert info.label.endswith("org/zephyr&passes=2")
    one, two = (served.find(f"{server.url}#org/zephyr{more}").fingerprint({}) for more in ("", "&window=10&step=5"))
    assert one != two
    assert served.find(server.url).model == "org/zephyr"  # the only one that it has
    with pytest.raises(Problem, match=r"101 candidates are 10 requests a query: cut the list to at most 100"):
        list(service.score(f"{server.url}#org/zephyr", "q", passages(101)))
    assert str(Settings(window=10, step=5)) == "&window=10&step=5"

"""One engine for many: two applications, a script and an evaluation at once, beside a client that wants everything."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path
from typing import Any

import httpx

from tests.engine.conftest import BM25, RERANKED
from tests.serving import serving
from tests.ui.reading import text_of
from tests.waiting import DEADLINE, killed_if_wrong
from zsr_tui.api.evaluations import ListEvaluations
from zsr_tui.api.events import EvaluateFinished
from zsr_tui.api.judging import Judgment, KeepJudgment, ReadJudgments
from zsr_tui.api.questions import ReadStatus
from zsr_tui.api.requests import EvaluateRequest
from zsr_tui.caller import Bounds
from zsr_tui.client.attached import RemoteProcess
from zsr_tui.client.engine import Engine
from zsr_tui.engine.library import Library
from zsr_tui.engine.serving import listening
from zsr_tui.engine.serving.door import by_token
from zsr_tui.engine.serving.tokens import Tokens
from zsr_tui.scoring.models.catalogue import DEFAULT_RERANKER
from zsr_tui.ui.app import ZsrTuiApp

NAMES = ("anna", "ben", "eva", "script", "greedy")
QUERY = "sugar syrup"


def token(name: str) -> str:
    return f"{name}-0123456789abcdefghij"


def tokens(folder: Path) -> Path:
    path = folder / "tokens"
    path.write_text("".join(f"{name} {token(name)}\n" for name in NAMES))
    path.chmod(0o600)
    return path


async def holds(what: Callable[[], object]) -> None:
    async with asyncio.timeout(DEADLINE):
        while not what():
            await asyncio.sleep(0.01)


async def searched(engine: Engine) -> str:
    """What an application shows of a search."""
    app = ZsrTuiApp(engine, dataset="demo", systems=(BM25, RERANKED), query=QUERY)
    async with app.run_test(size=(120, 40)):
        await holds(lambda: "Whipped whites" in text_of(app))  # the greedy client's loop is this one, and has no rest
        return text_of(app)


async def reranked(address: str, name: str, count: int, texts: str) -> dict[str, Any]:
    """By a program that knows nothing but /v1."""
    body = {"query": QUERY, "model": DEFAULT_RERANKER, "documents": [f"{texts} {number}" for number in range(count)]}
    async with httpx.AsyncClient(timeout=None, headers={"authorization": f"Bearer {token(name)}"}) as http:
        response = await http.post(f"{address}/v1/rerank", json=body)
    assert response.status_code == 200, response.text
    return dict(response.json())


async def evaluated(engine: Engine) -> float:
    request = EvaluateRequest(id="e", dataset="demo", systems=(BM25,), measures=("nDCG@10",), limit=5)
    async with aclosing(engine.stream(request)) as events:
        async for event in events:
            if isinstance(event, EvaluateFinished):
                return event.results[0].means["nDCG@10"] or 0
    raise AssertionError("the evaluation did not finish")


async def test_two_applications_a_script_and_an_evaluation_share_an_engine_that_a_greedy_client_cannot_hold_up(
    library: Library, tmp_path: Path
) -> None:
    listener, at = listening.open_tcp("0", tls=False, plain=False)
    address = f"http://{at}"
    with serving(listener, by_token(Tokens(tokens(tmp_path)), Bounds()), library):

        def engine(name: str) -> Engine:
            return Engine(RemoteProcess(address, token(name)))

        anna, ben, eva, script = map(engine, ("anna", "ben", "eva", "script"))
        greedy = [asyncio.create_task(reranked(address, "greedy", 1000, f"of {number}")) for number in range(20)]
        await holds(lambda: sum(device.waiting for device in library.scoring.status()) >= 19)
        first, second, small, value = await asyncio.gather(
            searched(engine("anna")), searched(engine("ben")), reranked(address, "script", 5, "a text"), evaluated(eva)
        )
        assert not any(task.done() for task in greedy)
        told = await script.call(ReadStatus())  # the searches of the others may not have ended yet
        for task in greedy:
            task.cancel()
        await asyncio.gather(*greedy, return_exceptions=True)
        assert first.count("Whipped whites") >= 1 <= second.count("Whipped whites")
        assert sorted(result["index"] for result in small["results"]) == [0, 1, 2, 3, 4]
        assert 0 < value <= 1

        # what one can see of the others is how much there is to do
        assert not [job for job in told.jobs if "search" in job or "evaluat" in job]
        judgment = Judgment(query_id="q-cooking-1", query_text="", doc_id="cooking-01", grade=1, who="anna")
        await anna.call(KeepJudgment(dataset="demo", judgment=judgment))
        kept = [len((await each.call(ReadJudgments(dataset="demo"))).items) for each in (anna, ben)]
        stored = [len(await each.call(ListEvaluations())) for each in (anna, eva)]
        assert (kept, stored) == ([1, 0], [0, 1])
        for each in (anna, ben, eva, script):
            await each.close()


def test_the_command_prints_its_address_logs_as_json_and_ends_in_peace(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "zsr_tui.cli", "serve", "--listen", "0", "--token-file", str(tokens(tmp_path))]
    with killed_if_wrong(subprocess.Popen(command, stdout=-1, stderr=-1, text=True)) as engine:
        assert engine.stdout is not None
        assert engine.stderr is not None
        address = engine.stdout.readline().strip()
        with httpx.Client(base_url=address, timeout=DEADLINE) as http:
            assert http.get("/healthz").json() == {"status": "ok"}
            assert http.get("/status").status_code == 401
            headers = {"authorization": f"Bearer {token('anna')}"}
            assert http.get("/health", headers=headers).json()["pid"] == engine.pid
        engine.send_signal(signal.SIGTERM)
        assert engine.wait(DEADLINE) == 0
        lines = [json.loads(line) for line in engine.stderr.read().splitlines()]
    assert lines[0]["said"] == f"serving at {address}"
    assert [(each["caller"], each["status"]) for each in lines if each.get("path") == "/status"] == [("", 401)]
    assert lines[-1]["said"] == "stopped"
    assert token("anna") not in str(lines)
    wrong = subprocess.run([*command[:-1], str(tmp_path / "none")], capture_output=True, text=True, check=False)
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert wrong.stderr == f"zsr-tui: the file of tokens {tmp_path}/none cannot be read: No such file or directory.\n"
    lacking = subprocess.run(
        [*command, "--allow-folder", str(tmp_path / "corpora")], capture_output=True, text=True, check=False
    )
    assert (lacking.returncode, lacking.stdout) == (2, "")
    folder = (tmp_path / "corpora").resolve()
    assert (
        lacking.stderr
        == f"zsr-tui: --allow-folder {folder}: there is no such folder here; make it, or mend the path.\n"
    )

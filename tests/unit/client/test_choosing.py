"""Which engine is asked, and how what is wrong with its address or the token is said."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.serving import serving
from zsr_tui.api.evaluations import ReadRunFile
from zsr_tui.api.events import EngineLost, Failed
from zsr_tui.api.questions import ReadHealth
from zsr_tui.api.requests import EvaluateRequest, SearchRequest
from zsr_tui.caller import Bounds, Caller
from zsr_tui.client import busy
from zsr_tui.client.attached import AttachedProcess, RemoteProcess
from zsr_tui.client.choosing import chosen_engine, token
from zsr_tui.client.engine import Engine
from zsr_tui.client.process import EngineProcess
from zsr_tui.client.sending import carried, from_here
from zsr_tui.commands import parser, serve
from zsr_tui.domain import NOT_KNOWN, Problem
from zsr_tui.engine.bodies import Busy
from zsr_tui.engine.serving import listening
from zsr_tui.engine.serving.limits import Limits

TOKEN = "anna-0123456789abcdef"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZSR_TUI_HOME", str(tmp_path / "home"))
    for name in ("ENGINE", "TOKEN", "TOKEN_FILE"):
        monkeypatch.setenv(f"ZSR_TUI_{name}", "")


def chosen(address: str, monkeypatch: pytest.MonkeyPatch) -> Engine:
    monkeypatch.setenv("ZSR_TUI_ENGINE", address)
    return chosen_engine()


def test_the_address_says_how_the_engine_is_reached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZSR_TUI_TOKEN", TOKEN)
    assert isinstance(chosen("", monkeypatch).process, EngineProcess)
    attached = chosen(str(tmp_path / "engine.sock"), monkeypatch).process
    assert isinstance(attached, AttachedProcess)
    assert (attached.route.socket, attached.route.token, attached.private) == (tmp_path / "engine.sock", TOKEN, False)
    remote = chosen("https://gpu-box:8765/", monkeypatch).process
    assert isinstance(remote, RemoteProcess)
    assert (remote.route.url, remote.route.token) == ("https://gpu-box:8765", TOKEN)
    assert TOKEN not in repr(remote.route)
    for address in ("http://", "http://host:port", "ftp://host", f"http://anna:{TOKEN}@host", "http://host/path"):
        with pytest.raises(Problem, match="takes the path of a socket") as raised:
            chosen(address, monkeypatch)
        assert TOKEN not in raised.value.message
    with pytest.raises(Problem, match=r"write https:// \(or http://\) before it"):
        chosen("127.0.0.1:8765", monkeypatch)
    for address in ("ssh://", "ssh://-oProxyCommand=x", "ssh://anna:secret@host", "ssh://host:port"):
        with pytest.raises(Problem, match="names no machine"):
            chosen(address, monkeypatch)


@pytest.mark.parametrize(
    ("text", "found"),
    [(f"{TOKEN}\n", TOKEN), (f"# mine\nanna {TOKEN}\n", TOKEN), ("a b c", None), ("a\nb", None), ("", None)],
    ids=["a token", "a line of the engine's file", "three words", "two lines", "nothing"],
)
def test_a_token_is_read_from_a_file(
    text: str, found: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "token").write_text(text)
    monkeypatch.setenv("ZSR_TUI_TOKEN_FILE", str(tmp_path / "token"))
    if found:
        assert token() == found
        return
    with pytest.raises(Problem, match="should hold one line"):
        token()


async def test_where_nobody_answers_is_one_sentence_and_soon_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zsr_tui.client.attached.FIRST_LIMIT", 0.0)
    listener, at = listening.open_tcp("0", tls=False, plain=False)
    listener.close()
    with pytest.raises(Problem, match=rf"no engine answers at http://{at}: start it with zsr-tui serve"):
        await chosen(f"http://{at}", monkeypatch).call(ReadHealth())
    with pytest.raises(Problem, match="does not answer: start it with zsr-tui serve, or check the path"):
        await chosen(str(tmp_path / "none.sock"), monkeypatch).call(ReadHealth())


@pytest.mark.parametrize("left", ["nothing", "a socket"])
async def test_whoever_is_told_of_it_waits_longer_for_one_that_is_being_started_again(
    left: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zsr_tui.client.attached.FIRST_LIMIT", 0.0)
    with tempfile.TemporaryDirectory(prefix="run-", dir="/tmp") as short:
        path, told, running = Path(short) / "s", list[str](), ExitStack()
        if left == "a socket":
            listening.open_unix(path, 0o600)[0].close()  # as one that was killed leaves it

        def tell(sentence: str) -> None:
            told.append(sentence)
            listener, _ = listening.open_unix(path, 0o600)
            running.enter_context(serving(listener, lambda _: Caller("anna", tmp_path, Bounds())))

        monkeypatch.setenv("ZSR_TUI_ENGINE", str(path))
        with running:
            engine = chosen_engine(tell)
            assert (await engine.call(ReadHealth())).version
            await engine.close()
        said = "has ended, and the next one is not there yet: waiting for it, up to 120 s"
        here = f"no engine answers at {path} yet: waiting for it, up to 15 s"
        assert told == [here if left == "nothing" else f"the engine at {path} {said}"]


async def test_one_that_is_being_stopped_is_waited_for_and_one_that_never_comes_is_told_at_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("zsr_tui.client.attached.FIRST_LIMIT", 0.0)
    monkeypatch.setattr("zsr_tui.client.attached.STARTING_S", 0.0)
    told: list[str] = []
    listener, at = listening.open_tcp("0", tls=False, plain=False)
    monkeypatch.setenv("ZSR_TUI_ENGINE", f"http://{at}")
    with serving(listener, lambda _: Caller("anna", Path("anna"), Bounds())) as running:

        def tell(sentence: str) -> None:
            told.append(sentence)
            running.entrance.stopping = False

        running.entrance.stopping = True
        assert (await chosen_engine(tell).call(ReadHealth())).version
    with pytest.raises(Problem, match="no engine answers at"):
        await chosen_engine(told.append).start()
    assert [each.partition(": ")[2].partition(",")[0] for each in told] == ["waiting for it"] * 2
    assert "is being stopped, and the next one is not there yet" in told[0]


async def test_a_token_that_is_not_known_is_told_at_the_start_and_so_is_a_port_without_tls(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ZSR_TUI_TOKEN", TOKEN)
    listener, at = listening.open_tcp("0", tls=False, plain=False)
    with serving(listener, lambda _: None):
        with pytest.raises(Problem, match="this engine does not know your token") as raised:
            await chosen(f"http://{at}", monkeypatch).start()
        assert (raised.value.kind, raised.value.exit_code) == (NOT_KNOWN, 2)
        with pytest.raises(Problem, match=rf"https://{at} does not speak TLS: write http:// in place of"):
            await chosen(f"https://{at}", monkeypatch).start()


async def test_a_busy_engine_is_asked_again_and_files_are_sent_in_place_of_their_paths(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(busy, "LONGEST_WAIT_S", 0.0)
    asked: list[str] = []

    class TwiceBusy(Limits):
        def enter(self, name: str, *, stream: bool) -> Callable[[], None]:
            asked.append(name)
            if len(asked) <= 2:
                raise Busy("too much of yours is under way.")
            return super().enter(name, stream=stream)

    (tmp_path / "mine.run").write_text("q-cooking-1 Q0 cooking-01 1 1.0 mine\n")
    listener, at = listening.open_tcp("0", tls=False, plain=False)
    with serving(listener, lambda _: Caller("anna", tmp_path, Bounds()), limits=TwiceBusy()):
        engine = chosen(f"http://{at}", monkeypatch)
        assert (await engine.call(ReadHealth())).version
        assert asked == ["anna"] * 3
        path = str(tmp_path / "mine.run")
        assert (await engine.call(ReadRunFile(dataset="demo", path=path))).documents == 1
        assert engine._http is not None
        request = await carried(engine._http, EvaluateRequest(id="e", dataset="demo", systems=(), runs=(path, path)))
        assert request.runs[0].startswith("sent:")
        asked.clear()
        again = await carried(engine._http, EvaluateRequest(id="e", dataset="demo", systems=(), runs=(path,)))
        assert (again.runs, asked) == (request.runs[:1], ["anna"] * 3)  # sent until there was room for it
        with pytest.raises(Problem, match=r"none\.run cannot be read: No such file"):
            await engine.call(ReadRunFile(dataset="demo", path=str(tmp_path / "none.run")))
        await engine.close()


async def test_a_search_says_at_once_that_the_engine_is_being_stopped_and_is_answered_when_it_is_back(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(busy, "LONGEST_WAIT_S", 0.0)
    asked: list[str] = []

    class Stopping(Limits):
        def enter(self, name: str, *, stream: bool) -> Callable[[], None]:
            asked.append(name)
            if stream and len(asked) <= 3:
                raise Busy("this engine is being stopped: ask again when it is back.", 503)
            return super().enter(name, stream=stream)

    listener, at = listening.open_tcp("0", tls=False, plain=False)
    with serving(listener, lambda _: Caller("anna", tmp_path, Bounds()), limits=Stopping()):
        engine = chosen(f"http://{at}", monkeypatch)
        request = SearchRequest(id="s", dataset="no such corpus", systems=("bm25",), query="x")
        first, *_, last = [event async for event in engine.stream(request)]
        await engine.close()
    assert isinstance(first, EngineLost)
    assert first.waiting.startswith("This engine is being stopped; waiting for it, up to")
    assert isinstance(last, Failed)
    assert "no such corpus" in last.problem.message


def test_a_dataset_of_the_callers_folder_is_named_whole_to_an_engine_of_another(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.csv").write_text("id,text\n1,x\n")
    here = str(tmp_path)
    for written, whole in {
        "mine.csv": f"{here}/mine.csv",
        "mine.csv(text=text)": f"{here}/mine.csv(text=text)",
        "mine.csv:dev": f"{here}/mine.csv:dev",
        "./none": f"{here}/none",
        "demo": "demo",
        "beir/scifact/test": "beir/scifact/test",
        "/data/x": "/data/x",
        "hf:org/name": "hf:org/name",
        "": "",
    }.items():
        assert from_here(written) == whole


def test_what_serve_and_engine_take_and_what_does_not_go_together(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(serve.os, "execv", lambda _, words: started.append(words))
    for arguments, why in (
        (["--listen", "1", "--socket", "x"], "either --socket PATH or --listen"),
        (["--listen", "1"], "give --token-file"),
        (["--tls-cert", "x"], "--tls-cert is for --listen"),
        (["--listen", "1", "--token-file", "t", "--socket-mode", "660"], "--socket-mode is for a socket"),
    ):
        assert parser.run(["serve", *arguments]) == 2
        assert why in capsys.readouterr().err
    parser.run(["serve", "--listen", "1", "--token-file", "/t", "--allow-host", "a", "--allow-host", "b", "--plain"])
    (words,) = started
    wanted = "--listen=1 --token-file=/t --plain --allow-host=a --allow-host=b --requests=64 --streams=32 --drain=30"
    assert sorted(words[4:]) == sorted(wanted.split())
    demo = ["search", "--dataset", "demo", "--system", "bm25", "--query", "x"]
    assert parser.run([*demo, "--engine", "http://host:1", "--precision", "fp32"]) == 2
    assert "--precision is chosen where the engine is started" in capsys.readouterr().err

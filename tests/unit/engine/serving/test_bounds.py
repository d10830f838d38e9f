"""What somebody else may not do with the engine's machine: every question and request is asked with paths and URLs in
each of its texts."""

from __future__ import annotations

import json
import re
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import inspect
from starlette.testclient import TestClient
from starlette.types import Scope

from zsr_tui.api.evaluations import ReadRunFile
from zsr_tui.api.merging import FileToRead, MergeJudgments
from zsr_tui.api.questions import (
    Answer,
    FindDataset,
    FindQueries,
    ListCorpora,
    Question,
    ReadSystem,
    answer_type,
)
from zsr_tui.api.requests import PATHS
from zsr_tui.caller import Bounds, Caller
from zsr_tui.corpora.opening import DEMO_FOLDER, open_corpus
from zsr_tui.engine import sent
from zsr_tui.engine.app import create_app
from zsr_tui.engine.library import Library
from zsr_tui.engine.serving.entrance import Entrance
from zsr_tui.engine.serving.limits import Limits

SECRET = "xyzzysecret"


class Shared:
    """An engine whose callers are named by a header, within the bounds that a test gives."""

    def __init__(self, home: Path) -> None:
        self.home, self.bounds = home, Bounds()
        self.client = TestClient(Entrance(create_app(Library()), Library(), self.who, Limits()))

    def who(self, scope: Scope) -> Caller:
        name = dict(scope["headers"]).get(b"who", b"anna").decode()
        return Caller(name, self.home / name, self.bounds)

    def asked(self, path: str, body: object, who: str = "anna") -> tuple[int, str]:
        response = self.client.post(path, content=msgspec.json.encode(body), headers={"who": who})
        return response.status_code, response.text

    def ask(self, question: Question[Answer], who: str = "anna") -> Answer:
        status, text = self.asked(f"/call/{type(question).__name__}", question, who)
        assert status == 200, text
        return msgspec.json.decode(text, type=answer_type(type(question)))

    def refused(self, question: Question[Any], who: str = "anna") -> str:
        status, text = self.asked(f"/call/{type(question).__name__}", question, who)
        assert status in (400, 403), text
        return str(json.loads(text)["message"])


@pytest.fixture
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shared:
    monkeypatch.setenv("ZSR_TUI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ZSR_TUI_ENDPOINT_TIMEOUT", "0.2")
    return Shared(tmp_path / "callers")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A corpus, a model and a run in one, of the engine's machine."""
    place = tmp_path / "place"
    shutil.copytree(DEMO_FOLDER, place)
    (place / "config.json").write_text(json.dumps({"model_type": SECRET, "architectures": ["BertModel"]}))
    (place / "corpus.jsonl").write_text(json.dumps({"_id": SECRET, "text": SECRET}) + "\n")
    return place


@pytest.fixture
def server() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        yield listener


def made(kind: inspect.Type, text: str, dataset: str | None) -> Any:
    """A value of the type with the text in every place for one."""
    match kind:
        case inspect.StructType(fields=fields) | inspect.DataclassType(fields=fields):
            return {
                field.encode_name: dataset
                if dataset and field.name in ("dataset", "name")
                else made(field.type, text, dataset)
                for field in fields
            }
        case inspect.StrType():
            return text
        case inspect.LiteralType(values=values):
            return values[0]
        case inspect.UnionType(types=types):
            return made(next(each for each in types if not isinstance(each, inspect.NoneType)), text, dataset)
        case inspect.VarTupleType(item_type=item) | inspect.ListType(item_type=item):
            return [made(item, text, dataset)]
        case inspect.TupleType(item_types=items):
            return [made(item, text, dataset) for item in items]
        case inspect.DictType():
            return {}
        case inspect.BoolType():
            return True
        case inspect.IntType() | inspect.FloatType():
            return 1
        case inspect.EnumType(cls=cls):
            return next(iter(cls)).value
    raise AssertionError(f"no value is known for {kind}")


def everything() -> dict[str, Any]:
    """The type of what each path takes: all questions and requests that there are."""
    kinds = {f"/call/{kind.__name__}": kind for kind in Question.__subclasses__() if kind.__module__ != __name__}
    return kinds | {path: kind for kind, path in PATHS.items()}


def test_no_text_of_any_question_or_request_reaches_a_path_or_a_server_of_the_engine(
    shared: Shared, folder: Path, server: socket.socket
) -> None:
    there, nowhere = str(folder), str(folder.with_name("empty"))
    url = f"http://127.0.0.1:{server.getsockname()[1]}/v1/rerank#m"
    for path, kind in everything().items():
        info = inspect.type_info(kind)
        answers = []
        for text, dataset in ((there, None), (nowhere, None), (url, None), (url, "demo"), (f"dense({there})", "demo")):
            status, said = shared.asked(path, made(info, text, dataset))
            assert "unexpected" not in said, (path, text, said)
            assert SECRET not in said, (path, text, said)
            answers.append((status, re.sub(r"[0-9.:+-]+", "", said).replace(Path(text).name, "")))  # no times
        assert answers[0] == answers[1], path  # whether something is there is not told either
    with pytest.raises(BlockingIOError):
        server.accept()


def test_what_the_operator_allows_can_be_named_and_nothing_beside_it(shared: Shared, folder: Path) -> None:
    assert "--allow-folder" in shared.refused(FindDataset(name=str(folder)))
    assert "--allow-folder" in shared.refused(ReadSystem(notation=f"dense({folder})"))
    assert "--allow-host" in shared.refused(ReadSystem(notation="bm25 % 5 >> http://10.0.0.1:80/rerank"))
    assert "leaves the folder" in shared.refused(ReadSystem(notation="dense(package:zsr_tui/../../etc)"))
    shared.bounds = Bounds((folder,), frozenset({"10.0.0.1"}))
    assert shared.ask(FindDataset(name=str(folder))).startswith(str(folder))
    assert shared.ask(ReadSystem(notation="bm25 % 5 >> http://10.0.0.1:80/rerank")).runnable
    for outside in (folder.parent, folder / "..", Path("/etc")):
        assert "--allow-folder" in shared.refused(FindDataset(name=str(outside)))
    assert not [each for each in shared.ask(ListCorpora()) if each.group == "local" and each.id != str(folder)]


def test_a_list_of_corpora_has_what_its_caller_and_the_operator_have_opened(shared: Shared, tmp_path: Path) -> None:
    shared.bounds = Bounds((tmp_path,))
    operators, annas = (str(shutil.copytree(DEMO_FOLDER, tmp_path / name)) for name in ("operators", "annas"))
    open_corpus(operators)

    def listed(who: str) -> list[str]:
        return [each.id for each in shared.ask(ListCorpora(), who) if each.group == "local"]

    shared.ask(FindQueries(dataset=annas))
    assert (listed("anna"), listed("ben")) == ([annas, operators], [operators])
    shared.ask(FindQueries(dataset=annas), "ben")  # which is open by then
    assert listed("ben") == [annas, operators]
    shared.bounds = Bounds()
    assert listed("anna") == []


def test_files_are_sent_and_are_of_whoever_sent_them(
    shared: Shared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = "".join(f"q-cooking-1 Q0 cooking-0{rank} {rank} {9 - rank} mine\n" for rank in range(1, 6))
    send = lambda name, text: shared.client.post(f"/files/{name}", content=text.encode())  # noqa: E731
    named = send("mine.run", run).json()
    assert named.startswith("sent:")
    assert named.endswith("/mine.run")
    assert shared.ask(ReadRunFile(dataset="demo", path=named)).documents == 5
    assert "mine.run" in shared.refused(ReadRunFile(dataset="demo", path=named), who="ben")
    bad = send("bad.run", "q-cooking-1 Q0 cooking-01\n").json()
    why = shared.refused(ReadRunFile(dataset="demo", path=bad))
    assert "bad.run, line 1" in why
    assert str(tmp_path) not in why
    judged = send("ann.qrels", "q-cooking-1 0 cooking-01 1\n").json()
    merging = shared.ask(MergeJudgments(dataset="demo", files=(FileToRead(path=judged, who="ann"),), who="me"))
    assert [file.judgments for file in merging.files] == [1]
    for name in ("..%2Fx", ".hidden", "x" * 201):
        assert send(name, "x").status_code in (400, 404), name
    for path in ("sent:../x/y", "sent:abc/../../x", "sent:abc", "sent:/etc/passwd"):
        assert "no file that was sent" in shared.refused(ReadRunFile(dataset="demo", path=path))
    monkeypatch.setattr(sent, "LARGEST", 10)
    assert send("large.run", "x" * 11).status_code == 413
    monkeypatch.setattr(sent, "MOST", len(run))
    send("last.run", "x" * 9)
    kept = {each.name for each in (shared.home / "anna" / "sent").rglob("*") if each.is_file()}
    assert kept == {"last.run", "ann.qrels", "bad.run"}  # the latest

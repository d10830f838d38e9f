"""Datasets of ir_datasets outside BEIR, made of small local files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from tests.unit.corpora.conftest import Write
from zsr_tui.corpora import NotDownloaded, download, open_corpus
from zsr_tui.corpora.indexed import as_doc
from zsr_tui.corpora.irds import explained, ir_datasets
from zsr_tui.domain import Doc, Problem
from zsr_tui.progress import CancelToken, ignore_progress

Run = Callable[[str], object]

_REGISTER = """
import json, sys
from pathlib import Path
import zsr_tui.corpora as corpora
from zsr_tui.corpora.irds import ir_datasets
from zsr_tui.domain import Problem
from zsr_tui.progress import Cancelled, CancelToken, ignore_progress
here = Path({folder!r})
irds = ir_datasets()
files = (str(here / name) for name in ("docs.tsv", "queries.tsv", "qrels"))
irds.registry.register("tiny", irds.create_dataset(*files))
"""


@pytest.fixture
def register(tmp_path: Path) -> str:
    """Code that registers a dataset `tiny` with ir_datasets."""
    (tmp_path / "docs.tsv").write_text("".join(f"d{n}\ttext {n}\n" for n in range(50)))
    (tmp_path / "queries.tsv").write_text("q1\twhat is 7\nq2\twhat is 9\n")
    (tmp_path / "qrels").write_text("q1 0 d7 1\nq1 0 d8 -1\nq2 0 d9 2\n")
    return _REGISTER.format(folder=str(tmp_path))


def test_from_nothing_to_reading(register: str, in_new_process: Run) -> None:
    found = in_new_process(
        register
        + """
try:
    corpora.open_corpus("tiny")
except corpora.NotDownloaded as problem:
    first = problem.kind
corpora.download("tiny", ignore_progress, CancelToken())
corpus = corpora.open_corpus("tiny")
print(json.dumps([
    first, corpus.id, corpus.collection, corpus.doc_count(),
    [doc.id for doc in corpus.iter_docs(48)], [doc.id for doc in corpus.iter_docs()][:2],
    list(corpus.iter_docs(50)), {id: doc.content for id, doc in corpus.docs(["d7", "d70", "x"]).items()},
    [query.text for query in corpus.queries()], corpus.judgments("q1"), corpus.judgments("x"),
    len(corpus.fingerprint()), corpus.notes(),
]))
"""
    )
    assert found == [
        "not-downloaded",
        "tiny",
        "tiny",
        50,
        ["d48", "d49"],
        ["d0", "d1"],
        [],
        {"d7": "text 7"},
        ["what is 7", "what is 9"],
        {"d7": 1, "d8": -1},
        {},
        64,
        [],
    ]


def test_cancelled_it_is_not_taken_for_complete(register: str, in_new_process: Run) -> None:
    found = in_new_process(
        register
        + """
cancel = CancelToken()
try:
    corpora.download("tiny", lambda progress: cancel.cancel(), cancel)
except Cancelled:
    pass
try:
    corpora.open_corpus("tiny")
except corpora.NotDownloaded:
    corpora.download("tiny", ignore_progress, CancelToken())
print(json.dumps([doc.id for doc in corpora.open_corpus("tiny").iter_docs(49)]))
"""
    )
    assert found == ["d49"]


def test_a_missing_file_is_one_sentence(register: str, tmp_path: Path, in_new_process: Run) -> None:
    (tmp_path / "queries.tsv").unlink()
    message = in_new_process(
        register
        + """
try:
    corpora.download("tiny", ignore_progress, CancelToken())
except Problem as problem:
    print(json.dumps(problem.message))
"""
    )
    assert isinstance(message, str)
    assert message.startswith("tiny cannot be downloaded: ")
    assert "queries.tsv" in message


@pytest.mark.parametrize(
    ("id", "expected"),
    [
        pytest.param("clueweb09/en", "needs a copy of the data that you bring: put it at", id="licensed"),
        pytest.param("vaswani", "no connection to ", id="no network"),
    ],
)
def test_what_to_do_without_data_or_network(id: str, expected: str, in_new_process: Run) -> None:
    """The network is missing for certain: every request goes to a proxy that nobody serves."""
    message = in_new_process(
        "import json, os\n"
        "os.environ.update(dict.fromkeys(['http_proxy', 'https_proxy'], 'http://127.0.0.1:9'))\n"
        "import zsr_tui.corpora as corpora\n"
        "from zsr_tui.domain import Problem\n"
        "from zsr_tui.progress import CancelToken, ignore_progress\n"
        "try:\n"
        f"    corpora.download({id!r}, ignore_progress, CancelToken())\n"
        "except Problem as problem:\n"
        "    print(json.dumps(problem.message))\n"
    )
    assert isinstance(message, str)
    assert message.startswith(f"{id} ")
    assert expected in message
    assert "\n" not in message


def test_documents_of_every_shape() -> None:
    formats = ir_datasets().formats
    beir = ir_datasets().datasets.beir
    assert as_doc(beir.BeirTitleDoc("1", "text", "title")) == Doc("1", "title", "text")
    assert as_doc(beir.BeirTitleDoc("1", "text", "")) == Doc("1", "", "text")
    assert as_doc(formats.GenericDoc("1", "text")) == Doc("1", "", "text")
    wapo = ir_datasets().datasets.wapo
    news = wapo.WapoDoc("1", "url", "Headline", "me", 0, "", "Body", (), ())
    assert as_doc(news) == Doc("1", "Headline", "Body")
    assert as_doc(news._replace(title=None)).title == ""
    code = ir_datasets().datasets.codesearchnet
    assert "def f" in as_doc(code.CodeSearchNetDoc("1", "repo", "path", "f", "def f(): ...", "python")).text


def test_failures_of_ir_datasets_in_one_sentence() -> None:
    assert "user name and a password" in explained("x", EOFError()).message
    assert "disk is full" in explained("x", OSError(28, "No space left on device")).message
    wants = explained("x", ImportError("This dataset requires y. Run 'pip install y'"))
    assert wants.message == "x needs a package that is not installed: This dataset requires y. Run 'pip install y'."
    assert explained("x", RuntimeError("first\nsecond")).message == "x cannot be downloaded: first."
    answer = requests.Response()
    answer.status_code = 503
    asked = requests.Request("GET", "https://data.example/x.gz").prepare()
    refused = requests.HTTPError(request=asked, response=answer)
    for failure in (refused, RuntimeError("every mirror", [("one", ValueError()), ("two", refused)])):
        assert "x cannot be downloaded: data.example answers with status 503; " in explained("x", failure).message


def test_licensed_without_a_copy(tmp_path: Path) -> None:
    for id in ("bioasq", "signal1m", "trec-news", "robust04"):
        with pytest.raises(NotDownloaded):
            open_corpus(id)
        with pytest.raises(Problem, match=r"needs a licence, so you bring the data: .* BEIR layout"):
            download(id, ignore_progress, CancelToken())


def test_licensed_from_a_folder_in_beir_layout(write: Write, fresh: Path) -> None:
    from zsr_tui.corpora import list_corpora

    place = fresh / "data" / "beir"
    place.mkdir(parents=True)
    write().rename(place / "bioasq")
    download("bioasq", ignore_progress, CancelToken())
    corpus = open_corpus("bioasq")
    assert (corpus.id, corpus.collection) == ("beir/bioasq", "beir/bioasq")
    assert corpus.doc_count() == 3
    listed = {info.id: info for info in list_corpora()}
    assert listed["beir/bioasq"].state.downloaded
    assert not [info for info in listed.values() if info.group == "local"]


def test_two_datasets_of_one_collection_are_made_ready_one_after_the_other(register: str, in_new_process: Run) -> None:
    """Of which each would take what the other one has begun for left, and both would add their documents."""
    found = in_new_process(
        register
        + """
import threading
from types import SimpleNamespace
from ir_datasets.indices import PickleLz4FullStore
from ir_datasets.formats import GenericDoc
from zsr_tui.corpora import general

class Dataset:
    def __init__(self):
        self.store = PickleLz4FullStore(str(here / "docs.pklz4"), self.documents, GenericDoc, "doc_id", ["doc_id"])
    def documents(self):
        if threading.current_thread() is first:
            began.set()
            second_is_there.wait(300)
        else:
            second_is_there.set()
        yield from (GenericDoc(f"d{number}", f"text {number}") for number in range(50))
    def docs_metadata(self):
        return {}
    def docs_handler(self):
        return SimpleNamespace(docs_store=lambda: self.store)
    def docs_iter(self):
        return iter(self.store)
    def docs_count(self):
        return self.store.count()
    def has(self, part):
        return False

began, second_is_there, told = threading.Event(), threading.Event(), []
known = SimpleNamespace(load=lambda id: Dataset(), docs_parent_id=lambda id: "both")
general.ir_datasets, general.instructions = lambda: known, lambda id: ""

def report(progress):
    told.append(progress.task)
    if progress.task.startswith("Waiting"):
        second_is_there.set()

def ready(id):
    general.make_ready(id, report, CancelToken())

first, second = (threading.Thread(target=ready, args=[id]) for id in ("both/one", "both/two"))
first.start()
began.wait(300)
second.start()
first.join()
second.join()
marks = [json.loads(general._mark(id).read_text()) if general.is_ready(id) else None for id in ("both/one", "both/two")]
print(json.dumps([marks, len(list(Dataset().docs_iter())), "Waiting for what else is made of both" in told]))
"""
    )
    assert found == [[{"docs": 50}, {"docs": 50}], 50, True]

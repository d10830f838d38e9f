"""BEIR from the download to the last judgment, with small archives and a server on this machine."""

from __future__ import annotations

import hashlib
import http.server
import json
import threading
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from zsr_tui.corpora.catalogue import catalogue

_CODE = """
import json
import zsr_tui.corpora as corpora
from zsr_tui.corpora.irds import downloads
from zsr_tui.domain import Problem
from zsr_tui.progress import CancelToken
downloads("beir")[{archive!r}].update(url={url!r}, expected_md5={md5!r}, size_hint={size})
reports = []
corpora.download({ref!r}, reports.append, CancelToken())
ids = corpora.members_of(corpora.normalise({ref!r})) or ({ref!r},)
opened = [corpora.open_corpus(id) for id in ids]
listed = {{info.id: info.state.downloaded for info in corpora.list_corpora()}}
print(json.dumps({{
    "docs": [[[doc.id, doc.title, doc.text] for doc in corpus.iter_docs()] for corpus in opened],
    "queries": [[[query.id, query.text] for query in corpus.queries()] for corpus in opened],
    "judgments": [corpus.judgments("q1") for corpus in opened],
    "notes": [corpus.notes() for corpus in opened],
    "fingerprints": len({{corpus.fingerprint() for corpus in opened}}),
    "progress": sorted({{report.task for report in reports}}),
    "listed": [listed[corpora.normalise({ref!r})]] + [listed[corpus.id] for corpus in opened],
}}))
"""


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[str]:
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    handler = partial(Quiet, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def pack(path: Path, *folders: str, **fields: object) -> str:
    """Returns the md5 of an archive that holds one document, two queries and two splits in each folder."""
    with zipfile.ZipFile(path, "w") as archive:
        for folder in folders:
            doc = {"_id": "d1", "title": "", "text": f"text of {folder}", "metadata": fields}
            archive.writestr(f"{folder}/corpus.jsonl", json.dumps(doc) + "\n")
            queries = [{"_id": qid, "text": f"query {qid}", "metadata": fields} for qid in ("q1", "q2")]
            archive.writestr(f"{folder}/queries.jsonl", "".join(json.dumps(query) + "\n" for query in queries))
            for split, qid in (("test", "q1"), ("train", "q2")):
                archive.writestr(f"{folder}/qrels/{split}.tsv", f"query-id\tcorpus-id\tscore\n{qid}\td1\t1\n")
    return hashlib.md5(path.read_bytes()).hexdigest()


def run(in_new_process: Callable[[str], object], path: Path, **values: object) -> dict[str, object]:
    found = in_new_process(_CODE.format(size=path.stat().st_size, **values))
    assert isinstance(found, dict)
    return found


def test_downloaded_unpacked_and_read(tmp_path: Path, serve: str, in_new_process: Callable[[str], object]) -> None:
    path = tmp_path / "scifact.zip"
    md5 = pack(path, "scifact")
    values = {"archive": "scifact", "url": f"{serve}/scifact.zip", "md5": md5, "ref": "scifact"}
    found = run(in_new_process, path, **values)
    assert found["docs"] == [[["d1", "", "text of scifact"]]]
    assert found["queries"] == [[["q1", "query q1"]]]
    assert found["judgments"] == [{"d1": 1}]
    assert found["notes"] == [[]]
    assert found["listed"] == [True, True]
    steps = ["Checking beir/scifact", "Downloading beir/scifact", "Unpacking beir/scifact"]
    assert found["progress"] == steps
    path.rename(tmp_path / "gone.zip")
    assert run(in_new_process, tmp_path / "gone.zip", **values)["docs"] == found["docs"]


def test_cqadupstack_as_a_whole_is_one_download(
    tmp_path: Path, serve: str, in_new_process: Callable[[str], object]
) -> None:
    path = tmp_path / "cqadupstack.zip"
    forums = [forum.removeprefix("beir/") for forum in catalogue().forums]
    md5 = pack(path, *forums, tags=[])
    found = run(in_new_process, path, archive="cqadupstack", url=f"{serve}/{path.name}", md5=md5, ref="cqadupstack")
    assert found["docs"] == [[["d1", "", f"text of {forum}"]] for forum in forums]
    assert found["fingerprints"] == 12
    assert found["listed"] == [True] * 13
    assert [task for task in found["progress"] if task.startswith("Downloading")] == [  # type: ignore[attr-defined]
        "Downloading beir/cqadupstack"
    ]


def test_too_little_space_to_unpack(tmp_path: Path, in_new_process: Callable[[str], object]) -> None:
    folder = tmp_path / "irds" / "beir" / "scifact"
    folder.mkdir(parents=True)
    pack(folder / "source.zip", "scifact")
    message = in_new_process(
        "import json, zsr_tui.corpora as corpora\n"
        "from zsr_tui.corpora import problems\n"
        "from zsr_tui.domain import Problem\n"
        "problems.shutil.disk_usage = lambda _: type('usage', (), {'free': 10})\n"
        "try:\n    corpora.open_corpus('scifact')\nexcept Problem as problem:\n    print(json.dumps(problem.message))"
    )
    assert isinstance(message, str)
    assert message.startswith("the disk is too full to unpack beir/scifact")
    assert not (folder / "docs.pklz4").exists()

"""SciFact as BEIR publishes it, read through ir_datasets from an archive that was put in its place by hand."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.real

_READ = """
import json, threading
import zsr_tui.corpora as corpora
from zsr_tui.progress import CancelToken
reports = []
{before}
test, train = corpora.open_corpus("scifact"), corpora.open_corpus("beir/scifact/train")
ids = [doc.id for doc in test.iter_docs()]
wrong = []
def look_up(start):
    for id in ids[start::200]:
        if test.docs([id])[id].id != id:
            wrong.append(id)
threads = [threading.Thread(target=look_up, args=(start,)) for start in range(8)]
[thread.start() for thread in threads]; [thread.join() for thread in threads]
print(json.dumps({{
    "id": test.id, "collections": [test.collection, train.collection], "docs": [test.doc_count(), len(set(ids))],
    "queries": [len(test.queries()), len(train.queries())],
    "judgments": sum(len(test.judgments(query.id)) for query in test.queries()),
    "first": test.queries()[0].text, "of_first": test.judgments("1"),
    "doc": test.docs(["31715818"])["31715818"].title,
    "unknown": list(test.docs(["31715818x", "0", ids[0] + "00000000"])),
    "resumed": [doc.id for doc in test.iter_docs(5000)] == ids[5000:],
    "fingerprints": [test.fingerprint(), train.fingerprint()], "wrong": wrong, "notes": len(test.notes()),
    "progress": [[report.task, report.done, report.total, report.unit] for report in reports],
}}))
"""
_DOWNLOAD = 'corpora.download("scifact", reports.append, CancelToken())'


@pytest.fixture
def home(shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the archive where ir_datasets looks for it."""
    folder = tmp_path / "irds" / "beir" / "scifact"
    folder.mkdir(parents=True)
    shutil.copyfile(shared / "ir_datasets" / "beir" / "scifact" / "source.zip", folder / "source.zip")
    monkeypatch.setenv("IR_DATASETS_HOME", str(tmp_path / "irds"))
    return folder


def read(before: str = "") -> dict[str, object]:
    """In an interpreter of its own: ir_datasets looks at IR_DATASETS_HOME once, when it is imported."""
    code = _READ.format(before=before)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=dict(os.environ))
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return json.loads(done.stdout)


def test_it_reads_as_published(home: Path) -> None:
    found = read(_DOWNLOAD)
    assert found["id"] == "beir/scifact/test"
    assert found["collections"] == ["beir/scifact", "beir/scifact"]
    assert found["docs"] == [5183, 5183]
    assert found["queries"] == [300, 809]
    assert found["judgments"] == 339
    assert found["first"] == "0-dimensional biomaterials show inductive properties."
    assert found["of_first"] == {"31715818": 1}
    assert found["doc"] == "New opportunities: the use of nanotechnologies to manipulate and track stem cells."
    assert found["unknown"] == []
    assert found["resumed"]
    assert found["wrong"] == []
    assert len(set(found["fingerprints"])) == 1  # type: ignore[call-overload]
    progress = found["progress"]
    assert progress[0] == ["Unpacking beir/scifact", 0, 5183, "documents"]  # type: ignore[index]
    assert progress[-1] == ["Unpacking beir/scifact", 5183, 5183, "documents"]  # type: ignore[index]
    again = read(_DOWNLOAD)
    assert again["progress"] == []
    assert {**again, "progress": 0} == {**found, "progress": 0}


def test_opening_alone_unpacks_and_the_archive_may_go_then(home: Path) -> None:
    assert read()["docs"] == [5183, 5183]
    (home / "source.zip").unlink()
    assert read()["docs"] == [5183, 5183]


def test_an_archive_with_another_sum_is_said_to_be_another(home: Path) -> None:
    """The archive at hand holds the published files, packed anew."""
    assert read()["notes"] == 1


def test_killed_while_unpacking_it_starts_anew(home: Path) -> None:
    code = (
        "import sys, pathlib, zsr_tui.corpora as corpora; from zsr_tui.progress import CancelToken\n"
        "def report(progress):\n"
        f"    if pathlib.Path({str(home / 'docs.pklz4.half' / 'bin')!r}).exists():\n"
        "        print('half', flush=True)\n"
        "        sys.stdin.read()\n"
        "corpora.download('scifact', report, CancelToken())"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], env=dict(os.environ), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "half\n"
        child.kill()
    assert not (home / "docs.pklz4").exists()
    assert read()["docs"] == [5183, 5183]
    assert not (home / "docs.pklz4.half").exists()


def test_a_store_that_another_program_left_half_built_is_built_anew(home: Path) -> None:
    """ir_datasets takes a store for built as soon as the positions are there."""
    read()
    (home / "docs.pklz4" / "idx.doc_id.meta").unlink()
    assert read()["docs"] == [5183, 5183]


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        pytest.param(
            lambda path: path.write_bytes(path.read_bytes()[:1_000_000]),
            "is not a complete zip archive: delete it",
            id="cut short",
        ),
        pytest.param(lambda path: path.unlink(), "beir/scifact/test is not downloaded yet.", id="missing"),
    ],
)
def test_without_a_whole_archive(home: Path, damage: object, expected: str) -> None:
    damage(home / "source.zip")  # type: ignore[operator]
    code = (
        "import zsr_tui.corpora as corpora; from zsr_tui.domain import Problem\n"
        "try:\n    corpora.open_corpus('scifact')\nexcept Problem as problem:\n    print(problem.message)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=dict(os.environ))
    assert expected in done.stdout
    assert done.stderr == ""

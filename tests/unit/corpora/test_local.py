"""Folders in BEIR layout: what is read, and each way in which a file can be wrong."""

from __future__ import annotations

import errno
import json
import os
import shutil
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from tests.unit.corpora.conftest import DOCS, QUERIES, Write
from zsr_tui.corpora import list_corpora, open_corpus
from zsr_tui.domain import Doc, Problem, Query
from zsr_tui.progress import Cancelled, CancelToken, Progress, ignore_progress


def problem(folder: Path) -> Problem:
    with pytest.raises(Problem) as caught:
        open_corpus(str(folder))
    return caught.value


def test_documents_queries_and_judgments(write: Write) -> None:
    folder = write()
    corpus = open_corpus(str(folder))
    assert (corpus.id, corpus.collection) == (str(folder), str(folder))
    assert corpus.doc_count() == 3
    assert list(corpus.iter_docs()) == [
        Doc("d1", "Rye", "Rye grows on poor soil."),
        Doc("d2", "", "Wheat wants warmth."),
        Doc("d3", "", "Oats like rain."),
    ]
    assert [doc.id for doc in corpus.iter_docs(2)] == ["d3"]
    assert list(corpus.iter_docs(3)) == []
    assert corpus.docs(["d3", "nobody", "d1", "d3"]) == {
        "d1": Doc("d1", "Rye", "Rye grows on poor soil."),
        "d3": Doc("d3", "", "Oats like rain."),
    }
    assert corpus.docs([]) == {}
    assert corpus.queries() == (Query("q1", "poor soil"), Query("q2", "rain"))
    assert corpus.judgments("q1") == {"d1": 2, "d2": 0}
    assert corpus.judgments("nobody") == {}
    assert corpus.notes() == ()


def test_text_that_is_awkward_comes_back_as_it_is(write: Write) -> None:
    text = 'tab\t newline\n "quoted" [b]x[/b] \x1b[31m 漢字 שלום 🦔 \u2028 end'
    corpus = open_corpus(str(write([{"_id": "漢", "title": "é", "text": text}])))
    assert next(corpus.iter_docs()) == corpus.docs(["漢"])["漢"] == Doc("漢", "é", text)


def test_half_a_surrogate_pair_becomes_a_replacement_character(write: Write) -> None:
    corpus = open_corpus(str(write([rb'{"_id": "a", "text": "x\ud83dy\ud83d\ude00"}'])))
    assert next(corpus.iter_docs()).text == "x\ufffdy😀"


def test_blank_lines_windows_line_ends_byte_order_mark_and_no_last_newline(tmp_path: Path, write: Write) -> None:
    folder = write()
    (folder / "corpus.jsonl").write_bytes(
        b'\xef\xbb\xbf{"_id": "a", "text": "1"}\r\n\n   \r\n'
        b'{"_id": 7, "text": "2", "title": null}\r\n{"_id": "c", "text": ""}'
    )
    corpus = open_corpus(str(folder))
    assert list(corpus.iter_docs()) == [Doc("a", "", "1"), Doc("7", "", "2"), Doc("c", "", "")]
    assert list(corpus.iter_docs(1)) == [Doc("7", "", "2"), Doc("c", "", "")]
    assert corpus.docs(["7", "a"]) == {"a": Doc("a", "", "1"), "7": Doc("7", "", "2")}


@pytest.mark.parametrize(
    ("line", "what"),
    [
        pytest.param(
            b'{"_id": "x", "text": "cut', "not valid JSON (invalid control character at column 26)", id="cut short"
        ),
        pytest.param(b'["x"]', "expected a JSON object, found a list", id="list"),
        pytest.param(b"null", "expected a JSON object, found null", id="null"),
        pytest.param(
            b'{"text": "x"}', "no _id, which is what BEIR layout calls an id; the line has 'text'", id="no id"
        ),
        pytest.param(b'{"_id": null, "text": "x"}', "_id must be a string, not null", id="id is null"),
        pytest.param(b'{"_id": "", "text": "x"}', "_id must be text without white space", id="id is empty"),
        pytest.param(
            b'{"_id": "two words", "text": "x"}', "_id must be text without white space", id="id of two words"
        ),
        pytest.param(
            rb'{"_id": "\ud800", "text": "x"}', "_id must be text without white space", id="id is a surrogate"
        ),
        pytest.param(b'{"_id": "x"}', "no text", id="no text"),
        pytest.param(b'{"_id": "x", "text": 3}', "text must be a string, not a number", id="text is a number"),
        pytest.param(
            b'{"_id": "x", "text": "", "title": []}', "title must be a string, not a list", id="title is a list"
        ),
        pytest.param(b'{"_id": "x", "text": "\xff"}', "not UTF-8 text", id="not UTF-8"),
        pytest.param(b"[" * 100_000, "not valid JSON", id="deeply nested"),
    ],
)
def test_a_bad_line_is_named_with_its_file_and_number(write: Write, line: bytes, what: str) -> None:
    folder = write([*DOCS, line])
    assert problem(folder).message.startswith(f"{folder / 'corpus.jsonl'}, line 4: {what}")
    folder = write(queries=[*QUERIES, line.replace(b"title", b"ti")], name="queries")
    if b"title" not in line:
        assert problem(folder).message.startswith(f"{folder / 'queries.jsonl'}, line 3: {what}")


def test_nothing_is_remembered_of_a_corpus_that_is_wrong(write: Write, fresh: Path) -> None:
    folder = write([*DOCS, b"{"])
    problem(folder)
    assert [info.id for info in list_corpora() if info.group == "local"] == []
    assert list((fresh / "cache").rglob("*.sqlite")) == []
    write(DOCS)  # put right
    assert open_corpus(str(folder)).doc_count() == 3


@pytest.mark.parametrize("between", [0, 5000])
def test_duplicate_ids_name_both_lines(write: Write, between: int) -> None:
    filler = [{"_id": f"f{n}", "text": ""} for n in range(between)]
    folder = write([*DOCS, b"", *filler, {"_id": "d2", "text": "again"}])
    message = problem(folder).message
    assert message == f"{folder / 'corpus.jsonl'}, line {5 + between}: document 'd2' is there already, on line 2."
    folder = write(queries=[*QUERIES, QUERIES[0]], name="queries")
    assert problem(folder).message.endswith("line 3: query 'q1' is there already, on line 1.")


def test_an_empty_corpus(write: Write) -> None:
    folder = write([b"", b"  "])
    assert problem(folder).message == f"{folder / 'corpus.jsonl'} holds no documents."


def test_without_queries_or_judgments_it_still_opens(write: Write, tmp_path: Path) -> None:
    folder = write(queries=None)
    (folder / "qrels" / "test.tsv").unlink()
    (folder / "qrels").rmdir()
    corpus = open_corpus(str(folder))
    assert corpus.queries() == ()
    assert "only queries that you type" in corpus.notes()[0]


def test_splits(write: Write) -> None:
    folder = write(dev="q1\td1\t1\n", train="q2\td3\t1\n")
    corpus = open_corpus(str(folder))  # neither test nor the only one: dev
    assert corpus.id == str(folder)
    assert [query.id for query in corpus.queries()] == ["q1"]
    train = open_corpus(f"{folder}:train")
    assert (train.id, train.collection) == (f"{folder}:train", str(folder))
    assert [query.id for query in train.queries()] == ["q2"]
    assert open_corpus(f"{folder}:dev").id == str(folder)
    with pytest.raises(Problem, match="no split 'test': it has dev, train") as caught:
        open_corpus(f"{folder}:test")
    assert caught.value.usage


def test_reopening_scans_nothing(write: Write) -> None:
    folder = write()
    first = open_corpus(str(folder))
    reports: list[Progress] = []
    again = open_corpus(str(folder), reports.append)
    assert reports == []
    assert again.fingerprint() == first.fingerprint()
    assert again.doc_count() == 3


@pytest.mark.parametrize(
    "harm",
    [
        "UPDATE docs SET offset = (SELECT offset FROM docs WHERE n = 0) WHERE n = 1",
        "UPDATE docs SET offset = offset + 1",
        "UPDATE docs SET offset = -1",
        "UPDATE docs SET id = 'd0' WHERE n = 0; UPDATE docs SET id = 'd1' WHERE n = 1",
        "DELETE FROM docs",
        "DELETE FROM facts",
    ],
    ids=["another's place", "in a line", "no place", "another's id", "no documents", "nothing of itself"],
)
@pytest.mark.parametrize("when", ["open", "closed"])
def test_a_damaged_table_of_documents_is_made_again(write: Write, fresh: Path, when: str, harm: str) -> None:
    folder = write()
    whole = list(open_corpus(str(folder)).iter_docs())
    (table,) = (fresh / "cache" / "offsets").glob("*.sqlite")
    corpus = open_corpus(str(folder)) if when == "open" else None
    with closing(sqlite3.connect(table)) as connection:
        connection.executescript(harm)
    corpus = corpus or open_corpus(str(folder))
    assert list(corpus.iter_docs(1)) == whole[1:]
    assert corpus.docs(["d2"]) == {"d2": whole[1]}
    assert (corpus.doc_count(), list(open_corpus(str(folder)).docs(["d2", "d3"]).values())) == (3, whole[1:])


def test_a_changed_corpus_is_another_one_and_the_open_one_says_so(write: Write) -> None:
    folder = write()
    old = open_corpus(str(folder))
    write([{"_id": "n", "text": "new"}, *DOCS])
    for use in (lambda: old.docs(["d1"]), lambda: list(old.iter_docs())):
        with pytest.raises(Problem, match="has changed since it was opened"):
            use()
    new = open_corpus(str(folder))
    assert new.fingerprint() != old.fingerprint()
    assert [doc.id for doc in new.iter_docs()] == ["n", "d1", "d2", "d3"]


def test_the_fingerprint_is_of_the_content_not_of_the_place(write: Write) -> None:
    one, two = open_corpus(str(write(name="one"))), open_corpus(str(write(name="two")))
    assert one.fingerprint() == two.fingerprint()


def test_checking_reports_progress_and_can_be_cancelled(write: Write) -> None:
    folder = write([{"_id": f"d{n}", "text": "x" * 50} for n in range(5000)])
    cancel = CancelToken()

    def stop(progress: Progress) -> None:
        assert progress.unit == "bytes"
        cancel.cancel()

    with pytest.raises(Cancelled):
        open_corpus(str(folder), stop, cancel)
    reports: list[Progress] = []
    corpus = open_corpus(str(folder), reports.append)
    assert reports[-1].done == reports[-1].total == (folder / "corpus.jsonl").stat().st_size
    assert [doc.id for doc in corpus.iter_docs(4998)] == ["d4998", "d4999"]
    assert len(corpus.docs(f"d{n}" for n in range(0, 5000, 2))) == 2500


def test_many_threads_read_at_once(write: Write) -> None:
    corpus = open_corpus(str(write([{"_id": f"d{n}", "text": f"text {n}"} for n in range(500)])))
    wrong: list[object] = []

    def read(offset: int) -> None:
        for n in range(offset, 500, 8):
            if corpus.docs([f"d{n}"])[f"d{n}"].text != f"text {n}":
                wrong.append(n)
        if [doc.id for doc in corpus.iter_docs(490)] != [f"d{n}" for n in range(490, 500)]:
            wrong.append("iteration")

    threads = [threading.Thread(target=read, args=(offset,)) for offset in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_corpus_in_a_read_only_folder(write: Write) -> None:
    folder = write()
    before = sorted(folder.rglob("*"))
    folder.chmod(0o555)
    try:
        assert open_corpus(str(folder)).doc_count() == 3
    finally:
        folder.chmod(0o755)
    assert sorted(folder.rglob("*")) == before


def test_the_cache_on_a_full_disk(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file size limit stands for the disk: SQLite sees the same failure of write."""
    import resource
    import signal

    folder = write([{"_id": f"d{n:09}" * 20, "text": ""} for n in range(5000)])
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, limits[1]))
    try:
        message = problem(folder).message
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert "free some space" in message
    assert open_corpus(str(folder)).doc_count() == 5000


def test_opened_corpora_are_listed_until_they_are_gone(write: Write) -> None:
    folder = write(dev="q1\td1\t1\n", train="q2\td3\t1\n")
    open_corpus(str(folder))
    open_corpus(f"{folder}:train")
    listed = {info.id: info for info in list_corpora() if info.group == "local"}
    assert list(listed) == [f"{folder}:train", str(folder)]
    info = listed[str(folder)]
    assert (info.docs, info.queries, info.judgments, info.state.downloaded) == (3, 1, 1, True)
    folder.rename(folder.with_name("elsewhere"))
    assert [info.id for info in list_corpora() if info.group == "local"] == []


@pytest.mark.parametrize(
    "damaged", [b"[{", b'[{"id": "a", "path": 3, "docs": 1, "queries": 1, "judgments": 1}]', b"{}", b'["\xff"]'],
    ids=["cut short", "a number as path", "no list", "no text"],
)  # fmt: skip
def test_a_damaged_list_of_local_corpora_is_set_aside_and_said(
    write: Write, fresh: Path, caplog: pytest.LogCaptureFixture, damaged: bytes
) -> None:
    folder, lists = write(), fresh / "data"
    open_corpus(str(folder))
    for number in (1, 2):
        (lists / "local_corpora.json").write_bytes(damaged)
        assert [info for info in list_corpora() if info.group == "local"] == []
        open_corpus(str(folder))
        assert json.loads((lists / "local_corpora.json").read_text())[0]["id"] == str(folder)
        aside = lists / f"local_corpora.json.broken-{number}"
        assert aside.read_bytes() == damaged
        assert caplog.text.count(str(aside)) == 1


def test_what_a_newer_version_says_of_a_local_corpus_hides_none(write: Write, fresh: Path, tmp_path: Path) -> None:
    folder, listed = write(), fresh / "data" / "local_corpora.json"
    open_corpus(str(folder))
    rows = json.loads(listed.read_text())
    listed.write_text(json.dumps([{**row, "colour": "red"} for row in rows]))
    assert [info.id for info in list_corpora() if info.group == "local"] == [str(folder)]
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    open_corpus(str(other))
    assert {info.id for info in list_corpora() if info.group == "local"} == {str(folder), str(other)}


def test_a_list_of_local_corpora_that_cannot_be_read_is_not_written_over(
    write: Write, fresh: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    folder, listed = write(), fresh / "data" / "local_corpora.json"
    open_corpus(str(folder))
    before, read = listed.read_bytes(), Path.read_bytes

    def fails(path: Path) -> bytes:
        if path == listed:
            raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", fails)
    assert [info for info in list_corpora() if info.group == "local"] == []
    open_corpus(f"{folder}")
    assert "cannot be remembered" in caplog.text
    monkeypatch.undo()
    assert listed.read_bytes() == before


def test_a_folder_without_corpus(write: Write) -> None:
    folder = write()
    (folder / "corpus.jsonl").unlink()
    found = problem(folder)
    assert found.usage
    assert f"{folder} holds no corpus.jsonl" in found.message


def test_the_folder_above_is_pointed_below(write: Write) -> None:
    folder = write()
    assert f"Did you mean {folder}?" in problem(folder.parent).message


@pytest.mark.skipif(os.geteuid() == 0, reason="permissions do not bind the super-user")
def test_a_file_that_may_not_be_read(write: Write) -> None:
    folder = write()
    (folder / "corpus.jsonl").chmod(0)
    assert "no permission" in problem(folder).message


def test_download_checks_a_local_corpus(write: Write) -> None:
    from zsr_tui.corpora import download

    folder = write([*DOCS, b"{"])
    with pytest.raises(Problem, match="line 4"):
        download(str(folder), ignore_progress, CancelToken())

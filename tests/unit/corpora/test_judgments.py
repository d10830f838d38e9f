"""Judgments of a folder in BEIR layout as people have them, and each way in which a file of them can be wrong."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import pytest

from tests.unit.corpora.conftest import Write
from zsr_tui.corpora import open_corpus
from zsr_tui.corpora.judgments import read_judgments
from zsr_tui.domain import Problem

BEYOND = "the grade {} is beyond 1,000,000, the largest that measures are computed with"


def problem(folder: Path) -> Problem:
    with pytest.raises(Problem) as caught:
        open_corpus(str(folder))
    return caught.value


@pytest.mark.parametrize(
    "qrels",
    [
        pytest.param("q1\td1\t2\nq1\td2\t0\nq2\td3\t1", id="three columns"),
        pytest.param(
            "query-id\tcorpus-id\tscore\r\n\r\nq1\td1\t2\r\nq1\td2\t0\r\nq2\td3\t1\r\n", id="three columns with header"
        ),
        pytest.param("q1 0 d1 2\nq1 0 d2 0\nq2 Q0 d3 1\n", id="four columns"),
        pytest.param("q1 0 d1\t2\nq1\t0 d2\t 0\nq2\t0\td3 1 \t\n", id="tabs and spaces mixed"),
        pytest.param("q1\td1\t2\t\nq1\td2\t0\nq2\td3\t1\n", id="tab at the end of a line"),
        pytest.param("\ufeffquery-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td2\t0\nq2\td3\t1\n", id="byte order mark"),
        pytest.param("\ufeff\nq1\td1\t2\n\u3000\nq1\td2\t0\nq2\td3\t1\n", id="lines of unseen characters"),
        pytest.param("\nq1\td1\t2.0\nq1\td2\t0.0\nq2\td3\t+1\n", id="grades with a point"),
        pytest.param(
            '"query-id"\t"corpus-id"\t"score"\n"q1"\t"d1"\t"2"\n"q1"\t"d2"\t"0"\n"q2"\t"d3"\t"1"\n', id="all in quotes"
        ),
        pytest.param(
            "\tquery_id\tdoc_id\trelevance\n0\tq1\td1\t2.0\n1\tq1\td2\t0.0\n2\tq2\td3\t1.0\n", id="index of pandas"
        ),
        pytest.param("docno\tlabel\tqid\nd1\t2\tq1\nd2\t0\tq1\nd3\t1\tq2\n", id="columns in another order"),
        pytest.param(
            "qid docid rel split by\nq1 d1 2 test x\nq1 d2 0 test y\nq2 d3 1 test x\n", id="more columns with a header"
        ),
        pytest.param(
            "query-id 0 corpus-id relevance\nq1\t0\td1\t2\nq1\t0\td2\t0\nq2\t0\td3\t1\n", id="four columns with header"
        ),
        pytest.param("a\tb\tscore\nq1\td1\t2\nq1\td2\t0\nq2\td3\t1\n", id="two names that nobody knows"),
        pytest.param(',qid,"docid",grade\n0,q1,"d1",2.0\n1,q1,d2,0.0\n2,q2,d3,1.0\n', id="commas below a header"),
        pytest.param("query-id;corpus-id;score\r\nq1;d1;2\r\nq1;d2;0\r\nq2;d3;1\r\n", id="semicolons below a header"),
        pytest.param(
            "query_id,doc_id,label,score\nq1,d1,2,7.5\nq1,d2,0,11\nq2,d3,1,3\n", id="a system's score beside the grade"
        ),
        pytest.param(
            "qid,query,docno,doc,label\nq1,who,d1,a text,2\nq1,who,d2,b,0\nq2,how,d3,c,1\n", id="texts beside the ids"
        ),
        pytest.param(
            f"qid,docid,rel,why\nq1,d1,2,{'long ' * 30_000}\nq1,d2,0,\nq2,d3,1,short\n", id="a field of 150 kB"
        ),
    ],
)
def test_judgments_with_and_without_header_in_three_or_four_columns(write: Write, qrels: str) -> None:
    corpus = open_corpus(str(write(test=qrels)))
    assert corpus.judgments("q1") == {"d1": 2, "d2": 0}
    assert corpus.judgments("q2") == {"d3": 1}


@pytest.mark.parametrize(
    ("line", "what"),
    [
        pytest.param("q1\td1\thigh", "the grade must be a whole number, not 'high'", id="grade in words"),
        pytest.param("q1\td1\t1.5", "the grade must be a whole number, not '1.5'", id="grade with decimals"),
        pytest.param("q1\td1\t1_0", "the grade must be a whole number, not '1_0'", id="grade with an underscore"),
        pytest.param("q1\td1\tnan", "the grade must be a whole number, not 'nan'", id="grade is no number"),
        pytest.param("q1\td1\tinf", "the grade must be a whole number, not 'inf'", id="grade without end"),
        pytest.param("q1\td1\t", "expected query id, document id and grade, found 2 columns", id="empty grade"),
        pytest.param("q1\td1\t4294967296", BEYOND.format("4294967296"), id="grade of 33 bits"),
        pytest.param("q1\td1\t-2147483649", BEYOND.format("-2147483649"), id="negative grade of 33 bits"),
        pytest.param("q1\td1\t1000001", BEYOND.format("1000001"), id="grade above the largest"),
        pytest.param("q1\td1", "expected query id, document id and grade, found 2 columns", id="two columns"),
        pytest.param(
            "q1\td1\t1\rq1\td2\t1", "its lines end in carriage returns alone: save it with line feeds", id="returns"
        ),
        pytest.param("q1 0 d1 1 more", "expected query id, document id and grade, found 5 columns", id="five columns"),
    ],
)
def test_a_bad_judgment_is_named_with_its_file_and_number(write: Write, line: str, what: str) -> None:
    folder = write(test=f"q1\td1\t1\n{line}\n")
    assert problem(folder).message == f"{folder / 'qrels' / 'test.tsv'}, line 2: {what}."
    first = write(test=f"{line}\nq1\td1\t1\n", name="first")
    assert problem(first).message == f"{first / 'qrels' / 'test.tsv'}, line 1: {what}."


def test_judgments_of_unknown_documents_and_queries_are_counted(write: Write) -> None:
    corpus = open_corpus(str(write(test="q1\td1\t1\nq1\tghost\t1\nq2\tghost\t2\nq9\td1\t1\nq1\td1\t3\n")))
    unknown, strangers, changed = corpus.notes()
    assert "2 of 5 judgments name documents that the corpus does not have (such as 'ghost')" in unknown
    assert "1 of 5 judgments belongs to queries that queries.jsonl does not have (such as 'q9')" in strangers
    assert "1 document is judged twice" in changed
    assert corpus.judgments("q1") == {"d1": 3, "ghost": 1}
    assert [query.id for query in corpus.queries()] == ["q1", "q2"]


@pytest.mark.parametrize(
    "quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC], ids=["few", "all", "words"]
)
def test_ids_with_quotes_are_those_that_a_csv_reader_reads(tmp_path: Path, quoting: int) -> None:
    ids = ['7"', '"7"', 'a"b"c', '""', "007", "1.0", "1e3", "'x'", "-1", "nan", "漢"]
    path = tmp_path / "test.tsv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file, delimiter="\t", quoting=quoting)
        writer.writerow(["query-id", "corpus-id", "score"])
        writer.writerows([f'q"{number}', id, 1] for number, id in enumerate(ids))
    assert read_judgments(path).grades == {f'q"{number}': {id: 1} for number, id in enumerate(ids)}


@pytest.mark.parametrize(
    "id", ['5"', 'a"b', '"', '"a"b"', '"a'], ids=["inches", "inside", "alone", "three", "unclosed"]
)
def test_a_quote_that_no_csv_writer_wrote_is_a_part_of_the_id(tmp_path: Path, id: str) -> None:
    (tmp_path / "test.tsv").write_text(f"q1\t{id}\t1\nq1\td2\t0\n")
    assert read_judgments(tmp_path / "test.tsv").grades == {"q1": {id: 1, "d2": 0}}


def test_judgments_in_utf_16_are_told_apart_from_broken_text(tmp_path: Path) -> None:
    (tmp_path / "test.tsv").write_text("q1\td1\t1\n", encoding="utf-16")
    with pytest.raises(Problem, match=r"line 1: not UTF-8 text \(it is UTF-16: save it as UTF-8\)\."):
        read_judgments(tmp_path / "test.tsv")


def test_a_line_that_is_longer_than_any_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zsr_tui.outside.LONGEST_LINE", 100)
    (tmp_path / "test.tsv").write_text("q1\td1\t1\n" + "x" * 200)
    with pytest.raises(Problem) as told:
        read_judgments(tmp_path / "test.tsv")
    assert told.value.message.startswith(f"{tmp_path / 'test.tsv'}, line 2 has more than ")


def test_the_largest_grades_are_read(tmp_path: Path) -> None:
    (tmp_path / "test.tsv").write_text("q1\td1\t1000000\nq1\td2\t-1000000.0\n")
    assert read_judgments(tmp_path / "test.tsv").grades == {"q1": {"d1": 1_000_000, "d2": -1_000_000}}


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("q1 d1 1\nq1 doc 2 1\n", "line 2: expected query id, document id and grade, found 4 columns"),
        ("q1 0 d1 1\nq1 d2 1\n", "line 2: expected 4 columns as before, found 3 columns"),
        ("query-id\tcorpus-id\tscore\nq1\t0\td1\t1\n", "line 2: expected query id, document id and grade, found 4"),
        ("q1,d1,1\n", "line 1: expected query id, document id and grade, found 1 column; they stand apart by commas"),
    ],
    ids=["space in an id", "four, then three", "header of three", "commas"],
)
def test_lines_that_differ_in_their_columns_are_not_guessed_at(tmp_path: Path, lines: str, said: str) -> None:
    (tmp_path / "test.tsv").write_text(lines)
    with pytest.raises(Problem) as caught:
        read_judgments(tmp_path / "test.tsv")
    assert said in caught.value.message


def test_what_macos_leaves_beside_the_judgments_is_no_split(write: Write) -> None:
    folder = write()
    (folder / "qrels" / "._test.tsv").write_bytes(b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X")
    (folder / "qrels" / ".train.tsv").write_text("")
    (folder / "qrels" / "dev.tsv").mkdir()
    corpus = open_corpus(str(folder))
    assert [query.id for query in corpus.queries()] == ["q1", "q2"]
    with pytest.raises(Problem, match="no split 'none': it has test\\."):
        open_corpus(f"{folder}:none")


@pytest.mark.parametrize("packed", ["corpus.jsonl", "queries.jsonl", "qrels/test.tsv"])
def test_a_file_that_the_hub_packs_is_named_with_what_unpacks_it(write: Write, packed: str) -> None:
    folder = write()
    path = folder / packed
    Path(f"{path}.gz").write_bytes(gzip.compress(path.read_bytes()))
    assert open_corpus(str(folder)).judgment_count() == 3  # both are there
    path.unlink()
    found = problem(folder)
    assert found.usage
    assert f"(gunzip -k {path}.gz)" in found.message


def test_judgments_under_another_name_are_said_to_be_passed_over(write: Write) -> None:
    folder = write(test="q1\td1\t1\n")
    (folder / "qrels" / "test.tsv").rename(folder / "qrels" / "test.qrels")
    assert open_corpus(str(folder)).notes()[0].startswith("qrels/test.qrels is not read as judgments: in BEIR layout ")

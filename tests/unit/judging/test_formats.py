"""Judgments as files: what is written comes back, and what is not right is named."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from tests.unit.judging.made_up import KITCHEN, judged
from zsr_tui.api.judging import Judgment
from zsr_tui.api.merging import Format, format_of
from zsr_tui.domain import Problem
from zsr_tui.judging.checking import Checked, Wishes, checked
from zsr_tui.judging.formats import written
from zsr_tui.judging.reading import read

KEPT = [
    judged("q2", "d1", 2, when="2026-11-27T09:30:00Z", why='a "quote", a comma,\na line', system="bm25 % 10", rank=3),
    judged("q1", "d2", 0, "ben", "2026-11-27T09:31:00Z"),
    judged("q1", "d3", 1, "tiny-model", "2026-11-27T09:32:00Z", source="model", why="UMBRELA", given=2),
    judged("bread \ud800=1+1", "d4", 1, when="2026-11-27T09:33:00Z"),
]


def file(folder: Path, text: str | bytes, name: str = "file.qrels") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def taken(folder: Path, text: str, name: str = "file.qrels", wishes: Wishes | None = None) -> Checked:
    return checked(read(file(folder, text, name)), KITCHEN, wishes)


@pytest.mark.parametrize("format", get_args(Format))
def test_what_is_written_comes_back(tmp_path: Path, format: Format) -> None:
    made = written(KEPT, format, "kitchen")
    suffix = {"trec": ".qrels", "beir": ".tsv", "csv": ".csv", "jsonl": ".jsonl"}[format]
    path = file(tmp_path, made.text, f"anna{suffix}")
    assert format_of(path) == format
    found = checked(read(path), KITCHEN)
    if format in ("csv", "jsonl"):
        clean = [msgspec.structs.replace(each, query_text=each.query_text.replace("\ud800", "?")) for each in KEPT]
        assert sorted(found.judgments, key=repr) == sorted(clean, key=repr)
        assert (made.counts, made.left_out, found.notes) == ({"own": 3, "model": 1}, 0, ())
    else:
        assert [(each.query_id, each.doc_id, each.grade, each.who) for each in found.judgments] == [
            ("q1", "d2", 0, "anna"), ("q1", "d3", 1, "anna"), ("q2", "d1", 2, "anna"),
        ]  # fmt: skip
        assert (made.counts, made.left_out) == ({"own": 2, "model": 1}, 1)  # the typed query has no id


def test_qrels_are_as_trec_eval_and_beir_read_them() -> None:
    two = [judged("q1", "d2", 0), judged("q1", "d1", 2)]
    assert written(two, "trec", "kitchen").text == "q1 0 d1 2\nq1 0 d2 0\n"
    assert written(two, "beir", "kitchen").text == "query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td2\t0\n"
    quoted = [Judgment(query_id='"q"', doc_id='d"1"', grade=1)]
    rows = csv.reader(io.StringIO(written(quoted, "beir", "kitchen").text), delimiter="\t")  # as BEIR's loader has it
    assert [*rows][1] == ['"q"', 'd"1"', "1"]
    with pytest.raises(Problem, match=r"'d 1' has white space .* write .csv or .jsonl"):
        written([judged("q1", "d 1", 1)], "trec", "kitchen")
    with pytest.raises(Problem, match=r"'judged.xlsx' does not say in which format"):
        format_of(Path("judged.xlsx"))


def test_what_a_spreadsheet_would_compute_is_counted_and_can_be_made_a_text(tmp_path: Path) -> None:
    formula = [judged("q1", "d1", 1, why="=HYPERLINK(1)")]
    assert written(formula, "csv", "kitchen").formulas == 1
    safe = written(formula, "csv", "kitchen", spreadsheet=True)
    assert safe.formulas == 0
    assert ",'=HYPERLINK(1)," in safe.text
    assert taken(tmp_path, safe.text, "safe.csv").judgments == tuple(formula)


@pytest.mark.parametrize("spreadsheet", [False, True], ids=["as it is", "for a spreadsheet"])
def test_apostrophes_of_a_text_are_its_own(tmp_path: Path, spreadsheet: bool) -> None:
    whys = ("=a", "'=a", "''=a", "'quoted'")
    ours = [judged("q1", f"d{n}", 1, why=why) for n, why in enumerate(whys, start=1)]
    text = written(ours, "csv", "kitchen", spreadsheet=spreadsheet).text
    assert taken(tmp_path, text, "ours.csv").judgments == tuple(ours)


OTHERS = {
    "trec": ("file.txt", "\ufeff\nq1 Q0 d1 1\n\nq1  0  d2\t2\n\u3000\n"),
    "beir without a header": ("file.tsv", "q1\td1\t1\nq1\td2\t2"),
    "columns of others": ("file.tsv", "qid\titer\tdocno\trel\nq1\t0\td1\t1.0\nq1\t0\td2\t2.0\n"),
    "Quepid's CSV": ("file.csv", "query,docid,rating\ndoes bread  RISE,d1,1\nDoes bread rise,d2,2\n"),
    "a CSV of a spreadsheet": ("file.csv", "query_id;doc_id;score;grade\r\nq1;d1;14.2;1\r\nq1;d2;13.9;2\r\n"),
    "a CSV with ids as queries": ("file.csv", "\ufeffquery,doc_id,grade,who\nq1,d1,1,\nq1,d2,2,\n"),
    "lines of JSON": ("file.jsonl", '{"qid": "q1", "docid": "d1", "rel": 1}\n{"qid": "q1", "docid": "d2", "rel": "2"}'),
}


@pytest.mark.parametrize(("name", "text"), OTHERS.values(), ids=list(OTHERS))
def test_files_of_other_programs(tmp_path: Path, name: str, text: str) -> None:
    found = taken(tmp_path, text, name).judgments
    assert found == (judged("q1", "d1", 1, "file"), judged("q1", "d2", 2, "file"))


JSON_HEAD = '{"zsr_tui": "judgments", "version": %d, "dataset": "kitchen", "judgments": %d}\n'
JSON_LINE = '{"query_id": "q1", "doc_id": "d1", "grade": 1%s}\n'
BAD = {
    "unknown ids": (
        "file.qrels", "q1 0 d1 1\nq9 0 d1 1\nq1 0 d99 1\n",
        "line 2 names the query 'q9', which kitchen does not have; line 3 names the document 'd99'.*"
        "nothing was taken from it; --skip-unknown",
    ),
    "another scale": (
        "file.qrels", "q1 0 d1 4\nq1 0 d2 -1\n",
        "line 1 has the grade 4, and those of kitchen go from 0 to 2.*line 2 has the grade -1.*--grades 4=3",
    ),
    "no whole number": ("file.qrels", "q1 0 d1 0.5\n", "the grade '0.5', which is no whole number"),
    "a huge grade": ("file.qrels", "q1 0 d1 99999999\n", "no whole number that measures take"),
    "twice and otherwise": ("file.qrels", "q1 0 d1 1\nq1 0 d1 2\n", "line 2 has the grade 2 for what line 1 has 1 for"),
    "cut in a line": ("file.qrels", "q1 0 d1 1\nq1 0 d", "line 2 has 3 columns and not 4: it is cut short"),
    "a run": ("file.qrels", "q1 Q0 d1 1 14.2 bm25\n", "line 1 has 6 columns where qrels have 4"),
    "nothing": ("file.qrels", "\n\n", "holds no judgments"),
    "bytes": ("file.qrels", b"\xff\xfe\x00q", "not UTF-8 text"),
    "a CSV without a header": ("file.csv", "q1,d1,1\n", "line 1 is no header: it has to name query_id"),
    "a CSV cut in a field": ("file.csv", 'query_id,doc_id,grade,why\nq1,d1,1,"as it', "line 2 is cut short"),
    "a CSV cut in a line": ("file.csv", "query_id,doc_id,grade\nq1,d1\n", "line 2 has 2 fields and not 3"),
    "a time of another kind": ("file.csv", "query_id,doc_id,grade,when\nq1,d1,1,noon\n", "the time 'noon'"),
    "a rank of zero": ("file.csv", "query_id,doc_id,grade,rank\nq1,d1,1,0\n", "the rank '0'"),
    "no query": ("file.csv", "query_id,doc_id,grade\n,d1,1\n", "neither the id nor the text of a query"),
    "JSON cut in a line": ("file.jsonl", JSON_LINE % "" + '{"query_id": "q1", "do', "line 2 is not valid JSON: it"),
    "JSON with lines missing": ("file.jsonl", JSON_HEAD % (1, 2) + JSON_LINE % "", "and holds 1: it is cut"),
    "JSON with lines added": ("file.jsonl", JSON_HEAD % (1, 0) + JSON_LINE % "", "something was added"),
    "a newer version": ("file.jsonl", JSON_HEAD % (2, 1) + JSON_LINE % "", "by a newer zsr-tui .version 2.*reads 1"),
    "a finding": ("file.json", '{"zsr_tui_finding":1,"dataset":"demo"}\n', "is a finding: zsr-tui open file.json"),
    "a session log": ("file.jsonl", '{"zsr_tui_session": 1}\n', "is a session log: zsr-tui open --session file.jsonl"),
    "another kind of file": ("file.jsonl", '{"zsr_tui": "finding", "version": 1}\n', "holds 'finding' and no"),
    "a list": ("file.jsonl", "[1]\n", "line 1 is no JSON object"),
    "true as a grade": ("file.jsonl", '{"query_id": "q1", "doc_id": "d1", "grade": true}\n', "has no grade"),
    "a source of its own": ("file.jsonl", JSON_LINE % ', "source": "oracle"', "the source 'oracle'"),
    "a name that is a number": ("file.jsonl", JSON_LINE % ', "who": 7', "a who that is no text"),
    "the query of another dataset": (
        "file.jsonl", JSON_LINE % ', "query_text": "is water wet"', "the query 'q1' with another text than kitchen",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("name", "text", "sentence"), BAD.values(), ids=list(BAD))
def test_a_bad_file_is_one_sentence_that_names_the_lines(
    tmp_path: Path, name: str, text: str | bytes, sentence: str
) -> None:
    with pytest.raises(Problem, match=f"(?s){sentence}"):
        checked(read(file(tmp_path, text, name)), KITCHEN)


def test_of_many_bad_lines_the_first_are_told_and_the_others_counted(tmp_path: Path) -> None:
    lines = "".join(f"x{number} 0 d1 1\n" for number in range(1, 101))
    with pytest.raises(Problem) as refused:
        taken(tmp_path, lines)
    sentence = refused.value.message
    assert sentence.startswith("file.qrels: line 1 names the query 'x1'")
    assert "so have 95 other lines: 6, 7, " in sentence
    assert sentence.count("names the query") == 5


def test_what_is_unknown_is_left_out_on_demand_and_told(tmp_path: Path) -> None:
    text = "q1 0 d1 1\nq9 0 d1 1\nq1 0 d99 1\nq1 0 d98 1\n"
    found = taken(tmp_path, text, wishes=Wishes(skip_unknown=True))
    assert found.judgments == (judged("q1", "d1", 1, "file"),)
    assert found.notes == (
        "file.qrels: 1 judgment left out, of queries that kitchen does not have.",
        "file.qrels: 2 judgments left out, of documents that kitchen does not have.",
    )


def test_grades_of_another_scale_become_those_that_the_user_says(tmp_path: Path) -> None:
    found = taken(tmp_path, "q1 0 d1 4\nq1 0 d2 -2\nq1 0 d3 1\n", wishes=Wishes({4: 2, -2: 0}))
    assert [judgment.grade for judgment in found.judgments] == [2, 0, 1]
    low = "".join(f"q1 0 d{number} {number % 2}\n" for number in range(1, 31))
    (note,) = taken(tmp_path, low).notes
    assert "its grades go from 0 to 1, those of kitchen from 0 to 2" in note


def test_repeated_lines_count_once_and_of_changed_ones_the_later(tmp_path: Path) -> None:
    head = "query_id,doc_id,grade,when,who,source\n"
    lines = [
        "q1,d1,1,2026-11-27T09:00:00Z,anna,own",
        "q1,d1,1,2026-11-27T09:00:00Z,anna,own",
        "q1,d1,2,2026-11-27 11:00:00+01:00,anna,own",  # at ten in UTC
        "q1,d1,0,2026-11-27T09:30:00,anna,own",
        "q1,d1,0,2026-11-27T09:30:00Z,ben,own",
        "q1,d1,2,,official,dataset",
        "q1,d2,3,2026-11-27T09:30:00Z,tiny,model",  # whose scale is its own
    ]
    found = taken(tmp_path, head + "\n".join(lines), "file.csv")
    assert [(each.who, each.grade, each.when) for each in found.judgments] == [
        ("anna", 2, "2026-11-27T10:00:00Z"),
        ("ben", 0, "2026-11-27T09:30:00Z"),
        ("tiny", 2, "2026-11-27T09:30:00Z"),  # 3 on its own scale
    ]
    assert found.notes == (
        "file.csv: 1 judgment of the dataset itself left out: it has its own.",
        "file.csv: 1 line left out that repeat a judgment.",
        "file.csv: of 2 judgments that were changed, the later one is taken.",
    )


def test_a_file_of_another_dataset_is_told(tmp_path: Path) -> None:
    text = written([judged("q1", "d1", 1)], "jsonl", "/home/anna/kitchen").text
    found = taken(tmp_path, text, "anna.jsonl")
    assert found.notes == ("anna.jsonl was written for /home/anna/kitchen, and is read as judgments of kitchen.",)
    assert json.loads(text.splitlines()[0])["judgments"] == 1


def test_a_typed_query_that_the_dataset_has_is_that_one(tmp_path: Path) -> None:
    typed = [Judgment(query_text="Why  SALT", doc_id="d1", grade=1, who="anna"), judged("free", "d1", 1)]
    found = taken(tmp_path, written(typed, "jsonl", "kitchen").text, "anna.jsonl")
    assert [(each.query_id, each.query_text) for each in found.judgments] == [("3", "why salt"), ("", "free")]


def test_a_models_grade_of_a_file_is_brought_to_the_datasets_scale_unless_the_file_has_both(tmp_path: Path) -> None:
    header = "query_id,doc_id,grade,source,given\n"
    text = header + "q1,d1,3,model,\nq1,d2,1,model,\nq1,d3,0,model,2\nq1,d4,2,own,3\n"
    grades = [(each.grade, each.given) for each in taken(tmp_path, text, "file.csv").judgments]
    assert grades == [(2, 3), (0, 1), (0, 2), (2, None)]
    with pytest.raises(Problem, match=r"line 2 has '4' as what the model gave, which is not from 0 to 3"):
        taken(tmp_path, header + "q1,d1,1,model,4\n", "file.csv")

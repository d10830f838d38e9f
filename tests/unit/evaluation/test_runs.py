from __future__ import annotations

import bz2
import gzip
import json
from pathlib import Path

import pytest
import pytrec_eval

from zsr_tui.domain import Problem
from zsr_tui.evaluation.runs import read_run

INFINITE = '{"q": {"a": -Infinity, "b": 1e300, "c": -9e9, "d": Infinity}}'
GOOD = "q1 Q0 a 1 3.0 t\nq1 Q0 b 2 2.0 t\nq2 Q0 c 1 0.5 t\n"


def put(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.run", GOOD),
        ("a.txt", GOOD.replace(" ", "\t")),
        ("crlf.trec", GOOD.replace("\n", "\r\n")),
        ("bom.run", "\ufeff" + GOOD),
        ("blank.run", f"\n\n{GOOD}\n\n"),
        ("packed.run.gz", gzip.compress(GOOD.encode())),
        ("ranx.json", json.dumps({"q1": {"b": 2, "a": 3.0}, "q2": {"c": 0.5}})),
        ("ranx.json.gz", gzip.compress(b'{"q1": {"b": 2.0, "a": 3.0}, "q2": {"c": 0.5}}')),
    ],
    ids=["spaces", "tabs", "CRLF", "byte order mark", "blank lines", "gzip", "ranx", "ranx in gzip"],
)
def test_every_form_of_the_same_run_is_read_alike(tmp_path: Path, name: str, content: str | bytes) -> None:
    run = read_run(put(tmp_path, name, content))
    assert list(run.queries) == ["q1", "q2"]
    assert run.ranking("q1", 10).doc_ids == ("a", "b")
    assert run.ranking("q1", 10).scores.tolist() == [3.0, 2.0]
    assert run.ranking("q2", 10).doc_ids == ("c",)
    assert run.ranking("q3", 10).doc_ids == ()
    assert (run.duplicates, run.rank_contradictions) == (0, 0)


def test_the_score_decides_and_never_the_rank(tmp_path: Path) -> None:
    run = read_run(put(tmp_path, "a.run", "q Q0 a 1 1.0 t\nq Q0 b 2 2.0 t\nq Q0 c 3 1.0 t\np Q0 a 1 1 t\n"))
    assert run.ranking("q", 10).doc_ids == ("b", "c", "a")  # ties by document id descending
    assert run.rank_contradictions == 1


def test_equal_scores_do_not_contradict_any_rank(tmp_path: Path) -> None:
    run = read_run(put(tmp_path, "a.run", "q Q0 a 1 1.0 t\nq Q0 b 2 1.0 t\nq Q0 c x 9.0 t\n"))
    assert run.rank_contradictions == 0


def test_a_document_listed_twice_counts_once_with_its_best_score(tmp_path: Path) -> None:
    run = read_run(put(tmp_path, "a.run", "q Q0 a 1 1.0 t\nq Q0 b 2 0.9 t\nq Q0 b 3 5.0 t\nq Q0 a 4 0.1 t\n"))
    assert run.duplicates == 2
    assert run.ranking("q", 10).doc_ids == ("b", "a")
    assert run.ranking("q", 10).scores.tolist() == [5.0, 1.0]


def test_infinite_scores_are_the_first_and_the_last(tmp_path: Path) -> None:
    lines = "q Q0 a 1 -inf t\nq Q0 b 2 1e300 t\nq Q0 c 3 -9e9 t\nq Q0 d 4 inf t\n"
    for path in (put(tmp_path, "a.run", lines), put(tmp_path, "a.json", INFINITE)):
        assert read_run(path).ranking("q", 10).doc_ids == ("d", "b", "c", "a")


def test_scores_tie_where_they_tie_for_trec_eval(tmp_path: Path) -> None:
    scores = {"a": 0.123456789123, "b": 0.123456789122, "c": 0.1234568, "d": 0.12345681, "e": 16777217, "f": 16777216}
    path = put(tmp_path, "a.run", "".join(f"q Q0 {doc_id} 1 {score!r} t\n" for doc_id, score in scores.items()))
    ids = read_run(path).ranking("q", 10).doc_ids
    for rank, doc_id in enumerate(ids, start=1):
        theirs = pytrec_eval.RelevanceEvaluator({"q": {doc_id: 1}}, {"recip_rank"}).evaluate({"q": scores})
        assert theirs["q"]["recip_rank"] == pytest.approx(1 / rank), doc_id
    assert ids[-1] == "a"


@pytest.mark.parametrize(
    ("line", "ids"),
    [
        ('"q""1" Q0 "a""b" 1 3.0 t', ('q"1', 'a"b')),
        ('"q1" "Q0" "a" "1" "3.0" "t"', ("q1", "a")),
        ('"q1" Q0 "a" 1 3.0 t', ('"q1"', '"a"')),
        ('q"1 Q0 a"b 1 3.0 t', ('q"1', 'a"b')),
    ],
    ids=["quotes in ids", "all in quotes", "ids that stand in quotes", "as trec_eval reads it"],
)
def test_ids_in_quotes_are_those_that_were_written(tmp_path: Path, line: str, ids: tuple[str, str]) -> None:
    for name, content in (("spaces", line), ("tabs", line.replace(" ", "\t"))):
        run = read_run(put(tmp_path, name, content + "\n"))
        assert (*run.queries, *run.doc_ids) == ids
        assert run.tag == "t"


def test_depth_and_the_querys_own_document(tmp_path: Path) -> None:
    run = read_run(put(tmp_path, "a.run", "q Q0 q 1 3 t\nq Q0 a 2 2 t\nq Q0 b 3 1 t\n"))
    assert run.ranking("q", 1, without="q").doc_ids == ("a",)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("q1 Q0 a 1 3.0 t\nq1 a 2\n", "line 2, has 3 columns"),
        ("q1 Q0 a 1 3.0 t\nq1 Q0 b 2 high t\n", "line 2, has the score 'high'"),
        ("q1 Q0 a 1 nan t\n", "line 1, has the score 'nan'"),
        ("", "is empty"),
        (" \r\n\n", "is empty"),
        ("q1 Q0 a 1 1_000 t\n", "line 1, has the score '1_000'"),
        (b"q1 Q0 a 1 3.0 t\n\xff\n", "line 2, is not UTF-8 text."),
        (GOOD.encode("utf-16"), "line 1, is not UTF-8 text (it is UTF-16: save it as UTF-8)"),
        (bz2.compress(GOOD.encode()), "line 1, is not UTF-8 text (it is packed with bzip2: unpack it)"),
        (gzip.compress(GOOD.encode() * 50)[:-9], "gzip file that ends too early"),
        (gzip.compress(GOOD.encode())[:8] + b"rubbish rubbish", "gzip file that ends too early or is damaged"),
        ('{"q1": {"a": 1.0}', "is not valid JSON"),
        ('{"q1": [1, 2]}', "no scores by document for query 'q1'"),
        ('{"q1": {"a": "1.0"}}', "score '1.0' for query 'q1', document 'a'"),
        ('{"q1": {"a": NaN}}', "score nan"),
        ('{"q1": {"a": 1' + "0" * 400 + "}}", "score 10000"),
        (r'{"q1": {"\ud800": 1.0}}', "has the id '\ufffd', which is no text"),
        ("q1 Q0 a 1 ١٢ t\n", "line 1, has the score '١٢'"),
        ("{}", "is empty"),
    ],
    ids=[
        "too few columns",
        "score is a word",
        "score is nan",
        "empty",
        "blank lines only",
        "score with an underscore",
        "not UTF-8",
        "UTF-16",
        "packed with bzip2",
        "gzip ends too early",
        "gzip damaged",
        "JSON ends too early",
        "JSON without scores",
        "JSON with a score in quotes",
        "JSON with a score of NaN",
        "JSON with a score of 401 digits",
        "JSON with half a character",
        "score in other digits",
        "JSON without queries",
    ],
)
def test_what_is_no_run_is_refused_with_file_and_line(tmp_path: Path, content: str | bytes, said: str) -> None:
    path = put(tmp_path, "bad.run", content)
    with pytest.raises(Problem) as failure:
        read_run(path)
    assert str(path) in failure.value.message
    assert said in failure.value.message
    assert "\n" not in failure.value.message
    assert failure.value.exit_code == 2


def test_a_file_that_is_not_there_or_a_folder_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="there is no run file"):
        read_run(tmp_path / "none.run")
    with pytest.raises(Problem, match="cannot be read"):
        read_run(tmp_path)

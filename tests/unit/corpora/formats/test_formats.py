"""Every format opens from a file of ten lines; columns are guessed, said and named; what is wrong is said with
its line."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from contextvars import copy_context
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.unit.corpora.formats.conftest import ROWS, TEN, arrow, csv, json_lines, parquet, read, shards, tsv
from zsr_tui import caller
from zsr_tui.corpora import collection_of, list_corpora, normalise, open_corpus
from zsr_tui.corpora.describing import described
from zsr_tui.domain import Doc, Problem, Query

GUESSED = "id ← docno · title ← headline · text ← body · kept beside: year (guessed: id, title, text)"


@pytest.mark.parametrize("make", [csv, tsv, json_lines, parquet, arrow, shards], ids=lambda make: make.__name__)
def test_ten_lines_are_ten_documents_and_it_is_said_how_they_are_read(
    make: Callable[[Path], str], tmp_path: Path
) -> None:
    path = make(tmp_path)
    info, first = described(path, 2)
    assert (info.id, info.about, first) == (path, GUESSED, TEN[:2])
    assert info.title == f"{Path(path).name} in {tmp_path}"
    with pytest.raises(Problem) as unread:
        open_corpus(path)
    assert unread.value.kind == "not-downloaded"
    corpus = read(path)
    assert list(corpus.iter_docs()) == TEN
    assert corpus.docs(["d9", "nobody"]) == {"d9": TEN[9]}
    assert (corpus.id, corpus.collection, corpus.doc_count()) == (path, path, 10)
    change = "; other columns are named behind it, as in (text=COLUMN)."
    assert corpus.notes()[0] == f"{path} is read as: {GUESSED}{change}"
    assert [(one.id, one.about) for one in list_corpora() if one.group == "local"] == [(path, GUESSED)]


@pytest.mark.parametrize(
    ("header", "row", "mapped"),
    [
        ("ticket_no,team,subject_line,what_happened,city", "A-1,x y,It is slow,It was slow all day,Bonn", (
            "id ← ticket_no · title ← subject_line · text ← what_happened · kept beside: team, city")),
        ("faqKey,myTitle,answer", "7,Why so,Because it is", "id ← faqKey · title ← myTitle · text ← answer"),
        ("team_no,subject_code,answer", "a b,X1,Because it is", "documents are numbered · text ← answer"),
        ("opened,ticket_no,answer", "today,1,Because it is", "documents are numbered · text ← answer"),
    ],
    ids=["tickets", "capitals", "other values", "not the first"],
)  # fmt: skip
def test_names_that_hold_a_known_word_are_guessed_where_the_values_fit(
    header: str, row: str, mapped: str, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text(f"{header}\n{row}\n")
    assert described(str(tmp_path / "a.csv"))[0].about.startswith(mapped)


@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
def test_what_stands_inside_a_column_is_a_column_by_its_way(kind: str, tmp_path: Path) -> None:
    rows = [
        {
            "id": f"d{n}",
            "article": {"title": f"Title {n}", "body": f"Rye number {n} rises slowly"},
            "by": {"name": "Ann"},
        }
        for n in range(3)
    ]
    path = tmp_path / f"nested.{kind}"
    if kind == "jsonl":
        path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    else:
        pq.write_table(pa.Table.from_pylist(rows), path)
    assert described(str(path))[0].about == (
        "id ← id · title ← article.title · text ← article.body · kept beside: by (guessed: id, title, text)"
    )
    named = read(f"{path}(text=article.title)")
    beside = (("article.body", "Rye number 0 rises slowly"), ("by", '{"name": "Ann"}'))
    assert next(named.iter_docs()) == Doc("d0", "", "Title 0", beside)
    with pytest.raises(
        Problem, match=r"has no column 'article\.nix' for text: its columns are id, article, by, article\."
    ):
        read(f"{path}(text=article.nix)")


def test_columns_are_named_in_brackets_and_make_another_corpus(tmp_path: Path) -> None:
    path = csv(tmp_path)
    with pytest.raises(Problem, match=r"ten\.csv\(size=9\) is not downloaded yet"):
        open_corpus(f"{path}(size=9)")
    corpus = read(f"{path}( text=[headline,body] , id = row )")
    assert corpus.id == corpus.collection == f"{path}(id=row, text=[headline, body])"
    assert next(corpus.iter_docs()) == Doc(
        "1", "", "Title 0\nRye number 0, and a comma.", (("docno", "d0"), ("year", "1900"))
    )
    assert read(path).fingerprint() != corpus.fingerprint()
    for wrong, sentence in {
        "text=nix": "has no column 'nix' for text: its columns are docno, headline, body, year.",
        "header=maybe": "header is yes or no, not 'maybe'.",
        "=1": "expected a setting, found '='",
        "foo=1": "a corpus has no setting 'foo': it has id, title, text, ",
        "text": "expected '=' after text, found the end",
        "id=[a, b]": "id takes one value",
        "text=a, text=b": "text is set twice",
        "encoding=rot13": "'rot13' is no encoding of text",
        "bad=leave": "there is no bad=leave",
        "split=train": "split belongs to datasets of the hub",
    }.items():
        with pytest.raises(Problem) as told:
            normalise(f"{path}({wrong})")
        assert sentence in told.value.message
        assert told.value.usage


def test_a_file_without_a_header_has_numbered_columns_and_quotes_are_text(tmp_path: Path) -> None:
    file = tmp_path / "collection.tsv"
    file.write_text('0\t"Rye" is said\n1\t"Oats\n')
    corpus = read(str(file))
    assert list(corpus.iter_docs()) == [Doc("0", "", '"Rye" is said'), Doc("1", "", '"Oats')]
    assert "id ← 1 · text ← 2" in corpus.notes()[0]


@pytest.mark.parametrize(
    ("content", "settings", "doc"),
    [
        pytest.param(
            ",text,\n7,b,c\n", "(header=yes, id=1)", Doc("7", "", "b", (("3", "c"),)), id="columns without names"
        ),
        pytest.param(
            '"a, b, c";text;id\nx;y;1\n', "", Doc("1", "", "y", (("a, b, c", "x"),)), id="other separators in quotes"
        ),
        pytest.param('1,"b\nc"', "(header=no, id=1, text=2)", Doc("1", "", "b\nc"), id="one row of several lines"),
    ],
)
def test_the_first_line_of_a_table(content: str, settings: str, doc: Doc, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(content)
    assert list(read(f"{tmp_path / 'a.csv'}{settings}").iter_docs()) == [doc]


def test_separators_quotes_encodings_and_packing(tmp_path: Path) -> None:
    lines = 'id;text\r\na;"Roggen; zwei\r\nZeilen ""so"""\r\n\r\nb;Grüße\r\n'
    expected = [Doc("a", "", 'Roggen; zwei\r\nZeilen "so"'), Doc("b", "", "Grüße")]
    for number, encoding in enumerate(("utf-8", "utf-8-sig", "utf-16", "latin-1")):
        file = tmp_path / f"{number}.csv.gz"
        file.write_bytes(gzip.compress(lines.encode(encoding)))
        ref = f"{file}(encoding=latin-1)" if encoding == "latin-1" else str(file)
        assert list(read(ref).iter_docs()) == expected, encoding
    with pytest.raises(Problem, match=r"3\.csv\.gz, line 5: not UTF-8 text: save it as UTF-8, or name its"):
        read(str(tmp_path / "3.csv.gz"))


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        pytest.param("a.csv", "id,text\na,b\nc\n", "line 3: 1 column between commas, where", id="short"),
        pytest.param("a.csv", "id,text\na,b\n,d\n", "line 3: its id is empty (or number the documents", id="no id"),
        pytest.param("a.csv", "id,text\na,b\na b,d\n", "line 3: its id is 'a b', which has white", id="spaced id"),
        pytest.param("a.csv", "id,text\na,b\nc,\n", "line 3: its text is empty;", id="no text"),
        pytest.param("a.jsonl", '{"id": 1, "text": "b"}\n{"id": 2\n', "delimiter at column 9)", id="no JSON"),
        pytest.param("a.csv", "id,text\na,b\nc,gr\udcfc\udcdfe\n", "line 3: not UTF-8 text: save it as", id="Latin"),
        pytest.param("a.jsonl", '{"id": 1, "text": "b"}\n[]\n', "line 2: expected a JSON object, found", id="list"),
        pytest.param("a.jsonl", '{"id": 1, "text": "b"}\n{"id": 2, "text": {}}\n', "its text is no text", id="object"),
    ],
)  # fmt: skip
def test_a_bad_line_is_one_sentence_or_left_out(name: str, content: str, sentence: str, tmp_path: Path) -> None:
    file = tmp_path / name
    content += content.splitlines()[-2].replace("a", "z").replace("1", "3") + "\n"
    file.write_text(content, errors="surrogateescape")
    ref = f"{file}(id=id)"
    with pytest.raises(Problem) as told:
        read(ref)
    assert sentence in told.value.message
    assert told.value.message.endswith("mend it, or leave such out with bad=skip.")
    assert told.value.message.startswith(f"{file}, line ")
    corpus = read(f"{file}(id=id, bad=skip)")
    assert corpus.doc_count() == 2
    assert any(note.startswith(f"{file}(id=id, bad=skip): 1 that could not be") for note in corpus.notes())


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        pytest.param("a.csv", b'id,text\na,"b\nc,d\n', "line 2: a quote that is opened there is not", id="quote"),
        pytest.param("a.csv", b'id,text\na,b\nc,"d\n', "line 3: a quote that is opened there is not", id="last quote"),
        pytest.param("a.csv", b"id,text\na,b\0c\n", "line 2: it holds the byte 0", id="byte 0"),
        pytest.param("a.csv", b"key,text\na,b\na,c\n", "line 3: document 'a' is there already, as", id="twice"),
        pytest.param("a.csv", b"id,id\na,b\n", "two columns are called 'id'", id="columns"),
        pytest.param("a.csv", b"", "a.csv has no rows: there is nothing to search", id="empty"),
        pytest.param("a.jsonl", b'[{"id": 1}]', "is one JSON list", id="JSON list"),
        pytest.param("a.parquet", b"PAR1 and no more PAR1", "cannot be read as parquet", id="Parquet"),
        pytest.param("a.csv.gz", gzip.compress(b"a,%a\n" % ("b" * 1000) * 2_000, 9), "100 times its size", id="bomb"),
        pytest.param("a.csv.gz", gzip.compress(b"id,text\na,b\n")[:-9], "is damaged: it cannot be", id="cut off"),
        pytest.param("a.xyz", b"x", "nor by its name CSV, TSV, JSON lines", id="unknown"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_one_sentence_and_leaves_nothing(
    name: str, content: bytes, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zsr_tui.outside.UNPACKED", 1 << 20)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(Problem) as told:
        read(str(tmp_path / name) + "(id=key)" * content.startswith(b"key"))
    assert sentence in told.value.message
    assert not list((tmp_path / "home").rglob("corpus.jsonl"))


def test_a_file_is_named_from_the_folder_where_it_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = csv(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert normalise("ten.csv") == path


@pytest.mark.parametrize(
    ("row", "read_as"),
    [
        ({"abstract": ["Rye is sown.", "It is cut."]}, "title ← title · text ← abstract"),
        ({"a": {"title": "Rye", "parts": ["Rye is sown."]}, "title": None}, "title ← a.title · text ← a.parts"),
        ({"body": "Rye is sown in autumn.", "parts": ["one of many words"]}, "title ← title · text ← body"),
        ({"tags": ["rye", "two words"]}, "text ← title"),
        ({"title": None, "parts": ["Rye is sown.", "It is cut."]}, "text ← parts"),
    ],
    ids=["sentences", "sentences inside a column", "a text beside sentences", "tags", "sentences alone"],
)  # fmt: skip
def test_a_text_in_pieces_is_the_text_where_there_is_no_other(
    row: dict[str, object], read_as: str, tmp_path: Path
) -> None:
    path = tmp_path / "x.jsonl"
    lines = [{"_id": f"d{n}", "title": "The grain", **row} for n in range(3)]
    path.write_text("\n".join(json.dumps({k: v for k, v in line.items() if v is not None}) for line in lines))
    info, first = described(str(path), 1)
    assert info.about.startswith(f"id ← _id · {read_as} ")
    if "abstract" in row:
        assert first[0].text == "Rye is sown.\nIt is cut."


def test_a_file_that_has_changed_is_read_again(tmp_path: Path) -> None:
    path = Path(json_lines(tmp_path))
    before = read(str(path))
    path.write_text("\n".join(map(json.dumps, [*ROWS, ROWS[0] | {"docno": "d10"}])))
    with pytest.raises(Problem, match="is not downloaded yet"):
        open_corpus(str(path))
    after = read(str(path))
    assert (before.doc_count(), after.doc_count()) == (10, 11)
    assert before.fingerprint() != after.fingerprint()


def test_queries_and_judgments_lie_beside_or_are_named(tmp_path: Path) -> None:
    path = csv(tmp_path)
    (tmp_path / "queries.tsv").write_text("q1\trye number one\nq2\toats\n")
    (tmp_path / "qrels").mkdir()
    (tmp_path / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td1\t2\n")
    corpus = read(path)
    assert corpus.queries() == (Query("q1", "rye number one"), Query("q2", "oats"))
    assert corpus.judgments("q1") == {"d1": 2}
    (tmp_path / "other.trec").write_text("q2 0 d7 1\nq9 0 d7 1\n")
    named = read(f"{path}(qrels={tmp_path / 'other.trec'})")
    assert named.judgments("q2") == {"d7": 1}
    assert any(f"to queries that {tmp_path / 'queries.tsv'} does not have" in note for note in named.notes())
    assert collection_of(named.id) == path  # one index for both
    with pytest.raises(Problem, match=r"there is no file .*nix for queries"):
        read(f"{path}(queries={tmp_path}/nix)")


def test_who_shares_the_engine_reads_below_the_allowed_folders_alone(tmp_path: Path) -> None:
    allowed, other = tmp_path / "allowed", tmp_path / "other"
    for folder in (allowed, other):
        folder.mkdir()
        csv(folder)
    anna = caller.Caller("anna", tmp_path / "anna", caller.Bounds((allowed,)))

    def named(ref: str) -> str:
        caller.become(anna)
        return normalise(ref)

    assert copy_context().run(named, f"{allowed}/ten.csv") == f"{allowed}/ten.csv"
    for ref in (f"{other}/ten.csv", f"{allowed}/ten.csv(qrels={other}/ten.csv)", f"hf:{other}", f"{other}(size=9)"):
        with pytest.raises(caller.NotPermitted, match="is a path on the engine's machine"):
            copy_context().run(named, ref)

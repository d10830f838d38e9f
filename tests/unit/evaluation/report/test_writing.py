from __future__ import annotations

import csv
import dataclasses
import html as html_module
import html.parser
import io
import json
import math
import re
import shutil
import sys
import zlib
from pathlib import Path
from typing import get_args

import pytest

from tests.unit.evaluation.report.example import (
    ESCAPES,
    MEASURES,
    RUN_NAME,
    SCRIPT,
    contents,
    evaluation,
    with_first_queries,
    write,
    write_report,
)
from zsr_tui.api.evaluations import ReportFormat
from zsr_tui.domain import Problem
from zsr_tui.evaluation.report import png as png_module
from zsr_tui.evaluation.report.contents import Contents
from zsr_tui.evaluation.report.writing import FORMATS
from zsr_tui.evaluation.results import QueryLists
from zsr_tui.text import Terms, one_line

SUFFIXES = get_args(ReportFormat)
QUERIES = 40


def written(tmp_path: Path, suffix: str) -> bytes:
    return write(contents(QUERIES), tmp_path / f"report{suffix}").read_bytes()


def test_every_format_that_can_be_asked_for_is_made() -> None:
    assert tuple(FORMATS) == SUFFIXES


def test_csv_has_every_query_and_system(tmp_path: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(written(tmp_path, ".csv").decode("utf-8"), newline="")))
    assert len(rows) == QUERIES * 6
    assert list(rows[0]) == [
        "dataset",
        "query_id",
        "query",
        "relevant",
        "judged",
        "system",
        "label",
        "precision",
        *MEASURES,
    ]
    texts = {row["query_id"]: row["query"] for row in rows}
    assert texts["102"] == SCRIPT  # data as it is: escaping is for those who show it
    assert texts["103"] == ESCAPES
    (missing,) = [row for row in rows if row["query_id"] == "103" and row["label"] == RUN_NAME]
    assert [missing[measure] for measure in MEASURES] == ["", "", ""]
    exact = contents(QUERIES).evaluation.values[0, 0, 0]
    assert float(rows[0]["nDCG@10"]) == exact


def test_json_holds_what_it_takes_to_repeat_it(tmp_path: Path) -> None:
    data = json.loads(written(tmp_path, ".json"))
    assert data["measures"] == list(MEASURES)
    assert len(data["queries"]) == QUERIES
    assert data["queries"][2]["values"][5] == dict.fromkeys(MEASURES)  # null, not NaN
    assert data["provenance"]["command"].startswith("zsr-tui evaluate")
    assert data["provenance"]["fingerprints"] == {"beir/scifact/test": "5f7d1de60b170fc8027bb7898e2efca1"}
    assert data["provenance"]["versions"]["pyserini"] == "1.6.0"
    assert data["provenance"]["significance"]["rounds"] > 1000
    system = data["systems"][1]
    assert system["revisions"] == {"cross-encoder/ms-marco-MiniLM-L-6-v2": "c5ee24cb16019beea0893ab7796b1df96625c6b8"}
    assert system["measures"]["nDCG@10"]["against_baseline"]["queries"] == QUERIES
    assert data["systems"][0]["measures"]["nDCG@10"]["against_baseline"] is None


def test_json_says_why_queries_were_chosen_and_which_stage_is_at_fault(tmp_path: Path) -> None:
    made = evaluation(QUERIES)
    source = write_report(made, tmp_path / "x.json").read_text("utf-8")
    data = json.loads(source)
    assert len(data["chosen_queries"]) == 12
    first = data["chosen_queries"][0]
    (reason,) = first["reasons"][:1]
    index = [query["id"] for query in data["queries"]].index(first["id"])
    system = [each["system"] for each in data["systems"]].index(reason["system"])
    values = [each["nDCG@10"] for each in data["queries"][index]["values"]]
    assert reason["difference"] == pytest.approx(values[system] - values[0])
    stages = first["stages"][0]
    assert stages["system"] == reason["system"]
    assert stages["steps"][0]["name"].casefold() == "bm25"
    assert stages["at_fault"] is None or stages["steps"][stages["at_fault"]]["change"] < 0
    assert "−" not in source  # numbers of a data file have the plain hyphen


def test_people_read_true_minus_signs_and_programs_plain_ones(tmp_path: Path) -> None:
    """No number has a hyphen for a minus where people read it, and every number has one where programs do."""
    number = re.compile(r"(?<![\w−-])-\d+\.\d")
    for suffix in (".html", ".md"):
        text = re.sub(r"<svg.*?</svg>|<[^>]*>", " ", written(tmp_path, suffix).decode(), flags=re.DOTALL)
        assert "−0." in text
        assert not number.search(text), suffix
    page = written(tmp_path, ".html").decode()
    assert not number.search(" ".join(re.findall(r"<(?:text|title)[^>]*>([^<]*)<", page)))
    tex = written(tmp_path, ".tex").decode()
    assert "$-$0." in tex
    assert not number.search(tex)
    assert "−" not in written(tmp_path, ".csv").decode()


def _provenance(path: Path) -> str:
    """What the file, or the one beside it, says of how to repeat it, as plain text."""
    data = path.read_bytes()
    if path.suffix == ".csv":
        return path.with_name("report.csv.provenance.json").read_text("utf-8")
    if path.suffix == ".parquet":
        parquet = pytest.importorskip("pyarrow.parquet")
        return str(parquet.read_schema(path).metadata[b"provenance"].decode())
    if path.suffix == ".png":
        at = data.index(b"iTXtprovenance")
        length = int.from_bytes(data[at - 4 : at])
        body = data[at : at + 4 + length]
        assert int.from_bytes(data[at + 4 + length :][:4]) == zlib.crc32(body)
        return body.split(b"\0", 5)[-1].decode()
    return html_module.unescape(data.decode())


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_format_carries_what_it_takes_to_repeat_it(tmp_path: Path, suffix: str) -> None:
    if suffix == ".png" and shutil.which("rsvg-convert") is None:
        pytest.skip("no rsvg-convert")
    made = evaluation(QUERIES)
    said = _provenance(write_report(made, tmp_path / f"report{suffix}"))
    for system in made.systems:
        assert (
            one_line(system.notation) if suffix in (".html", ".md", ".tex") else json.dumps(system.notation)
        ) in said
    for needed in (
        made.provenance.command,
        "c5ee24cb16019beea0893ab7796b1df96625c6b8",  # a model's revision
        "5f7d1de60b170fc8027bb7898e2efca1",  # the corpus
        "pyserini",
        "1.6.0",
        "2.13.0",
        made.provenance.date,
        "runs/x.run",
    ):
        assert needed in said


def test_parquet_has_the_rows_of_the_csv_with_types(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    table = parquet.read_table(io.BytesIO(written(tmp_path, ".parquet")))
    rows = table.to_pylist()
    assert len(rows) == QUERIES * 6
    assert isinstance(rows[0]["relevant"], int)
    assert rows[6]["query"] == SCRIPT
    assert sum(row["nDCG@10"] is None for row in rows) == 1


def test_parquet_without_pyarrow_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(Problem, match="pip install pyarrow"):
        write(contents(3), tmp_path / "x.parquet")
    assert list(tmp_path.iterdir()) == []


def test_markdown_and_latex_carry_tables_and_provenance(tmp_path: Path) -> None:
    text = written(tmp_path, ".md").decode()
    for shown in (
        "## Results",
        "**0.7750**▲",
        "## Published figures",
        "## How to repeat it",
        "torch 2.13.0",
        "`bm25 %",
    ):
        assert shown in text
    assert not re.search(r"(?<!\\)<", text[: text.index("## How to repeat it")])
    assert "\x1b" not in text
    tex = written(tmp_path, ".tex").decode()
    tables = text[: text.index("## Chosen queries")]
    assert tex.count(r"\begin{tabular}") == tex.count(r"\bottomrule") == tables.count("\n| ---")
    assert r"\textbf{0.7750}$^{\uparrow}$" in tex
    assert all(line.startswith("%") for line in tex.split("\n\n")[0].splitlines())
    assert len(set(re.findall(r"\\label\{(.*?)\}", tex))) == tex.count(r"\label")


def test_markdown_shows_the_lists_of_chosen_queries_side_by_side(tmp_path: Path) -> None:
    text = write_report(evaluation(QUERIES), tmp_path / "x.md").read_text("utf-8")
    assert text.startswith("# beir/scifact/test: 6 systems, nDCG@10\n\n40 queries · lists of 1,000 documents · 2026-")
    chosen = text[text.index("## Chosen queries") :].split("\n### ")[1:]
    assert len(chosen) == 12
    assert all(
        re.search(r"^- \*\*.* (loss|gain) of .* against BM25: [+−]0\.\d\d\*\*: nDCG@10: ", each, re.M)
        for each in chosen
    )
    for each in chosen:
        rows = [line for line in each.splitlines() if line.startswith("|")]
        assert len(rows) == 2 + 1 + 10  # the head, the values, ten ranks
        assert "●2 Study 5 of vitamin B12" in each or "●1 Title" in each or "○ Study" in each


def test_of_many_lists_those_that_a_query_was_not_chosen_for_are_folded(tmp_path: Path) -> None:
    page = write_report(evaluation(QUERIES), tmp_path / "x.html").read_text("utf-8")
    article = re.findall(r"<article.*?</article>", page, re.DOTALL)[0]
    first, folded = article.split("<summary>")[:2]
    assert "more lists</summary>" in article
    assert first.count('<section class="list">') + folded.count('<section class="list">') == 6
    assert "<h4>BM25</h4>" in first


class _Outline(html.parser.HTMLParser):
    """Open elements, and everything that could reach out of the file."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.handlers: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "link", "br", "img"):
            self.open.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name in ("href", "src", "action", "data", "poster", "srcset"):
                self.links.append(value or "")
            if name.startswith("on") or (value or "").startswith("javascript:"):
                self.handlers.append(name)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_well_formed_and_needs_nothing_else(tmp_path: Path) -> None:
    page = written(tmp_path, ".html").decode()
    outline = _Outline()
    outline.feed(page)
    assert outline.open == []
    assert len(set(outline.ids)) == len(outline.ids)
    assert outline.handlers == []
    assert all(link.startswith("#") and link[1:] in outline.ids for link in outline.links)
    assert not re.search(r"url\(|@import|https?://(?!www\.w3\.org/2000/svg)", page)
    assert page.count("<script>") == 1
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", page)


def test_the_page_says_how_to_repeat_it(tmp_path: Path) -> None:
    page = written(tmp_path, ".html").decode()
    for shown in (
        "zsr-tui evaluate --dataset scifact",
        "bm25 % 100 &gt;&gt; castorini/monot5-3b-msmarco-10k",
        "c5ee24cb16019beea0893ab7796b1df96625c6b8",
        "5f7d1de60b170fc8027bb7898e2efca1",
        "torch 2.13.0",
        "2 queries missing, counted as 0",
        "2026-11-22T20:00:00Z",
        "2026-11-22 20:00 UTC",
    ):
        assert shown in page


def test_the_lists_of_a_chosen_query_carry_judgments_and_missed_documents(tmp_path: Path) -> None:
    page = written(tmp_path, ".html").decode()
    article = page[page.index('<article id="q0"') : page.index('<article id="q1"')]
    assert 'title="relevant, grade 2">●2<' in article
    assert 'title="judged not relevant">○<' in article
    assert 'title="unjudged">·<' in article
    assert "<mark>homocysteine</mark>" in article
    evaluation = dataclasses.replace(contents(QUERIES).evaluation, terms=lambda *_: Terms.of("patients"))
    other = write(with_first_queries(Contents(evaluation), 1), tmp_path / "other.html").read_text("utf-8")
    assert "<mark>homocysteine</mark>" not in other
    assert "<mark>patients</mark>" in other  # as the language of the documents has them
    assert article.count("not retrieved") == 6  # the relevant document that no system found
    assert "†" in article


def test_an_unfinished_evaluation_says_so(tmp_path: Path) -> None:
    part = contents(5)
    part = dataclasses.replace(part, evaluation=dataclasses.replace(part.evaluation, complete=False))
    assert "not complete" in write(part, tmp_path / "x.html").read_text("utf-8")


def test_a_system_without_a_list_takes_no_room(tmp_path: Path) -> None:
    made = contents(QUERIES).evaluation
    made.values[1] = made.condensed[1] = made.maximum[1] = math.nan
    failed = dataclasses.replace(made.systems[1], failed="the model is not here.")
    whole = made.lists

    def lists(query: int) -> QueryLists:
        every = whole(query)
        return QueryLists({at: each for at, each in every.by_stage.items() if at != 1}, every.judgments)

    made = dataclasses.replace(made, systems=(made.systems[0], failed, *made.systems[2:]), lists=lists)
    page = write(with_first_queries(Contents(made), 1), tmp_path / "x.html").read_text("utf-8")
    assert page.count('<section class="list">') == 5
    assert "No list of this query: MiniLM-L-6." in page
    assert "of each query: monoT5-base against BM25" in page
    assert "of each query: MiniLM-L-6 against BM25" not in page
    assert "MiniLM-L-6: the model is not here." in page
    assert "counts 0 of" not in page


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_an_evaluation_of_nothing_can_still_be_written(tmp_path: Path, suffix: str) -> None:
    """One query, which all systems but the first have still to run, and nothing computed from it."""
    bare = contents(1)
    bare.evaluation.values[1:], bare.evaluation.ran[1:] = math.nan, False
    bare.curves, bare.breakdowns, bare.classes, bare.matrix, bare.queries = {}, (), {}, None, []
    if suffix == ".png" and shutil.which("rsvg-convert") is None:
        pytest.skip("no rsvg-convert")
    if suffix == ".parquet":
        pytest.importorskip("pyarrow")
    data = write(bare, tmp_path / f"x{suffix}").read_bytes()
    if suffix == ".png":
        assert data[:8] == b"\x89PNG\r\n\x1a\n"
        return
    if suffix == ".parquet":
        assert data[:4] == data[-4:] == b"PAR1"
        return
    # each format says what the first system has, and that the others have nothing
    of_first, of_second = {
        ".html": (r">(<b>)?0\.6250<", r">monoT5-3B<"),
        ".md": (r"\| BM25 +\| +– \| +0\.6250 \|", r"\| monoT5-3B +\| +2\.85B \| +– \| +– \| +– \|"),
        ".tex": (r"BM25 & .*0\.6250", r"monoT5-3B & 2\.85B & .*--"),
        ".csv": (r"bm25,BM25,,0\.625,0\.825,0\.3", r"monoT5-3B,,,,\r?\n"),
        ".json": (r"0\.625\b", r"null"),
        ".svg": (r"BM25 0\.625\.", r"</svg>"),
    }[suffix]
    text = data.decode("utf-8")
    assert re.search(of_first, text), text
    assert re.search(of_second, text), text


@pytest.mark.skipif(shutil.which("rsvg-convert") is None, reason="no rsvg-convert")
def test_png_is_a_picture_at_twice_the_size(tmp_path: Path) -> None:
    data = written(tmp_path, ".png")
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(data[16:20]) == 1520


def test_png_without_a_converter_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(png_module.shutil, "which", lambda _: None)
    monkeypatch.setitem(sys.modules, "cairosvg", None)
    with pytest.raises(Problem, match=r"write \.svg"):
        write(contents(3), tmp_path / "x.png")
    assert list(tmp_path.iterdir()) == []

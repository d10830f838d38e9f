"""Folders of texts: Markdown, HTML, PDF and plain text."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.unit.corpora.formats.conftest import read
from zsr_tui.corpora import normalise
from zsr_tui.corpora.formats import folder, html
from zsr_tui.corpora.formats.rows import Options
from zsr_tui.domain import Doc, Problem

PAGE = b"""<html><head><meta charset="latin-1"><title>Oats &amp; rain</title><style>p {}</style></head>
<body><script>alert("no")</script><h1>Oats</h1><p>Oats <b>l</b>ike&nbsp;r\xe4in.</p><table><tr><td>a</td><td>b</td></tr>
</table><h2>More</h2>x</body></html>"""
SPACES = " " * 600_000  # what is tried out at each of them takes hours


def pdf(text: str, kids: str = "[3 0 R]", more: Sequence[str] = ()) -> bytes:
    """The smallest one that holds a line of text; with other `kids` of its pages, `more` objects from number 6 on."""
    stream = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids {kids} /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R "
        "/Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        *more,
    ]
    made, places = "%PDF-1.4\n", []
    for number, each in enumerate(objects, 1):
        places.append(len(made))
        made += f"{number} 0 obj\n{each}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(objects) + 1
    trailer = f"trailer << /Size {size} /Root 1 0 R >>\nstartxref\n{len(made)}\n%%EOF"
    return f"{made}xref\n0 {size}\n0000000000 65535 f \n{table}{trailer}".encode()


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    place = tmp_path / "notes"
    (place / "sub").mkdir(parents=True)
    (place / "one.md").write_text("---\ntitle: The one \t\ntags: rye" + SPACES + "b\n---\n# One\n\nOn rye.\n")
    (place / "sub" / "zwei ä%.html").write_bytes(PAGE)
    (place / "three.txt").write_bytes(b"\xef\xbb\xbfplain\r\ntext")
    (place / "four.pdf").write_bytes(pdf("Barley beer"))
    (place / ".hidden.txt").write_text("no")
    (place / "picture.png").write_bytes(b"no")
    (place / "queries.jsonl").write_text('{"_id": "q1", "text": "beer"}')
    (place / "qrels.txt").write_text("q1 0 four.pdf 1\n")
    return place


def test_each_file_is_a_document_and_its_path_the_id(notes: Path) -> None:
    corpus = read(str(notes))
    assert list(corpus.iter_docs()) == [
        Doc("four.pdf", "four", "Barley beer", (("pages", "1"), ("file", "four.pdf"))),
        Doc("one.md", "The one", "# One\n\nOn rye.", (("tags", f"rye{SPACES}b"), ("file", "one.md"))),
        Doc(
            "sub/zwei%20ä%25.html", "Oats & rain", "# Oats\n\nOats like räin.\n\na b\n\n## More\n\nx",
            (("file", "zwei ä%.html"),),
        ),
        Doc("three.txt", "three", "plain\ntext", (("file", "three.txt"),)),
    ]  # fmt: skip
    assert corpus.judgments("q1") == {"four.pdf": 1}
    assert corpus.notes() == (f"{notes} is read as: each file is a document, its path the id.",)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        pytest.param("bad.pdf", b"%PDF-1.4 nothing", "bad.pdf: it cannot be read as PDF", id="damaged PDF"),
        pytest.param("bad.pdf", pdf(""), "bad.pdf: it has no text, only pictures", id="scanned PDF"),
        pytest.param("bad.txt", b"\xff\xfebroken\xd8", "bad.txt: not UTF-16 text", id="half a character"),
        pytest.param("bad.md", b"gr\xfc\xdfe", "bad.md: not UTF-8 text: save it as UTF-8, or name", id="Latin"),
        pytest.param("bad.txt", b"a\0b", "bad.txt: it holds the byte 0", id="byte 0"),
        pytest.param("bad.txt", b"   ", "bad.txt: its text is empty", id="empty"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_or_left_out(notes: Path, name: str, content: bytes, sentence: str) -> None:
    (notes / name).write_bytes(content)
    if name == "bad.txt" and content.isspace():
        sentence = ""  # a title is there: its name
    if sentence:
        with pytest.raises(Problem) as told:
            read(str(notes))
        assert sentence in told.value.message
    assert read(f"{notes}(bad=skip)").doc_count() == (4 if sentence else 5)


def test_a_page_without_title_and_heading_is_its_text() -> None:
    assert html.read(b"<p>rye</p>", "x.html") == {"text": "rye"}


def test_tags_may_be_as_deep_in_each_other_as_they_like() -> None:
    """What looks through all of them for each would take an hour."""
    page = b"<div>" * 100_000 + b"<h2>rye</h2>beer" + b"</div>" * 100_000
    assert html.read(page, "x.html") == {"title": "rye", "text": "## rye\n\nbeer"}


def test_a_pdf_whose_parts_name_each_other_again_and_again_is_refused(notes: Path) -> None:
    """2 to the power of 40 pages, in a file of 4 kB."""
    parts = [f"<< /Type /Pages /Kids [{n} 0 R {n} 0 R] /Count 2 >>" for n in [*range(7, 46), 3]]
    (notes / "bad.pdf").write_bytes(pdf("rye", "[6 0 R]", parts))
    with pytest.raises(Problem, match=r"bad\.pdf: its pages are not in order: one part of them is named again"):
        read(str(notes))
    (notes / "bad.pdf").write_bytes(pdf("rye", "[3 0 R 6 0 R]", ["<< /Type /Pages /Kids [3 0 R] /Count 1 >>"]))
    assert read(str(notes)).docs(["bad.pdf"])["bad.pdf"].text == "rye\n\nrye"


def test_how_far_it_is_is_told_in_bytes_of_all_files(notes: Path) -> None:
    told: list[int] = []
    count = len(list(folder.rows(str(notes), Options(), told.append)))
    assert len(told) == count == 4
    assert told == sorted(told)
    assert told[-1] == sum(path.stat().st_size for path in folder.files(str(notes)))


def test_a_text_that_is_longer_than_any_is_named(notes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zsr_tui.outside.LONGEST_LINE", 1000)
    (notes / "long.txt").write_text("x" * 1001)
    with pytest.raises(Problem) as told:
        read(str(notes))
    assert told.value.message.startswith(f"{notes / 'long.txt'}: it has more than ")


def test_links_out_of_the_folder_pipes_and_folders_without_texts(notes: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.txt").write_text("secret")
    (notes / "link").symlink_to(tmp_path / "outside")
    os.mkfifo(notes / "pipe.txt")
    assert read(str(notes)).doc_count() == 4
    (tmp_path / "empty").mkdir()
    with pytest.raises(Problem, match=r"holds no corpus\.jsonl"):
        normalise(str(tmp_path / "empty"))

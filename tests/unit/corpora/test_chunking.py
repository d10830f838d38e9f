"""Documents in chunks: what is cut where, and that chunks are a corpus of the same source."""

from __future__ import annotations

import pytest

from tests.unit.corpora.conftest import Write
from zsr_tui.corpora import collection_of, download, normalise, open_corpus, whole_of
from zsr_tui.corpora.chunking import Chunking, first_heading, sections
from zsr_tui.domain import Doc, Problem, counted_in, document_of
from zsr_tui.progress import CancelToken, ignore_progress

MARKDOWN = "Before.\n# Tea #\n## Green\nHot.\n```\n# code\n```\n## Black\n\n### Pu-erh\nOld.\n# Beer\nCold."


def texts(chunking: Chunking, text: str) -> list[str]:
    return [chunk.text for chunk in chunking.chunks(Doc("d", "T", text))]


def test_chunks_have_so_many_words_and_overlap() -> None:
    assert texts(Chunking(3), "a b c d e f g") == ["a b c", "d e f", "g"]
    assert texts(Chunking(3, 1), "a  b\nc d e f g") == ["a  b\nc", "c d e", "e f g"]
    assert texts(Chunking(3, 2), "a b") == ["a b"]
    assert texts(Chunking(5), "a b c d. e f g") == ["a b c d.", "e f g"]  # a sentence ends in the last fifth
    assert texts(Chunking(5), "a b c. d e f g") == ["a b c. d e", "f g"]
    assert texts(Chunking(2), "漢字 かな x") == ["漢字", "かな", "x"]
    assert texts(Chunking(2), "") == [""]


@pytest.mark.parametrize("overlap", range(4))
def test_every_word_is_in_a_chunk(overlap: int) -> None:
    words = [f"w{n}{'.' * (n % 3 == 0)}" for n in range(50)]
    found = [chunk.split() for chunk in texts(Chunking(5, overlap), " ".join(words))]
    assert {word for chunk in found for word in chunk} == set(words)
    assert all(len(chunk) <= 5 for chunk in found)
    assert all(before[-overlap:] == after[:overlap] for before, after in zip(found, found[1:], strict=False) if overlap)


def test_sections_stand_under_their_headings() -> None:
    assert list(sections(MARKDOWN)) == [
        ("", "Before."),
        ("Tea › Green", "Hot.\n```\n# code\n```"),
        ("Tea › Black › Pu-erh", "Old."),
        ("Beer", "Cold."),
    ]
    assert list(sections("Tea\n===\nHot.\n\nGreen\n---\n- a\n---\na\nb\n---\n\nc\n# End\n")) == [
        ("Tea", "Hot."), ("Tea › Green", "- a\n---\na\nb\n---\n\nc"), ("End", "# End")
    ]  # fmt: skip
    assert [each.title for each in Chunking(by_heading=True).chunks(Doc("d", "tea", "# Tea\na\n# Teapot\nb"))] == [
        "tea", "tea › Teapot"
    ]  # fmt: skip
    chunks = list(Chunking(by_heading=True).chunks(Doc("n.md", "Tea", MARKDOWN, (("tags", "x"),))))
    assert [(chunk.id, chunk.title) for chunk in chunks] == [
        ("n.md#1", "Tea"), ("n.md#2", "Tea › Green"), ("n.md#3", "Tea › Black › Pu-erh"), ("n.md#4", "Tea › Beer")
    ]  # fmt: skip
    assert chunks[1].metadata == (("chunk", "2 of 4"), ("tags", "x"))
    assert document_of("a#b#12") == "a#b"


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("# Tea #", "Tea"),
        ("## C# \t## ", "C#"),
        ("# a # b #", "a # b"),
        ("# ###", "#"),
        ("# Tea" + " " * 100_000 + "x", "Tea" + " " * 100_000 + "x"),  # what is tried out at each space takes hours
    ],
    ids=["closed", "sharp", "inside", "marks", "spaces"],
)
def test_marks_behind_a_heading_are_not_its_words(line: str, title: str) -> None:
    assert first_heading(f"{line}\nHot.") == title


def test_chunks_of_a_corpus_are_one_of_the_same_source(write: Write) -> None:
    folder = write()
    id = normalise(f"{folder}(overlap=1, size=3)")
    assert (id, whole_of(id), collection_of(id)) == (f"{folder}(size=3, overlap=1)", str(folder), id)
    with pytest.raises(Problem, match="not downloaded"):
        open_corpus(id)
    download(id, ignore_progress, CancelToken())
    corpus = open_corpus(id)
    assert corpus.chunked
    assert [doc.id for doc in corpus.iter_docs()] == ["d1#1", "d1#2", "d2#1", "d3#1"]
    assert corpus.docs(["d1#2", "d1", "x"]) == {
        "d1#2": Doc("d1#2", "Rye", "on poor soil.", (("chunk", "2 of 2"),)),
        "d1": Doc("d1", "Rye", "Rye grows on poor soil."),
    }
    assert corpus.judgments("q1") == {"d1": 2, "d2": 0}
    assert corpus.notes()[0] == (
        "3 documents in 4 chunks of 3 words, 1 of which overlap: a list is measured by the first chunk of each "
        "document."
    )
    (folder / "corpus.jsonl").write_text('{"_id": "d1", "text": "other"}')
    with pytest.raises(Problem, match="not downloaded"):
        open_corpus(id)


def test_a_split_of_a_catalogued_dataset_shares_its_chunks() -> None:
    assert normalise("scifact(size=100)") == "beir/scifact/test(size=100)"
    assert collection_of("beir/scifact/test(size=100)") == "beir/scifact(size=100)"


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        pytest.param("size=0", "chunks need a size in words", id="none"),
        pytest.param("size=10, overlap=10", "overlap by fewer than they have", id="overlap"),
        pytest.param("by=heading, overlap=3", "sections do not overlap: give a size too", id="sections"),
        pytest.param("by=page", "by=heading or by size alone, not by=page", id="by"),
        pytest.param("size=many", "size is a number of words, not 'many'", id="number"),
        pytest.param("text=body", "demo takes no text: only files", id="columns"),
    ],
)
def test_what_makes_no_chunks_is_said(settings: str, sentence: str) -> None:
    with pytest.raises(Problem) as told:
        normalise(f"demo({settings})")
    assert sentence in told.value.message
    assert told.value.usage


@pytest.mark.parametrize(
    ("dataset", "unit"),
    [
        ("demo", "document"),
        ("demo(size=200, overlap=50)", "chunk"),
        ("notes.md(by=heading)", "chunk"),
        ("a.csv(text=body, size=20)", "chunk"),
        ("a.csv(text=body)", "document"),
        ("a(size=1).csv", "document"),
    ],
)
def test_a_corpus_that_cuts_documents_is_counted_in_chunks(dataset: str, unit: str) -> None:
    assert counted_in(dataset) == unit

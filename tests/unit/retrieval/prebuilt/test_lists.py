"""What pyserini's jar and table say there is, and what of it belongs to which corpus. No Java."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from zsr_tui import corpora
from zsr_tui.corpora.catalogue import catalogue
from zsr_tui.domain import Approximation, Problem
from zsr_tui.pipeline import parse
from zsr_tui.retrieval.prebuilt import lists, matching, opening, place
from zsr_tui.retrieval.prebuilt.lists import Prebuilt


def test_the_installed_lists_are_read_and_not_run() -> None:
    code = (
        "import sys; from zsr_tui.retrieval.prebuilt.lists import known; found = known();"
        "print(len(found) > 500, 'jnius' in sys.modules, 'pyserini' in sys.modules, 'numpy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False", "False", "False"]
    flat = lists.known()["beir-v1.0.0-scifact.flat"]
    assert (flat.kind, flat.documents, len(flat.md5), flat.texts) == ("inverted", 5183, 32, flat.name)
    assert flat.url.endswith(flat.file)
    assert {each.kind for each in lists.known().values()} == {"inverted", "impact", "flat", "hnsw", "faiss"}


def test_each_corpus_of_beir_has_its_own_and_every_system_is_one() -> None:
    collections = {entry.collection for entry in catalogue().entries.values()} - {"beir/webis-touche2020"}
    for collection in collections:
        found = matching.of_collection(collection)
        assert found, collection
        assert [each.kind for each in found if each.kind == "inverted"], collection
        for each in found:
            system = matching.system(each)
            assert system is not None
            assert parse(str(system)) == system
    graph = "beir-v1.0.0-scifact.bge-base-en-v1.5.hnsw"
    assert str(matching.system(lists.known()[graph])) == f"dense(BAAI/bge-base-en-v1.5; index={graph})"
    assert opening.PrebuiltIndexes().approximation(graph) == Approximation("hnsw")
    assert opening.PrebuiltIndexes().approximation("beir-v1.0.0-scifact.flat") is None
    names = [each.name for each in matching.of_collection("beir/cqadupstack/android")]
    assert all(".0.0-cqadupstack-android." in name for name in names)
    assert [str(matching.system(each)) for each in matching.of_collection("beir/scifact")][:3] == [
        "bm25(index=beir-v1.0.0-scifact.flat)",
        "bm25(index=beir-v1.0.0-scifact.multifield)",
        "sparse(naver/splade-cocondenser-ensembledistil; index=beir-v1.0.0-scifact.splade-pp-ed)",
    ]
    assert {each.docs for each in opening.infos("beir/scifact")} == {5183}  # the lists say it of some
    assert {each.name for each in matching.of_collection("msmarco-passage")} > {"msmarco-v1-passage-slim"}
    assert [each.name for each in matching.of_collection("miracl/en")] == ["miracl-v1.0-en"]
    assert [each.name for each in matching.of_collection("miracl/de")] == ["miracl-v1.0-de"]
    assert matching.of_collection("miracl/sw") == []  # split at spaces alone
    assert matching.of_collection("demo") == []


@pytest.mark.parametrize(
    ("step", "name", "sentence"),
    [
        ("bm25", "beir-v1.0.0-scifact.flatt", "there is no prebuilt index 'beir-v1.0.0-scifact.flatt': did you mean "),
        ("bm25", "zzz", "there is no prebuilt index 'zzz': zsr-tui prebuilt lists them."),
        ("dense", "hnswx", "did you mean hnsw? Of the program's own vectors there are flat, hnsw, ivfpq, sq8."),
        ("dense", "beir-v1.0.0-scifact.flat", "is no index of vectors, which dense searches: write bm25(index="),
        ("bm25", "miracl-v1.0-sw", "was made with an analyser that bm25 does not have."),
    ],
    ids=["nearly", "not at all", "nearly a way", "of something else", "another language"],
)
def test_what_cannot_be_searched_is_one_sentence(step: str, name: str, sentence: str) -> None:
    with pytest.raises(Problem) as caught:
        opening.check(step, name)
    assert sentence in caught.value.message
    assert caught.value.usage


def test_an_index_of_other_documents_is_refused_with_those_that_fit() -> None:
    with pytest.raises(Problem) as caught:
        opening.PrebuiltIndexes().bm25("beir-v1.0.0-nq.flat", "beir/scifact")
    assert caught.value.message == (
        "beir-v1.0.0-nq.flat is no index of the documents of beir/scifact: its own are beir-v1.0.0-scifact.flat, "
        "beir-v1.0.0-scifact.multifield."
    )
    assert caught.value.usage


def test_the_texts_of_an_index_are_a_corpus_of_its_own() -> None:
    name = "prebuilt:beir-v1.0.0-scifact.flat"
    assert corpora.normalise(name) == corpora.collection_of(name) == name
    assert "beir-v1.0.0-scifact.bge-base-en-v1.5.hnsw" in [each.name for each in matching.of_collection(name)]
    with pytest.raises(Problem, match=r"splade-v3 stores no texts: take prebuilt:beir-v1\.0\.0-scifact\.flat\.$"):
        corpora.normalise("prebuilt:beir-v1.0.0-scifact.splade-v3")
    with pytest.raises(corpora.NotDownloaded, match=f"^{name} is not downloaded yet"):
        corpora.open_corpus(name)


def test_lists_of_another_form_are_one_sentence(tmp_path: Path) -> None:
    jar = tmp_path / "other.jar"
    with ZipFile(jar, "w") as archive:
        archive.writestr("prebuilt-indexes/x.json", json.dumps([{"name": "x"}]))
    with pytest.raises(Problem, match=r"^The lists of prebuilt indexes in .* cannot be read: install"):
        list(lists._of_jar(jar))


def test_entries_of_the_table_that_are_spelt_out_are_read() -> None:
    about = '{"urls": ["http://x/download/1"], "md5": "m", "size compressed (bytes)": 7, "filename": "a.tar.gz"}'
    (table,) = ast.parse(f'{{"a": {about}, "b": ["a list"], "c": {{"md5": "m"}}, "d": computed()}}').body
    assert isinstance(table, ast.Expr)
    assert isinstance(table.value, ast.Dict)
    (found,) = lists._of_entries(table.value, "faiss")
    assert (found.name, found.kind, found.file, found.url) == ("a", "faiss", "a.tar.gz", "http://x/download/1")
    assert (found.md5, found.size, found.documents, found.texts) == ("m", 7, None, "")


def test_without_pyserinis_table_there_are_the_jars_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "find_spec", lambda _: None)
    assert list(lists._of_table()) == []


def test_they_lie_where_pyserini_looks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    index = Prebuilt("n", "inverted", "", "lucene.n.20221116.tar.gz", "http://x/y", "abc", 1)
    monkeypatch.setenv("PYSERINI_CACHE", str(tmp_path))
    assert place.folder(index) == tmp_path / "indexes" / "lucene.n.20221116.abc"
    assert not place.is_here(index)
    place.folder(index).mkdir(parents=True)
    assert place.is_here(index)
    monkeypatch.delenv("PYSERINI_CACHE")
    assert not place.is_here(index)


@pytest.mark.parametrize(
    ("name", "language", "system"),
    [
        ("miracl-v1.0-de", "de", "bm25(index=miracl-v1.0-de)"),
        ("miracl-v1.0-zh", "zh", "bm25(index=miracl-v1.0-zh)"),
        ("miracl-v1.0-yo", "yo", "None"),
        ("beir-v1.0.0-scifact.flat", "en", "bm25(index=beir-v1.0.0-scifact.flat)"),
    ],
    ids=["German", "Chinese", "Yoruba", "English"],
)
def test_an_index_is_searched_in_the_language_that_it_was_made_in(name: str, language: str, system: str) -> None:
    found = lists.known()[name]
    assert (matching.language(found), str(matching.system(found))) == (language, system)


def test_another_language_than_that_of_the_index_is_refused() -> None:
    with pytest.raises(Problem, match="was analysed in the language de, not en: leave language out"):
        opening.PrebuiltIndexes().bm25("miracl-v1.0-de", "miracl/de", "en")

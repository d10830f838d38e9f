"""What a user may write for a corpus."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.corpora.conftest import Write
from zsr_tui.corpora import collection_of, list_corpora, members_of, normalise, open_corpus
from zsr_tui.domain import Problem


@pytest.mark.parametrize(
    ("ref", "id", "collection"),
    [
        pytest.param("demo", "demo", "demo", id="demo"),
        pytest.param(" Demo ", "demo", "demo", id="demo in capitals with blanks"),
        pytest.param("scifact", "beir/scifact/test", "beir/scifact", id="scifact"),
        pytest.param("SciFact", "beir/scifact/test", "beir/scifact", id="SciFact"),
        pytest.param("beir/scifact", "beir/scifact/test", "beir/scifact", id="beir/scifact"),
        pytest.param("beir/scifact/train", "beir/scifact/train", "beir/scifact", id="beir/scifact/train"),
        pytest.param("scifact/train", "beir/scifact/train", "beir/scifact", id="scifact/train"),
        pytest.param("nfcorpus", "beir/nfcorpus/test", "beir/nfcorpus", id="nfcorpus"),
        # ir_datasets has another NFCorpus
        pytest.param("nfcorpus/test", "nfcorpus/test", "nfcorpus", id="nfcorpus/test"),
        pytest.param("msmarco", "beir/msmarco/dev", "beir/msmarco", id="msmarco"),
        pytest.param("trec-covid", "beir/trec-covid", "beir/trec-covid", id="trec-covid"),
        pytest.param("beir/nq/test", "beir/nq", "beir/nq", id="beir/nq/test"),
        # BEIR's own zip holds v2; ir_datasets' plain id is v1
        *(
            pytest.param(name, "beir/webis-touche2020/v2", "beir/webis-touche2020/v2", id=name)
            for name in ("touche2020", "touche-2020", "webis-touche2020", "beir/touche2020", "touche-2020/v2")
        ),
        *(
            pytest.param(name, "beir/webis-touche2020", "beir/webis-touche2020", id=name)
            for name in ("beir/webis-touche2020", "touche2020/v1", "webis-touche2020/v1", "beir/touche-2020/v1")
        ),
        pytest.param("dbpedia", "beir/dbpedia-entity/test", "beir/dbpedia-entity", id="dbpedia"),
        pytest.param("cqadupstack", "beir/cqadupstack", "beir/cqadupstack", id="cqadupstack"),
        pytest.param("cqadupstack/tex", "beir/cqadupstack/tex", "beir/cqadupstack/tex", id="cqadupstack/tex"),
        pytest.param("robust04", "beir/robust04", "beir/robust04", id="robust04"),
        pytest.param("beir/signal-1m", "beir/signal1m", "beir/signal1m", id="beir/signal-1m"),
        pytest.param("vaswani", "vaswani", "vaswani", id="vaswani"),
        pytest.param(
            "msmarco-passage/trec-dl-2019/judged",
            "msmarco-passage/trec-dl-2019/judged",
            "msmarco-passage",
            id="trec-dl-2019",
        ),
    ],
)
def test_names_and_ids(ref: str, id: str, collection: str) -> None:
    assert normalise(ref) == id
    assert normalise(id) == id
    assert collection_of(id) == collection


def test_paths(write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write(dev="q1\td1\t1\n", test="q2\td3\t1\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for ref in (
        str(folder),
        f"{folder}/",
        "./corpus",
        "corpus",
        "~/corpus",
        "corpus:test",
        "../" + tmp_path.name + "/corpus",
    ):
        assert normalise(ref) == str(folder), ref
    assert normalise("corpus:dev") == f"{folder}:dev"
    assert normalise(f"{folder}:dev") == f"{folder}:dev"
    assert collection_of(f"{folder}:dev") == str(folder)
    monkeypatch.chdir(folder)
    assert normalise(".") == str(folder)


def test_a_name_of_beir_wins_over_a_folder_of_that_name(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write(name="scifact")
    monkeypatch.chdir(tmp_path)
    assert normalise("scifact") == "beir/scifact/test"
    assert normalise("./scifact") == str(folder)


def test_a_path_with_a_colon_and_a_link(write: Write, tmp_path: Path) -> None:
    folder = write(name="a:b")
    assert normalise(str(folder)) == str(folder)
    link = tmp_path / "link"
    link.symlink_to(folder)
    assert normalise(str(link)) == str(folder)


@pytest.mark.parametrize(
    ("ref", "expected"),
    [
        ("scifac", "did you mean beir/scifact/test"),
        ("beir/nfcorpsu/test", "did you mean beir/nfcorpus/test"),
        ("hotpot", "beir/hotpotqa/test"),
        ("vaswany", "vaswani"),
        ("xyzzy-plugh-9", "zsr-tui corpora lists what there is"),
    ],
)
def test_unknown_names_offer_the_nearest(ref: str, expected: str) -> None:
    with pytest.raises(Problem) as caught:
        normalise(ref)
    assert caught.value.usage
    assert caught.value.exit_code == 2
    assert f"there is no corpus {ref!r}" in caught.value.message
    assert expected in caught.value.message


@pytest.mark.parametrize(
    "ref",
    [
        pytest.param("", id="nothing"),
        pytest.param("  ", id="blanks"),
        pytest.param("/no/such/place", id="absolute path"),
        pytest.param("./no-such-place", id="relative path"),
        pytest.param("no/such.zip", id="archive"),
        pytest.param("wapo/v3/trec-news-2020", id="split"),
    ],
)
def test_other_mistakes_are_the_users(ref: str) -> None:
    with pytest.raises(Problem) as caught:
        normalise(ref)
    assert caught.value.usage


def test_cqadupstack_as_a_whole_names_its_forums() -> None:
    members = members_of("beir/cqadupstack")
    assert len(members) == 12
    assert members_of("beir/scifact/test") == ()
    with pytest.raises(Problem, match=r"average over 12 corpora: open one of them \(android, english,") as caught:
        open_corpus("cqadupstack")
    assert caught.value.usage


def test_every_listed_corpus_has_its_canonical_id_and_a_collection() -> None:
    for info in list_corpora():
        assert normalise(info.id) == info.id
        assert collection_of(info.id)
        assert all(normalise(member) == member for member in info.members)

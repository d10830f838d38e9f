from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from zsr_tui import pipeline
from zsr_tui.domain import Problem
from zsr_tui.evaluation import published
from zsr_tui.evaluation.published import AVERAGE, IN_DOMAIN, Published, dataset_name, matches, read_paper, read_pyserini
from zsr_tui.scoring.models import catalogue


def values(dataset: str, measure: str) -> dict[str, float]:
    return {row.system: row.value for row in published.published(dataset, measure)}


def test_the_figures_are_those_that_pyserini_publishes() -> None:
    assert published.unavailable() == ()
    scifact = values("beir/scifact/test", "nDCG@10")
    assert scifact["bm25-flat"] == 0.6789
    assert scifact["bm25-multifield"] == 0.6647
    assert {"splade-pp-ed", "contriever", "bge-base-en-v1.5.faiss"} <= scifact.keys()
    assert values("beir/nfcorpus/test", "R@100")["bm25-flat"] == 0.2457
    assert values("beir/arguana", "nDCG@10")["bm25-flat"] == 0.3970
    assert values("beir/cqadupstack/android", "nDCG@10")["bm25-flat"] == 0.3801


def test_pyserini_is_read_and_not_run() -> None:
    code = (
        "import sys; from zsr_tui.evaluation.published import published; rows = published('beir/fiqa/test', 'nDCG@10');"
        "print(len(rows) > 5, 'pyserini' in sys.modules, 'numpy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False", "False"]


def test_cqadupstack_is_the_mean_of_its_forums() -> None:
    forums = "android english gaming gis mathematica physics programmers stats tex unix webmasters wordpress".split()
    each = [values(f"beir/cqadupstack/{forum}", "nDCG@10")["bm25-flat"] for forum in forums]
    assert values("beir/cqadupstack", "nDCG@10")["bm25-flat"] == pytest.approx(sum(each) / 12)


@pytest.mark.parametrize(
    ("dataset", "name"),
    [
        ("beir/scifact/test", "scifact"),
        ("beir/scifact/train", ""),  # nobody published this split
        ("beir/nfcorpus/dev", ""),
        ("beir/trec-covid", "trec-covid"),
        ("beir/webis-touche2020/v2", "webis-touche2020"),
        ("beir/webis-touche2020", ""),  # the first version has other judgments
        ("beir/cqadupstack/tex", "cqadupstack-tex"),
        ("msmarco-passage/dev/small", "msmarco"),
        ("beir/msmarco/dev", "msmarco"),
        ("beir/msmarco/test", ""),  # TREC DL 2019: other queries, and graded
        ("beir/msmarco/train", ""),
        ("/home/me/scifact/test", ""),
        ("demo", ""),
    ],
)
def test_only_the_same_queries_and_judgments_are_compared(dataset: str, name: str) -> None:
    assert dataset_name(dataset) == name


def test_the_papers_figures_say_what_is_read_off_a_plot() -> None:
    average = {row.system: row for row in published.published(AVERAGE, "nDCG@10")}
    assert (average["BM25"].value, average["monoT5-3B"].value) == (0.433, 0.532)
    assert len(average) == 14
    assert all(row.approximate and "2206.02873" in row.source for row in average.values())
    assert average["monoT5-3B"].parameters == 3_000_000_000
    assert average["BM25"].parameters is None
    in_domain = {row.system: row.value for row in published.published(IN_DOMAIN, "RR@10")}
    assert in_domain["MiniLM (reranker)"] == 0.390
    assert in_domain["monoT5-small"] == 0.356
    (nfcorpus,) = [row for row in published.published("beir/nfcorpus/test", "nDCG@10") if row.system == "monoT5-3B"]
    assert (nfcorpus.value, nfcorpus.approximate) == (0.383, False)


@pytest.mark.parametrize(
    ("notation", "system", "value"),
    [
        ("dense(sentence-transformers/gtr-t5-base)", "GTR-base", 0.366),
        ("dense(sentence-transformers/gtr-t5-large)", "GTR-large", 0.379),
        ("dense(sentence-transformers/gtr-t5-xl@main)", "GTR-XL", 0.385),
        ("dense(sentence-transformers/gtr-t5-xxl)", "GTR-XXL", 0.388),
        ("dense(Muennighoff/SGPT-125M-weightedmean-msmarco-specb-bitfit)", "SGPT-125M", 0.234),
        ("dense(Muennighoff/SGPT-1.3B-weightedmean-msmarco-specb-bitfit)", "SGPT-1.3B", 0.303),
        ("dense(Muennighoff/SGPT-2.7B-weightedmean-msmarco-specb-bitfit)", "SGPT-2.7B", 0.328),
        ("dense(Muennighoff/SGPT-5.8B-weightedmean-msmarco-specb-bitfit)", "SGPT-5.8B", 0.336),
    ],
    ids=["GTR base", "GTR large", "GTR XL", "GTR XXL", "SGPT 125M", "SGPT 1.3B", "SGPT 2.7B", "SGPT 5.8B"],
)
def test_every_dense_model_of_the_paper_has_its_figures_beside_it(notation: str, system: str, value: float) -> None:
    (match,) = matches(notation, published.published(IN_DOMAIN, "RR@10"))
    assert (match.published.system, match.published.value, match.difference) == (system, value, "")
    (match,) = matches(notation, published.published(AVERAGE, "nDCG@10"))
    assert match.published.system == system


def test_every_system_of_the_paper_names_a_model_that_the_program_knows() -> None:
    for row in published.published(AVERAGE, "nDCG@10"):
        for model in pipeline.models(pipeline.parse(row.notation)):
            assert catalogue.entry_of(model) is not None, row.system


@pytest.mark.parametrize("name", ["MiniLM-L-6-v2", "MiniLM-L6-v2"])
def test_what_is_printed_stands_beside_what_was_read_off_the_plot(name: str) -> None:
    rows = published.published(IN_DOMAIN, "RR@10")
    plot, card = matches(f"bm25 % 1000 >> cross-encoder/ms-marco-{name}", rows)
    assert (plot.published.value, plot.published.approximate, plot.difference) == (0.390, True, "")
    assert (card.published.value, card.published.approximate, card.published.digits) == (0.3901, False, 4)
    assert card.difference == "published for MS MARCO's reranking task, with its candidates"
    fewer = matches(f"bm25 % 100 >> cross-encoder/ms-marco-{name}", rows)
    assert [match.published.value for match in fewer] == [0.3901, 0.390], "the printed one first"
    (twelve,) = matches("bm25 % 1000 >> cross-encoder/ms-marco-MiniLM-L-12-v2", rows)
    assert twelve.published.value == 0.3902


@pytest.mark.parametrize(
    ("notation", "system"),
    [
        ("bm25", "bm25-flat"),
        ("bm25 % 100", "bm25-flat"),  # nDCG@10 sees the first ten
        ("dense(facebook/contriever)", "contriever"),
        ("dense(BAAI/bge-base-en-v1.5@main)", "bge-base-en-v1.5.faiss"),
    ],
)
def test_a_measured_system_finds_its_published_figure(notation: str, system: str) -> None:
    (match,) = matches(notation, published.published("beir/scifact/test", "nDCG@10"))
    assert (match.published.system, match.difference) == (system, "")


@pytest.mark.parametrize(
    "notation",
    [
        pytest.param("bm25(k1=1.2, b=0.75)", id="other settings"),
        pytest.param("bm25 % 5", id="cut"),
        pytest.param("rrf(bm25, dense(x/y))", id="fusion"),
        pytest.param("a run of mine", id="run file"),
        pytest.param("", id="nothing"),
    ],
)
def test_another_system_finds_none(notation: str) -> None:
    assert matches(notation, published.published("beir/scifact/test", "nDCG@10")) == []


def test_other_candidates_are_said() -> None:
    rows = published.published("beir/nfcorpus/test", "nDCG@10")
    exact = matches("bm25 % 1000 >> castorini/monot5-3b-msmarco-10k", rows)
    assert [(match.published.system, match.difference) for match in exact] == [("monoT5-3B", "")]
    assert matches("bm25 >> castorini/monot5-3b-msmarco-10k", rows)[0].difference == ""  # 1,000 without a %
    (fewer,) = matches("bm25 % 100 >> castorini/monot5-3b-msmarco-10k", rows)
    assert fewer.difference == "published with 1,000 candidates, measured with 100"
    (other,) = matches("dense(x/y) % 100 >> castorini/monot5-3b-msmarco-10k", rows)
    assert other.difference == "published over bm25"


def test_an_approximate_search_is_told_from_the_published_exact_one() -> None:
    rows = published.published("beir/nfcorpus/test", "nDCG@10")
    for index, difference in (("flat", ""), ("hnsw", "published with exact search")):
        (found,) = matches(f"dense(BAAI/bge-base-en-v1.5; index={index})", rows)
        assert (found.published.system, found.difference) == ("bge-base-en-v1.5.faiss", difference)


def test_a_notation_of_a_later_version_still_matches_exactly() -> None:
    row = Published("s", "scifact", "nDCG@10", 0.7, "x", notation="future(a/b)")
    assert matches("bm25", [row]) == []


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("conditions: 3", id="no list"),
        pytest.param("[1, 2", id="no YAML"),
        pytest.param("something: else", id="other keys"),
        pytest.param(
            "conditions: [{name: bm25-flat, datasets: [{dataset: x, scores: [{nDCG@10: high}]}]}]", id="value in words"
        ),
        pytest.param(
            "conditions: [{name: bm25-flat, datasets: [{dataset: x, scores: [{nDCG@10: 67.9}]}]}]",
            id="value in per cent",
        ),
        pytest.param("conditions: [{name: bm25-flat}]", id="no datasets"),
        pytest.param("", id="empty"),
        pytest.param("\x00\x01", id="control characters"),
    ],
)
def test_another_layout_is_one_sentence(tmp_path: Path, content: str) -> None:
    table = tmp_path / "beir.yaml"
    table.write_text(content)
    with pytest.raises(Problem) as failure:
        read_pyserini(table)
    assert "does not know" in failure.value.message
    assert "\n" not in failure.value.message


def test_a_missing_table_is_one_sentence_and_the_papers_figures_still_stand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(published, "_pyserini_table", lambda: tmp_path / "gone.yaml")
    published._sources.cache_clear()
    try:
        assert [row.system for row in published.published("beir/nfcorpus/test", "nDCG@10")] == ["monoT5-3B"]
        (sentence,) = published.unavailable()
        assert "cannot be read" in sentence
        assert "reinstall pyserini" in sentence
    finally:
        published._sources.cache_clear()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("", id="empty"),
        pytest.param("system = 3", id="no sources"),
        pytest.param("[sources", id="no TOML"),
        pytest.param("[sources.plot]\nname = 1", id="a source without an address"),
    ],
)
def test_a_damaged_file_of_the_paper_is_one_sentence(tmp_path: Path, content: str) -> None:
    file = tmp_path / "paper.toml"
    file.write_text(content)
    with pytest.raises(Problem, match="left out"):
        read_paper(file)

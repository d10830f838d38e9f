"""Where a notation fails, and what is said of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zsr_tui.pipeline import NotationError, parse


@pytest.mark.parametrize(
    ("notation", "column", "says"),
    [
        pytest.param(
            "",
            1,
            "expected bm25, dense(...), sparse(...), rrf(...), linear(...) or an engine (es, opensearch, "
            "pyserini, anserini, qdrant), found the end",
            id="nothing",
        ),
        pytest.param(
            "bm25 % ",
            7,
            "expected how many documents to keep, as in % 100, found the end",
            id="cut without number",
        ),
        pytest.param("bm25 % ten", 8, "expected a whole number from 1 to 100,000, found 'ten'", id="cut in words"),
        pytest.param("bm25 % 0", 8, "expected a whole number from 1 to 100,000, found '0'", id="cut to none"),
        pytest.param("bm25 % ²", 8, "expected a whole number from 1 to 100,000, found '²'", id="superscript number"),
        pytest.param("bm25 >> ", 8, "expected a reranking model after '>>', found the end", id="rerank by nothing"),
        pytest.param(
            "bm25 >> dense(x)",
            9,
            "dense retrieves; after '>>' comes the model that reranks its candidates, as in bm25 % 100 >>"
            " cross-encoder/ms-marco-MiniLM-L-6-v2",
            id="rerank by dense",
        ),
        pytest.param(
            "es",
            3,
            "expected '(' and an engine, as in es(name) or es(http://host:9200/index), found the end",
            id="no engine",
        ),
        pytest.param("es(x; vector=v)", 7, "es takes template, once, behind an engine", id="a setting of others"),
        pytest.param("pyserini(x; k=1)", 13, "pyserini takes nothing else, behind an engine", id="a setting of none"),
        pytest.param('es(" ")', 4, "the name is empty", id="an empty name"),
        pytest.param(
            "bm25 >> qdrant(x)",
            9,
            "qdrant retrieves; after '>>' comes the model that reranks its candidates, as in bm25 % 100 "
            ">> cross-encoder/ms-marco-MiniLM-L-6-v2",
            id="rerank by an engine",
        ),
        pytest.param(
            "bm25(k2=1)",
            6,
            "bm25 takes k1, b, index and language, once each, as in bm25(k1=1.2, b=0.75) or bm25(language=de)",
            id="unknown setting",
        ),
        pytest.param("bm25(k1=high)", 9, "k1 must be a number, not 'high'", id="k1 in words"),
        pytest.param("bm25(k1=nan)", 9, "k1 must be between 0 and 1000", id="k1 is no number"),
        pytest.param("bm25(b=1.5)", 8, "b must be between 0 and 1", id="b too large"),
        pytest.param("dense(a", 8, "expected ')', found the end", id="open bracket"),
        pytest.param(
            "sparse",
            7,
            "expected '(' and a model, as in sparse(naver/splade-v3), found the end",
            id="sparse without brackets",
        ),
        pytest.param("sparse()", 8, "expected a model, found ')'", id="sparse without a model"),
        pytest.param(
            "dense(a; index=)",
            16,
            "expected flat, hnsw, ivfpq, sq8 or the name of a prebuilt index, found ')'",
            id="no index",
        ),
        pytest.param(
            "bm25(index=a, index=b)",
            15,
            "bm25 takes k1, b, index and language, once each, as in bm25(k1=1.2, b=0.75) or bm25(language=de)",
            id="two indexes",
        ),
        pytest.param(
            "sparse(a; index=sq8)",
            17,
            "sq8 searches dense vectors: sparse takes the name of a prebuilt index",
            id="vectors of sparse",
        ),
        pytest.param(
            "dense(a; k=3)",
            10,
            "dense takes index, once, as in dense(BAAI/bge-base-en-v1.5; index=...)",
            id="a setting that dense does not have",
        ),
        pytest.param("dense(a; index=hnsw, index=sq8)", 20, "expected ')', found ','", id="index twice"),
        pytest.param(
            "sparse(a, b)",
            11,
            "sparse takes index, once, as in sparse(naver/splade-v3; index=...)",
            id="two models",
        ),
        pytest.param(
            "bm25 >> sparse(x)",
            9,
            "sparse retrieves; after '>>' comes the model that reranks its candidates, as in bm25 % 100 "
            ">> cross-encoder/ms-marco-MiniLM-L-6-v2",
            id="rerank by sparse",
        ),
        pytest.param("rrf(bm25)", 9, "rrf fuses two systems or more", id="rrf of one"),
        pytest.param("rrf(bm25", 9, "rrf fuses two systems or more", id="rrf, unfinished"),
        pytest.param("linear(bm25; norm=sum)", 12, "linear fuses two systems or more", id="linear of one"),
        pytest.param(
            "rrf(bm25, dense(m); weights=[1])",
            29,
            "1 weight for 2 systems: give one for each",
            id="too few weights",
        ),
        pytest.param(
            "rrf(bm25, dense(m); weights=[1, 2, 3])",
            29,
            "3 weights for 2 systems: give one for each",
            id="too many weights",
        ),
        pytest.param(
            "linear(bm25, dense(m); weights=[0.7, -1])",
            38,
            "a weight must be above 0 and at most 1,000,000, not '-1'",
            id="negative weight",
        ),
        pytest.param(
            "linear(bm25, dense(m); weights=[0, 1])",
            33,
            "a weight must be above 0: leave the system out instead",
            id="no weight",
        ),
        pytest.param(
            "linear(bm25, dense(m); weights=[inf, 1])",
            33,
            "a weight must be above 0 and at most 1,000,000, not 'inf'",
            id="infinite weight",
        ),
        pytest.param(
            "linear(bm25, dense(m); weights=[nan, 1])",
            33,
            "a weight must be above 0 and at most 1,000,000, not 'nan'",
            id="weight that is no number",
        ),
        pytest.param(
            "linear(bm25, dense(m); weights=[a, 1])",
            33,
            "a weight must be a number, not 'a'",
            id="weight in words",
        ),
        pytest.param(
            "linear(bm25, dense(m); weights=0.7)",
            32,
            "expected '[' and a weight for each system, as in weights=[2, 1], found '0.7'",
            id="weights without brackets",
        ),
        pytest.param(
            "linear(bm25, dense(m); weights=[1, 1)",
            37,
            "expected ']', found ')'",
            id="weights without an end",
        ),
        pytest.param(
            "linear(bm25, dense(m); weights=[])",
            33,
            "expected a number for a weight, found ']'",
            id="no weights",
        ),
        pytest.param(
            "linear(bm25, dense(m); norm=max)",
            29,
            "norm must be minmax, zscore or sum, not 'max'",
            id="unknown norm",
        ),
        pytest.param(
            "linear(bm25, dense(m); k=60)",
            24,
            "linear takes weights and norm, once each, as in linear(bm25, dense(a/b); weights=[0.7, 0.3], norm=minmax)",
            id="k of linear",
        ),
        pytest.param(
            "rrf(bm25, dense(m); norm=sum)",
            21,
            "rrf takes k and weights, once each, as in rrf(bm25, dense(a/b); k=60, weights=[2, 1])",
            id="norm of rrf",
        ),
        pytest.param(
            "rrf(bm25, dense(m); k=1, k=2)",
            26,
            "rrf takes k and weights, once each, as in rrf(bm25, dense(a/b); k=60, weights=[2, 1])",
            id="k twice",
        ),
        pytest.param(
            "rrf(bm25, dense(m); )",
            21,
            "expected a setting of rrf, found ')'",
            id="semicolon without settings",
        ),
        pytest.param(
            "rrf(bm25, dense(m), k=60, bm25)",
            27,
            "rrf takes k and weights, once each, as in rrf(bm25, dense(a/b); k=60, weights=[2, 1])",
            id="system behind settings",
        ),
        pytest.param(
            "bm25 >> linear(x)",
            9,
            "linear retrieves; after '>>' comes the model that reranks its candidates, as in bm25 % 100 "
            ">> cross-encoder/ms-marco-MiniLM-L-6-v2",
            id="rerank by linear",
        ),
        pytest.param('bm25 >> "a/b', 9, "the quote is not closed", id="open quote"),
        pytest.param("(" * 3000 + "bm25", 51, "brackets may stand in each other 50 deep", id="3,000 brackets"),
        pytest.param("rrf(" * 3000, 204, "brackets may stand in each other 50 deep", id="3,000 fusions"),
        pytest.param("bm25" + " % 5" * 3000, 206, "a system may have 50 steps", id="3,000 cuts"),
        pytest.param("bm25" + " >> m" * 3000, 256, "a system may have 50 steps", id="3,000 rerankers"),
        pytest.param("bm25 > a/b", 6, "unexpected '>'", id="one angle bracket"),
        pytest.param("bm25 a/b", 6, "expected '>>', '%' or the end, found 'a/b'", id="no operator"),
        pytest.param(
            "castorini/monot5-base-msmarco",
            1,
            "a system begins with bm25, dense(...), sparse(...), rrf(...), linear(...) or an engine (es, "
            "opensearch, pyserini, anserini, qdrant); for a dense retriever write "
            "dense(castorini/monot5-base-msmarco), for a reranker bm25 % 100 >> "
            "castorini/monot5-base-msmarco",
            id="model alone",
        ),
        pytest.param(
            "bm25(language=xx)",
            15,
            "BM25 knows the languages ar, bn, da, de, en, es, fa, fi, fr, hi, hu, id, it, ja, ko, nl, "
            "no, pt, ru, sv, te, th, tr, zh, none, not 'xx'",
            id="unknown language",
        ),
        pytest.param("bm25(k1 1)", 9, "expected '=' after k1, found '1'", id="k1 without equals"),
        pytest.param(
            "bm25(language=)", 15, "expected the code of a language, as in language=de, found ')'", id="no language"
        ),
        pytest.param("bm25(index=)", 12, "expected the name of a prebuilt index, found ')'", id="no prebuilt index"),
        pytest.param("bm25(=1)", 6, "expected k1, b, index or language, found '='", id="no setting"),
        pytest.param("bm25(k1=)", 9, "expected a number for k1, found ')'", id="no k1"),
        pytest.param("bm25(k1=1.2", 12, "expected ')', found the end", id="open settings"),
        pytest.param(
            "bm25 % 1 % 100001", 12, "expected a whole number from 1 to 100,000, found '100001'", id="cut too deep"
        ),
        pytest.param(
            "bm25 % 100000000", 8, "expected a whole number from 1 to 100,000, found '100000000'", id="cut far too deep"
        ),
        pytest.param("bm25(b=-1)", 8, "b must be between 0 and 1", id="b below 0"),
        pytest.param("bm25(k1=1001)", 9, "k1 must be between 0 and 1000", id="k1 too large"),
        pytest.param("dense(a; =b)", 10, "expected a setting of dense, found '='", id="no setting of dense"),
        pytest.param("dense(a; index b)", 16, "expected '=' after index, found 'b'", id="index without equals"),
        pytest.param(
            "sparse(s; index=)", 17, "expected the name of a prebuilt index, found ')'", id="no index of sparse"
        ),
        pytest.param("es()", 4, "expected the name of an engine, or its address, found ')'", id="nothing of an engine"),
        pytest.param("es(x; =v)", 7, "expected a setting of es, found '='", id="no setting of an engine"),
        pytest.param("es(x; template v)", 16, "expected '=' after template, found 'v'", id="template without equals"),
        pytest.param("es(x; template=)", 16, "expected a value of template, found ')'", id="no template"),
        pytest.param("es(x", 5, "expected ')', found the end", id="open engine"),
        pytest.param(
            "qdrant(x; vector=v, vector=w)",
            21,
            "qdrant takes model and vector, once, behind an engine",
            id="vector twice",
        ),
        pytest.param(
            "rrf",
            4,
            "expected '(' and systems, as in rrf(bm25, dense(BAAI/bge-base-en-v1.5)), found the end",
            id="rrf without brackets",
        ),
        pytest.param("rrf(bm25, dense(m); k)", 22, "expected '=' after k, found ')'", id="k without equals"),
        pytest.param("rrf(bm25, dense(m); k=)", 23, "expected a whole number for k, found ')'", id="no k"),
        pytest.param(
            "rrf(bm25, dense(m); k=x)", 23, "expected a whole number from 1 to 100,000, found 'x'", id="k in words"
        ),
        pytest.param("linear(bm25, dense(m); norm=)", 29, "expected minmax, zscore or sum, found ')'", id="no norm"),
        pytest.param("rrf(bm25, dense(m); weights=[1 2])", 32, "expected ']', found '2'", id="weights without a comma"),
        pytest.param("(bm25", 6, "expected ')', found the end", id="open brackets"),
        pytest.param('bm25 >> ""', 9, "the model's name is empty", id="an empty model"),
        pytest.param('dense("a b")x', 13, "expected '>>', '%' or the end, found 'x'", id="something behind a system"),
        pytest.param(
            "linear(bm25, dense(m); weights=[1000001, 1])",
            33,
            "a weight must be above 0 and at most 1,000,000, not '1000001'",
            id="weight too large",
        ),
        pytest.param(
            '"a b"',
            1,
            "a system begins with bm25, dense(...), sparse(...), rrf(...), linear(...) or an engine "
            '(es, opensearch, pyserini, anserini, qdrant); for a dense retriever write dense("a b"), '
            'for a reranker bm25 % 100 >> "a b"',
            id="quoted model alone",
        ),
        pytest.param(
            "% 5",
            1,
            "expected bm25, dense(...), sparse(...), rrf(...), linear(...) or an engine (es, "
            "opensearch, pyserini, anserini, qdrant), found '%'",
            id="cut of nothing",
        ),
    ],
)
def test_an_error_points_at_the_column_where_it_fails(notation: str, column: int, says: str) -> None:
    with pytest.raises(NotationError) as failure:
        parse(notation)
    assert failure.value.column == column
    assert failure.value.message == f"system notation, column {column}: {says}"
    assert failure.value.exit_code == 2


def test_an_error_is_shown_below_the_notation_at_its_column() -> None:
    with pytest.raises(NotationError) as failure:
        parse("bm25 > a/b")
    assert failure.value.message == "system notation, column 6: unexpected '>'"
    assert failure.value.detail == "bm25 > a/b\n     ^"


@given(st.text())
def test_any_text_is_a_system_or_a_notation_error(text: str) -> None:
    try:
        parse(text)
    except NotationError as error:
        assert 1 <= error.column <= len(text) + 1  # noqa: PT017

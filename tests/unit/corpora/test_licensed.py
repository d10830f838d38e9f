"""Robust04 and TREC-NEWS from copies in the form that NIST hands out, written small by these tests."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

_READ = """
import json, sys, types
{before}
import zsr_tui.corpora as corpora
from zsr_tui.progress import CancelToken, ignore_progress
corpora.download({id!r}, ignore_progress, CancelToken())
corpus = corpora.open_corpus({id!r})
print(json.dumps([
    corpus.id, corpus.collection, corpus.doc_count(), [[d.id, d.title, d.text.strip()] for d in corpus.iter_docs()][:2],
    [[q.id, q.text] for q in corpus.queries()], corpus.judgments(corpus.queries()[0].id),
    [info.id for info in corpora.list_corpora() if info.group == "licensed" and info.state.downloaded],
]))
"""


@pytest.fixture
def irds(tmp_path: Path) -> Path:
    return tmp_path / "irds"


def test_robust04(irds: Path, in_new_process: Callable[[str], object]) -> None:
    home = irds / "disks45"
    (home / "corpus" / "FBIS").mkdir(parents=True)
    for number in range(2295):  # as many files as ir_datasets insists on
        (home / "corpus" / "FBIS" / f"FB{number:04}").touch()
    (home / "corpus" / "FBIS" / "FB0000").write_text(
        "<DOC>\n<DOCNO> FBIS-1 </DOCNO>\n<TEXT>\nA report on smuggling.\n</TEXT>\n</DOC>\n"
        "<DOC>\n<DOCNO> FBIS-2 </DOCNO>\n<TEXT>\nWeather.\n</TEXT>\n</DOC>\n"
    )
    topic = (
        "<top>\n\n<num> Number: {0}\n<title> title {0}\n\n"
        "<desc> Description:\nWhat is\n{0}?\n\n<narr> Narrative:\nLong.\n\n</top>\n"
    )
    with gzip.open(home / "04.testset.gz", "wt") as topics:
        topics.write("".join(topic.format(number) for number in (301, 672)))
    (home / "qrels.robust2004.txt").write_text("301 0 FBIS-1 2\n301 0 FBIS-2 0\n672 0 FBIS-2 0\n")

    assert in_new_process(_READ.format(id="robust04", before="")) == [
        "beir/robust04",
        "beir/robust04",
        2,
        [["FBIS-1", "", "A report on smuggling."], ["FBIS-2", "", "Weather."]],
        [["301", "What is 301?"]],  # the description; 672 has no relevant document
        {"FBIS-1": 2, "FBIS-2": 0},
        ["beir/robust04"],
    ]


def test_trec_news(irds: Path, in_new_process: Callable[[str], object]) -> None:
    """Beautiful Soup, which ir_datasets asks for, is only used on HTML, and these articles are plain text."""
    home = irds / "wapo"
    (home / "trec-news-2019").mkdir(parents=True)
    articles = "".join(
        json.dumps(
            {
                "id": id,
                "article_url": "u",
                "title": title,
                "author": "a",
                "contents": [{"type": "sanitized_html", "mime": "text/plain", "content": body}],
            }
        )
        + "\n"
        for id, title, body in (("a1", "The dam breaks", "Water."), ("a2", "Old dams", "Concrete."))
    ).encode()
    with tarfile.open(home / "WashingtonPost.v2.tar.gz", "w:gz") as archive:
        member = tarfile.TarInfo("WashingtonPost.v2/data/TREC_Washington_Post_collection.v2.jl")
        member.size = len(articles)
        archive.addfile(member, io.BytesIO(articles))
    topic = "<top>\n <num> Number: {0} </num>\n <docid>{1}</docid>\n <url>u</url>\n</top>\n"
    (home / "trec-news-2019" / "queries.txt").write_text(topic.format(826, "a1") + topic.format(827, "a2"))
    (home / "trec-news-2019" / "qrels").write_text("826 0 a2 16\n827 0 a1 0\n")

    stub = 'sys.modules["bs4"] = types.SimpleNamespace(BeautifulSoup=None)'
    assert in_new_process(_READ.format(id="trec-news", before=stub)) == [
        "beir/trec-news",
        "beir/trec-news",
        2,
        [["a1", "The dam breaks", "Water."], ["a2", "Old dams", "Concrete."]],
        [["826", "The dam breaks"]],  # the headline; 827 has no relevant document
        {"a2": 16},
        ["beir/trec-news"],
    ]

"""What the scoring benchmark runs on: BM25's candidates of a dataset's judged queries, and a reranker to score them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from zsr_tui import pipeline
from zsr_tui.api.requests import PrepareRequest
from zsr_tui.domain import Problem
from zsr_tui.engine.library import Library
from zsr_tui.engine.preparing.prepare import prepare
from zsr_tui.engine.runner import Runner
from zsr_tui.progress import CancelToken
from zsr_tui.scoring.models import catalogue, located

# ms-marco-MiniLM-L-12-v2's; the vocabulary is that of the embedded bi-encoder, which is the same
MINILM_L12 = {"hidden_size": 384, "num_hidden_layers": 12, "num_attention_heads": 12, "intermediate_size": 1536}


@dataclass(frozen=True, slots=True)
class Ranked:
    """A query with its candidates in BM25's order, and the judgments of its documents."""

    qid: str
    query: str
    ids: tuple[str, ...]
    texts: tuple[str, ...]
    judgments: Mapping[str, int]


def of(dataset: str, pairs: int, depth: int) -> list[Ranked]:
    """Up to `depth` candidates of as many judged queries as give `pairs`; downloads and indexes what is missing."""
    library, cancel = Library(), CancelToken()
    prepare(library, PrepareRequest(id="benchmark", dataset=dataset, systems=("bm25",)), lambda _: None, cancel)
    corpus = library.corpus(dataset)
    runner, system = Runner(library, corpus, cancel), pipeline.parse("bm25")
    found: list[Ranked] = []
    left = pairs
    for query in corpus.judged_queries():
        (ranking,) = runner.run(system, [query], min(depth, left))
        ids = tuple(scored.doc_id for scored in ranking)
        if not ids:
            continue
        docs = corpus.docs(ids)
        texts = tuple(docs[each].content for each in ids)
        found.append(Ranked(query.id, query.text, ids, texts, corpus.judgments(query.id)))
        left -= len(ids)
        if left <= 0:
            return found
    if not found:
        raise Problem(f"{dataset} has no judged queries to rerank candidates of.")
    return found


def random_reranker(folder: Path) -> Path:
    """A cross-encoder of MiniLM-L-12's shape: its scores mean nothing, its speed is that of the real one."""
    import torch
    from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification

    encoder = located.local_folder(catalogue.weights_reference(catalogue.DEFAULT_ENCODER))
    tokenizer = AutoTokenizer.from_pretrained(encoder, model_max_length=512)
    torch.manual_seed(0)
    model = BertForSequenceClassification(BertConfig(**MINILM_L12, num_labels=1))
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder

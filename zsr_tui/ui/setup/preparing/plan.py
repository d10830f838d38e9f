"""What has to be done before systems can be compared on a corpus, told from what the engine says of both."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from zsr_tui import numerals, pipeline
from zsr_tui.domain import CorpusInfo, ModelInfo, Problem

# Encoding more than this is worth a question: 50,000 passages take a small model about a quarter of an hour on two
# cores (about 60 passages a second).
LARGE_ENCODING = 50_000
# A checkpoint holds four bytes for each parameter where its size isn't known otherwise.
BYTES_PER_PARAMETER = 4
NOT_FETCHED = ("http://", "https://", "package:", "/", "./", "../", "~")  # begins a model that is here, or at a server


@dataclass(frozen=True, slots=True)
class Plan:
    """`steps`: what will be done, one plain line each. `ask`: the user should agree first."""

    steps: tuple[str, ...]
    ask: bool

    @property
    def ready(self) -> bool:
        return not self.steps


def plan(
    dataset: str,
    systems: Iterable[str],
    corpora: Iterable[CorpusInfo],
    models: Iterable[ModelInfo],
) -> Plan:
    """Raises `Problem` for a licensed corpus that isn't on this machine (its message says what to do), for one that
    averages over several, and for a system whose notation is wrong."""
    corpus = next((info for info in corpora if info.id == dataset), None)
    by_name = {model.name: model for model in models}
    parsed = [pipeline.parse(notation) for notation in systems]
    steps: list[str] = []
    ask = False

    if corpus is not None and corpus.members:
        raise Problem(
            f"{corpus.id} is an average over {len(corpus.members)} datasets: compare on one of them, such as "
            f"{corpus.members[0]}; zsr-tui evaluate measures all."
        )
    if corpus is None:
        steps.append(f"Read {dataset}; it is not in the catalogue, so its size is not known")
    elif not corpus.state.downloaded:
        if corpus.group == "licensed":
            raise Problem(f"{corpus.title} needs a licence: {corpus.how_to}".strip())
        if corpus.group != "local":
            steps.append(f"Download {corpus.title}: {numerals.size(corpus.download_bytes)}")
            ask = True

    known = [name for system in parsed for name in pipeline.models(system)]
    for name in dict.fromkeys(known):
        model = by_name.get(name)
        if model is not None and not model.runnable:
            raise Problem(f"{name} cannot run here: {model.why_not}")
        if (model is None or not model.local) and not name.startswith(NOT_FETCHED):
            steps.append(f"Get the model {name}: {_model_size(model)}")
            ask = True

    if any(pipeline.needs_bm25(system) for system in parsed) and (corpus is None or not corpus.state.bm25):
        steps.append(f"Index {_documents(corpus)} for BM25")
    encoders = [step.model for system in parsed for step in pipeline.encoded(system)]
    for name in dict.fromkeys(encoders):
        if corpus is None or name not in corpus.state.encoded:
            steps.append(f"Encode {_documents(corpus)} with {name}")
            ask = ask or (corpus is not None and (corpus.docs or 0) > LARGE_ENCODING)
    return Plan(tuple(steps), ask)


def _documents(corpus: CorpusInfo | None) -> str:
    if corpus is None or corpus.docs is None:
        return "its documents"
    return f"{corpus.docs:,} documents"


def _model_size(model: ModelInfo | None) -> str:
    if model is None:
        return "size unknown, downloaded from the Hugging Face hub"
    if model.parameters is None:
        return "size unknown"
    return f"about {numerals.size(model.parameters * BYTES_PER_PARAMETER)}"

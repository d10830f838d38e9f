"""One of the two scorers: what it gives for pairs, and what it reads of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from zsr_tui import pipeline
from zsr_tui.domain import Doc, Problem
from zsr_tui.evaluation.parity.observed import Input, Inputs
from zsr_tui.parity import Scorer
from zsr_tui.progress import CancelToken, Report
from zsr_tui.scoring.endpoints.calling import REQUEST_INPUTS
from zsr_tui.scoring.models import catalogue, documents, families, settings
from zsr_tui.scoring.queue.work import FIRST_CHUNK
from zsr_tui.scoring.service import ScoringService
from zsr_tui.scoring.tokens import reading
from zsr_tui.scoring.tokens.reading import Reading

AT_ONCE = 64  # texts that are encoded between two looks at whether the work is still wanted
_USUAL_LENGTH = 512  # of a model that does not say it
_ROUNDS = 12  # of halving, until the end or the beginning of a text fits
_PROMPTS = ("query_prompt", "document_prompt", "prompt", "prompt_words")


class Given(NamedTuple):
    """NaN: no finite score. `cut`: the model saw only the beginning of the pair, as far as that is known."""

    score: float
    cut: bool


class Side:
    """Raises `Problem` for what names no model, or no model that scores. Downloads nothing before `fetch`."""

    def __init__(self, scoring: ScoringService, written: str, cancel: CancelToken, owner: str) -> None:
        self._scoring, self._cancel, self._owner = scoring, cancel, owner
        self.written, self.model = written, _model_of(written)
        self._name = settings.split(self.model).model
        self._recipe = catalogue.recipe_of(self._name)
        self.served = catalogue.weights_reference(self._name).kind == "endpoint"

    @property
    def shorter(self) -> str:
        """The same model with half of its length, as it is written."""
        written = settings.split(self.model)
        longest = written.settings.max_length or catalogue.describe(self._name).max_length or _USUAL_LENGTH
        return str(written._replace(settings=written.settings._replace(max_length=max(1, longest // 2))))

    def fetch(self, report: Report) -> None:
        self._scoring.fetch(self.model, report=report, cancel=self._cancel)
        self.family = self._scoring.family(self.model)
        self.encodes = self.family == families.ENCODERS["dense"]
        self.pairwise = self.family in families.COMPARING
        self.precision = self._scoring.precision(self.model)
        self._encoder = (
            self._scoring.encoder(self.model, cancel=self._cancel, owner=self._owner) if self.encodes else None
        )

    def text(self, doc: Doc) -> str:
        """That the model reads for a document."""
        return documents.text_of(self._recipe, doc)

    def requests(self, texts: Sequence[int]) -> int:
        """Of `texts` a query, that a server is asked: the first ten of a query go ahead."""
        if not self.served:
            return 0
        if self.encodes:
            return -(-sum(texts) // REQUEST_INPUTS) + -(-len(texts) // REQUEST_INPUTS) + 1
        return sum(1 + -(-max(0, count - FIRST_CHUNK) // REQUEST_INPUTS) for count in texts)

    def about(self) -> Scorer:
        info = catalogue.describe(self._name)
        wished = settings.split(self.model).settings.max_length
        prompts = {name: said for name in _PROMPTS if (said := getattr(self._recipe, name))}
        return Scorer(
            name=self.written,
            model=self.model,
            family=self.family,
            precision=self.precision,
            max_length=wished or info.max_length,
            served=self.served,
            prompts={name: said if isinstance(said, str) else " | ".join(said) for name, said in prompts.items()},
        )

    def scores(self, query: str, texts: Sequence[str]) -> list[Given]:
        """A server is asked anew for what is known of it: it may be another one by now."""
        found = [Given(math.nan, False)] * len(texts)
        for batch in self._scoring.score(
            self.model,
            query,
            texts,
            cancel=self._cancel,
            interactive=False,
            owner=self._owner,
            fresh=self.served,
        ):
            self._cancel.check()
            for place, score, cut in zip(batch.indices, batch.scores, batch.cut, strict=True):
                found[place] = Given(float(score), cut)
        return found

    def queries(self, texts: Sequence[str]) -> np.ndarray:
        """Vectors, float32 of shape (texts, dimension); a row of NaN where the model gives none that is finite."""
        assert self._encoder is not None
        encode = partial(self._encoder.encode_queries, cancel=self._cancel, interactive=False, fresh=self.served)
        return self._vectors(encode, texts)

    def documents(self, texts: Sequence[str]) -> np.ndarray:
        """As `queries`."""
        assert self._encoder is not None
        return self._vectors(partial(self._encoder.encode_documents, cancel=self._cancel), texts)

    def _vectors(self, encode: Callable[[Sequence[str]], np.ndarray], texts: Sequence[str]) -> np.ndarray:
        rows = []
        for start in range(0, len(texts), AT_ONCE):
            self._cancel.check()
            rows.append(self._encoded(encode, texts[start : start + AT_ONCE]))
        return np.concatenate(rows)

    def _encoded(self, encode: Callable[[Sequence[str]], np.ndarray], texts: Sequence[str]) -> np.ndarray:
        """In halves where a vector is not finite. Only a model of this machine is asked so often."""
        assert self._encoder is not None
        try:
            return encode(texts)
        except Problem:
            if self.served:
                raise
        if len(texts) == 1:
            return np.full((1, self._encoder.dimension), np.nan, dtype=np.float32)
        middle = len(texts) // 2
        return np.concatenate([self._encoded(encode, part) for part in (texts[:middle], texts[middle:])])

    def reads(self, query: str, texts: Sequence[str]) -> list[Inputs | None]:
        """What a model of this machine reads of each pair; None where its own library, or a server, makes it."""
        if self.served or self.pairwise:
            return [None] * len(texts)
        look = self._read_apart if self.encodes else self._read_together
        return self._scoring.examine(
            self.model, lambda scorer: look(scorer, query, texts), cancel=self._cancel, owner=self._owner
        )

    @staticmethod
    def _read_together(scorer: Any, query: str, texts: Sequence[str]) -> list[Inputs | None]:
        found = [reading.of_pair(scorer, query, text) for text in texts]
        return [(_input(each),) if each else None for each in found]

    @staticmethod
    def _read_apart(scorer: Any, query: str, texts: Sequence[str]) -> list[Inputs | None]:
        asked = reading.of_text(scorer, query, "query")
        found = [reading.of_text(scorer, text, "document") for text in texts]
        return [(_input(asked), _input(each)) if asked and each else None for each in found]

    def cut_at(self, query: str, text: str) -> int | None:
        """Characters of the text that a model of this machine reads, None where it reads all."""
        return None if self.pairwise else self._scoring.cut_offset(self.model, query, text)

    def fitting(self, query: str, text: str, tokens: int, *, end: bool) -> str:
        """The longest beginning, or end, of the text with which the input has no more than so many tokens and is not
        cut."""
        assert not self.served

        def look(scorer: Any) -> str:
            read = self._read_apart if self.encodes else self._read_together
            fits, longest = 0, len(text)
            for _ in range(_ROUNDS):
                if fits == longest:
                    break
                middle = (fits + longest + 1) // 2
                (found,) = read(scorer, query, [_part(text, middle, end)])
                last = found[-1] if found else None
                if last is not None and not last.cut and len(last.tokens) <= tokens:
                    fits = middle
                else:
                    longest = middle - 1
            return _part(text, fits, end)

        return self._scoring.examine(self.model, look, cancel=self._cancel, owner=self._owner)


def _part(text: str, characters: int, end: bool) -> str:
    return text[len(text) - characters :] if end else text[:characters]


def _input(found: Reading) -> Input:
    return Input(found.tokens, found.of, found.cut)


def _model_of(written: str) -> str:
    """The model whose scores are meant: a model alone, or the last one of a system. Raises `Problem`."""
    found = settings.split(written.strip())
    try:
        system = pipeline.uncut(pipeline.parse(found.model))
    except pipeline.NotationError:
        return str(found)
    match system:
        case pipeline.Rerank(_, model) | pipeline.Encoded(model):
            return str(found._replace(model=model))
    raise Problem(f"{written} ends in no model whose scores could be compared: name a model.", usage=True)

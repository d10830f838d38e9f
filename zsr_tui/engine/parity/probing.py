"""Where scores differ and what the other scorer reads is not known: the model of this machine is given other texts, and
held against the other one again."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import product

import numpy as np

from zsr_tui.domain import Doc
from zsr_tui.engine.parity.side import Side
from zsr_tui.evaluation.parity import probes
from zsr_tui.evaluation.parity.compared import Compared
from zsr_tui.evaluation.parity.observed import Observed
from zsr_tui.evaluation.parity.probes import Probe
from zsr_tui.parity import Finding

_TextOf = Callable[[int, Observed], tuple[str, str]]  # of a pair at a place: query and text
_USUAL = (64, 128, 256, 384, 512, 1024, 2048, 4096, 8192)  # lengths that servers are set to
_LIMITS = 8  # that are tried where it is none of them


def probed(done: Compared, sides: tuple[Side, Side], docs: Sequence[Doc], seed: int) -> Iterator[Finding]:
    """`docs` by the pairs of `done.scores`. Nothing where both are known, or neither, or where a score depends on the
    query's others."""
    here = [not (side.served or side.pairwise) for side in sides]
    if here.count(True) != 1 or done.map.of is None or not done.left.differs.any():
        return
    which = here.index(True)
    tried = _Tried(done, sides[which], "AB"[which], docs, seed)
    yield from tried.whole()
    yield from tried.cut()


class _Tried:
    def __init__(self, done: Compared, side: Side, name: str, docs: Sequence[Doc], seed: int) -> None:
        self._done, self._side, self._name, self._docs = done, side, name, docs
        self._order = random.Random(f"probes {seed}")

    def whole(self) -> Iterator[Finding]:
        """Of all pairs that differ."""
        texts = [pair.text for pair in self._done.scores.pairs]
        if not self._side.encodes:
            yield from self._by(probes.SWAPPED, lambda at, pair: (pair.text, pair.question))
        alone = [doc.text.strip() for doc in self._docs]
        titles = [doc.title.strip() for doc in self._docs]
        yield from self._by(probes.NO_TITLE, lambda at, pair: (pair.question, alone[at]), self._other(alone, texts))
        yield from self._by(probes.TITLE_ONLY, lambda at, pair: (pair.question, titles[at]), self._other(titles, texts))
        yield from self._by(probes.LOWER, lambda at, pair: (pair.question.lower(), pair.text.lower()))
        if self._side.encodes:
            yield from self._by(probes.NO_PROMPT, lambda at, pair: (pair.question, pair.text), as_document=True)

    def cut(self) -> Iterator[Finding]:
        """Of long ones: the other one reads less, or reads the end."""
        pairs, differs = self._done.scores.pairs, self._done.left.differs
        lengths = [pair.tokens for pair in pairs]
        if any(length is None for length in lengths) or differs.all():
            return
        known = np.array(lengths, dtype=np.int64)
        cut = np.array([pair.cut_a or pair.cut_b for pair in pairs], dtype=bool)
        same, least = int(known[~differs].max()), int(known[differs].min())
        if same >= least and not cut[differs].all():
            return  # short ones differ, too: it is not the length
        if cut[differs].all():  # by a length that is known
            limits = [int(known.max())]
        else:
            between = range(same, least)
            limits = [limit for limit in _USUAL if limit in between] or list(between[:: len(between) // _LIMITS + 1])
        for most, probe in product(limits, (probes.END, probes.BEGINNING)):
            text_of = partial(self._fitting, tokens=most, end=probe is probes.END)
            found = list(self._by(probe, text_of, tokens=most))
            yield from found
            if found:
                return

    def _fitting(self, _: int, pair: Observed, tokens: int, end: bool) -> tuple[str, str]:
        return pair.question, self._side.fitting(pair.question, pair.text, tokens, end=end)

    def _by(
        self,
        probe: Probe,
        text_of: _TextOf,
        able: np.ndarray | None = None,
        *,
        as_document: bool = False,
        tokens: int = 0,
    ) -> Iterator[Finding]:
        differs = self._done.left.differs
        places = [int(at) for at in np.flatnonzero(differs if able is None else differs & able)]
        drawn = sorted(self._order.sample(places, min(len(places), probes.PAIRS)))
        scores = self._done.scores
        given = [text_of(at, scores.pairs[at]) for at in drawn]
        if not given:
            return
        new = self._scores(given, as_document)
        own = scores.b[drawn] if self._name == "A" else self._done.map.values[drawn]
        assert self._done.map.of is not None
        held = np.asarray(self._done.map.of(new)) if self._name == "A" else new
        after = np.abs(own - held)
        if np.isfinite(after).all():
            before = self._done.left.sizes[drawn]
            found = probes.finding(probe, self._name, before, after, tokens, self._done.map.tolerance)
            if found:
                yield found

    def _scores(self, given: Sequence[tuple[str, str]], as_document: bool) -> np.ndarray:
        if self._side.encodes:
            encode = self._side.documents if as_document else self._side.queries
            queries, documents = (
                encode([query for query, _ in given]),
                self._side.documents([text for _, text in given]),
            )
            return np.asarray((queries * documents).sum(axis=1), dtype=np.float64)
        return np.array([self._side.scores(query, [text])[0].score for query, text in given], dtype=np.float64)

    @staticmethod
    def _other(texts: Sequence[str], than: Sequence[str]) -> np.ndarray:
        return np.array([bool(text) and text != other for text, other in zip(texts, than, strict=True)], dtype=bool)

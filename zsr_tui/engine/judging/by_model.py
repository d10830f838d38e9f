"""A model judges: what is sent is chosen and told first, grades are kept as they come, and held against those of
humans."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from msgspec.structs import replace

from zsr_tui import caller
from zsr_tui.api.agreement import Between
from zsr_tui.api.events import JobProgress
from zsr_tui.api.judging import Judgment, Source
from zsr_tui.api.model_judging import ModelJudged, ModelJudgeRequest, ModelJudgingFinished, ModelPlanned, ToJudge
from zsr_tui.domain import Problem, relevant_from
from zsr_tui.engine.judging.judge import scale
from zsr_tui.engine.judging.shelf import KeptShelf, title_of
from zsr_tui.engine.library import OpenCorpus
from zsr_tui.engine.stream import Emit
from zsr_tui.judging.agreement import agreement, kappa
from zsr_tui.judging.checking import Pair
from zsr_tui.judging.keeping.rows import key_of_id, now, query_key
from zsr_tui.judging.model import INSTRUCTION, LONGEST, PROMPT, Asked, Graded, Judge
from zsr_tui.judging.scale import HIGHEST, all_count_as, counts_as
from zsr_tui.progress import CancelToken, Meter
from zsr_tui.scoring.endpoints.chat import Chat

_OWN: tuple[Source, ...] = ("own",)
_MODELS: tuple[Source, ...] = ("model",)
ADDRESS, MODEL, KEY = (f"ZSR_TUI_JUDGING_{name}" for name in ("ADDRESS", "MODEL", "KEY_VARIABLE"))


def judge_by_model(shelf: KeptShelf, request: ModelJudgeRequest, emit: Emit, cancel: CancelToken) -> None:
    """Emits the events of a model that judges, in the order that zsr_tui.api.events describes."""
    if request.address:
        caller.check_host(Chat.address_of(request.address).host)
    address = request.address or os.environ.get(ADDRESS, "").strip()
    if not address:
        raise Problem(
            "no server judges: set address in [judging] of config.toml, or give one with --address.", usage=True
        )
    model = request.model or os.environ.get(MODEL, "").strip()
    chat = Chat(address, model, os.environ.get(KEY, "").strip(), section="judging")
    try:
        judge = Judge(chat)
        work = _Work(shelf, shelf.library.corpus(request.dataset), request, judge.name)
        emit(work.plan(chat.host))
        emit(work.done_by(judge, emit, cancel) if request.spend else work.result([]))
    finally:
        chat.close()


@dataclass(frozen=True, slots=True)
class _Item:
    about: ToJudge
    title: str
    asked: Asked
    human: int | None


class _Work:
    def __init__(self, shelf: KeptShelf, corpus: OpenCorpus, request: ModelJudgeRequest, model: str) -> None:
        self._corpus, self._request, self._model = corpus, request, model
        self._judgments = shelf.of(corpus.id).judgments
        self._highest = scale(shelf, corpus.id).highest
        self._bring_to_scale()
        self._humans = self._by_humans()
        before = set() if request.again else {_pair(each) for each in self._by_model()}
        chosen = [*self._checked(), *(each for each in map(self._whole, request.documents) if not self._human(each))]
        once = {_pair(each): each for each in reversed(chosen)}
        self._known = len(before & once.keys())
        self._items = list(self._with_texts([each for pair, each in reversed(once.items()) if pair not in before]))

    def plan(self, host: str) -> ModelPlanned:
        return ModelPlanned(
            request=self._request.id,
            model=self._model,
            host=host,
            requests=len(self._items),
            characters=sum(
                len(INSTRUCTION) + len(each.asked.query) + min(len(each.asked.text), LONGEST) for each in self._items
            ),
            known=self._known,
            check=sum(each.human is not None for each in self._items),
            counts_as=all_count_as(self._highest),
        )

    def done_by(self, judge: Judge, emit: Emit, cancel: CancelToken) -> ModelJudgingFinished:
        began, found, stopped = time.monotonic(), list[Graded](), ""
        meter = Meter(
            lambda progress: emit(JobProgress(request=self._request.id, progress=progress)),
            f"{self._model} judges {self._corpus.id}",
            len(self._items),
            "documents",
        )
        try:
            for graded in judge.grades([each.asked for each in self._items], cancel):
                found.append(graded)
                self._take(graded, emit)
                meter.advance()
        except Problem as problem:
            if problem.usage:
                raise
            stopped = problem.message
        return self.result(found, time.monotonic() - began, stopped)

    def result(self, found: Sequence[Graded], seconds: float = 0.0, stopped: str = "") -> ModelJudgingFinished:
        """Of this run, and how far all that the model has given agrees with humans."""
        both = [(self._humans[_pair(each)], each) for each in self._by_model() if _pair(each) in self._humans]
        grades, least = [(human, each.grade) for human, each in both], relevant_from()
        return ModelJudgingFinished(
            request=self._request.id,
            graded=sum(each.grade is not None for each in found),
            failed=sum(each.grade is None for each in found),
            read=_sum(each.read for each in found),
            wrote=_sum(each.wrote for each in found),
            cut=sum(each.cut for each in found),
            seconds=seconds,
            stopped=stopped,
            humans=Between(first="people", second=self._model, **asdict(agreement(grades))) if both else None,
            relevant_from=tuple(
                (grade, kappa([(int(human >= least), int(_given(each) >= grade)) for human, each in both]))
                for grade in range(1, HIGHEST + 1)
            ),
        )

    def _take(self, graded: Graded, emit: Emit) -> None:
        item = self._items[graded.place]
        about, grade = item.about, None
        if graded.grade is not None:
            grade = counts_as(graded.grade, self._highest)
            judgment = Judgment(
                query_id=about.query_id,
                query_text=about.query_text,
                doc_id=about.doc_id,
                grade=grade,
                given=graded.grade,
                source="model",
                who=self._model,
                when=now(),
                why=PROMPT + f", of the first {LONGEST:,} characters" * graded.cut,
                system=about.system,
                rank=about.rank,
            )
            self._judgments.keep_all([judgment], {about.doc_id: item.title}, over="everything")
        emit(
            ModelJudged(
                request=self._request.id,
                query_id=about.query_id,
                query_text=about.query_text,
                doc_id=about.doc_id,
                grade=grade,
                given=graded.grade,
                failure=graded.failure,
                human=item.human,
            )
        )

    def _by_humans(self) -> dict[Pair, int]:
        """One's own before those of the dataset."""
        found = {
            (key, doc_id): grade
            for query in self._corpus.queries
            for key in (key_of_id(query.id),)
            for doc_id, grade in self._corpus.judgments(query.id).items()
        }
        own = self._judgments.page(sources=_OWN).items
        return found | {(query_key(each.judgment), each.judgment.doc_id): each.judgment.grade for each in own}

    def _by_model(self) -> list[Judgment]:
        """What it has judged of the dataset."""
        kept = (each.judgment for each in self._judgments.page(sources=_MODELS).items)
        return [each for each in kept if each.who == self._model]

    def _bring_to_scale(self) -> None:
        """Grades that were kept before they were on the dataset's scale."""
        now_on = [
            replace(each, grade=grade)
            for each in self._by_model()
            if (grade := counts_as(_given(each), self._highest)) != each.grade
        ]
        if now_on:
            self._judgments.keep_all(now_on, {}, over="everything")

    def _checked(self) -> list[ToJudge]:
        """Documents that humans have judged, drawn at random."""
        texts = {key_of_id(query.id): query for query in self._corpus.queries}
        able = sorted(pair for pair in self._humans if pair[0] in texts)
        drawn = random.Random(f"check {self._request.seed}").sample(able, min(self._request.check, len(able)))
        return [
            ToJudge(query_id=texts[query].id, query_text=texts[query].text, doc_id=doc_id) for query, doc_id in drawn
        ]

    def _whole(self, about: ToJudge) -> ToJudge:
        """With the text of a query of the dataset. Raises `Problem` for one that it does not have."""
        found = self._corpus.find(about.query_text, about.query_id or None)
        return replace(about, query_id=found[0].id, query_text=found[0].text) if found else about

    def _human(self, about: ToJudge) -> bool:
        return _pair(about) in self._humans

    def _with_texts(self, chosen: list[ToJudge]) -> Iterator[_Item]:
        """Raises `Problem` for a document that the dataset does not have."""
        docs = self._corpus.docs({each.doc_id for each in chosen})
        for about in chosen:
            if about.doc_id not in docs:
                raise Problem(f"{self._corpus.id} has no document {about.doc_id!r}.", usage=True)
            doc = docs[about.doc_id]
            yield _Item(about, title_of(doc), Asked(about.query_text, doc.content), self._humans.get(_pair(about)))


def _pair(about: ToJudge | Judgment) -> Pair:
    return query_key(about), about.doc_id


def _given(judgment: Judgment) -> int:
    return judgment.grade if judgment.given is None else judgment.given


def _sum(counts: Iterator[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None

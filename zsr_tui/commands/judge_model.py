"""zsr-tui judge --model: a model grades what nobody has judged, after it was held against what people have."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

import click
import msgspec

from zsr_tui import numerals
from zsr_tui.api.model_judging import ModelJudged, ModelJudgeRequest, ModelJudgingFinished, ModelPlanned
from zsr_tui.client.price import Price, about, spent
from zsr_tui.client.protocol import EngineApi
from zsr_tui.commands.agreement import between_text
from zsr_tui.commands.session import new_id, watched, with_engine
from zsr_tui.commands.table import print_json, table, wrapped
from zsr_tui.commands.unjudged import Pool, unjudged
from zsr_tui.domain import Problem
from zsr_tui.edge import say
from zsr_tui.numerals import counted
from zsr_tui.text import flat, one_line

SHOWN = 20  # reasons that are told


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """As `ModelJudgeRequest`; what is judged is the `pool`. `yes`: nobody is asked before something is sent."""

    dataset: str
    model: str
    address: str
    pool: Pool
    check: int
    seed: int
    again: bool
    yes: bool
    as_json: bool


@dataclass(slots=True)
class _Run:
    """`by_document`: each once, also where an engine that ended was asked again."""

    planned: ModelPlanned | None = None
    by_document: dict[tuple[str, str, str], ModelJudged] = field(default_factory=dict)
    finished: ModelJudgingFinished | None = None

    @property
    def judged(self) -> list[ModelJudged]:
        return list(self.by_document.values())


def run(options: Options) -> int:
    """Prints what the model gave and how far it agrees with people. The exit code is 1 where documents have no grade.
    Raises `Problem`."""
    price = Price.set()
    if not options.pool.systems and not options.check:
        raise Problem("there is nothing to judge: give --system, or --check for what people have judged.", usage=True)

    async def work(engine: EngineApi) -> tuple[_Run, _Run]:
        request = ModelJudgeRequest(
            id=new_id(),
            dataset=options.dataset,
            check=options.check,
            seed=options.seed,
            address=options.address,
            model=options.model,
            again=options.again,
        )
        await _spent(engine, request, options, price, ask=False)  # whether there is a server, before a long search
        documents = await unjudged(engine, options.pool) if options.pool.systems else []
        checked = _Run()
        if options.check:
            checked = await _spent(engine, request, options, price)
            if checked.finished and checked.finished.stopped:
                return checked, _Run()
            if not options.as_json:
                print(_agreement(checked, options))
        if not options.pool.systems:
            return checked, _Run()
        request = msgspec.structs.replace(request, check=0, documents=tuple(documents))
        judged = await _spent(engine, request, options, price, after=options.check > 0)
        if judged.planned and not judged.planned.requests and not judged.planned.known:
            say(f"nothing stands unjudged in the first {options.pool.depth:,} of the lists")
        return checked, judged

    checked, judged = with_engine(work)
    runs = [each for each in (checked, judged) if each.finished is not None]
    if options.as_json:
        print_json({"dataset": options.dataset, **_as_json(runs)})
    else:
        print(_as_text(runs, price))
        if not options.check:
            print("\n".join(_scale(judged)))
    stopped = next((each.finished.stopped for each in runs if each.finished and each.finished.stopped), "")
    if stopped:
        say(stopped)
    return 1 if stopped or any(each.finished and each.finished.failed for each in runs) else 0


async def _spent(
    engine: EngineApi,
    request: ModelJudgeRequest,
    options: Options,
    price: Price | None,
    *,
    ask: bool = True,
    after: bool = False,
) -> _Run:
    """Nothing is sent before the user knows what it costs. `after` something was, a no is the end and no failure."""
    planned = await _collected(engine, msgspec.structs.replace(request, id=new_id(), spend=False))
    assert planned.planned is not None
    if not ask or not planned.planned.requests:
        return planned
    if not options.yes and not _agreed(planned.planned, price):
        if after:
            return _Run()
        raise Problem("nothing was sent.")
    return await _collected(engine, msgspec.structs.replace(request, id=new_id(), spend=True))


async def _collected(engine: EngineApi, request: ModelJudgeRequest) -> _Run:
    found = _Run()
    async with aclosing(watched(engine.stream(request))) as events:
        async for event in events:
            match event:
                case ModelPlanned():
                    found.planned = event
                case ModelJudged():
                    found.by_document[event.query_id, event.query_text, event.doc_id] = event
                case ModelJudgingFinished():
                    found.finished = event
    return found


def _agreed(planned: ModelPlanned, price: Price | None) -> bool:
    """Raises `Problem` where nobody can be asked."""
    what = f"{counted(planned.requests, 'document')} to be judged by {flat(planned.model)} at {flat(planned.host)}"
    known = f", {planned.known:,} known from before" if planned.known else ""
    whose = "judged by people already, to see how far it agrees" if planned.check else "that nobody has judged"
    sentence = f"{what} ({whose}{known}): {about(planned, price)}"
    if not sys.stdin.isatty():
        raise Problem(f"{sentence}: add --yes to send them.")
    return click.confirm(wrapped(f"{sentence}. Send them?"), err=True)


def _agreement(checked: _Run, options: Options) -> str:
    found = checked.finished
    if found is None or found.humans is None:
        unknown = f"People have judged nothing of {flat(options.dataset)} that the model has"
        return "\n".join([*_scale(checked), wrapped(f"{unknown}: how far it agrees is not known.")])
    lines = [*_scale(checked), between_text(found.humans)]
    lines.append("Relevant or not, if the model's own grade counts as relevant from")
    rows = [[str(grade), numerals.value(kappa, 2)] for grade, kappa in found.relevant_from]
    return "\n".join([*lines, table(["grade", "kappa"], rows, right={0, 1})])


def _scale(checked: _Run) -> list[str]:
    """What the model's grades are on the dataset's scale, where that is another one."""
    grades = checked.planned.counts_as if checked.planned else ()
    if grades == tuple(range(len(grades))):
        return []
    own, here = (", ".join(map(str, each)) for each in (range(len(grades)), grades))
    return [
        wrapped(
            f"The model's grades {own} count here as {here}: the dataset's go to {max(grades)}, and "
            f"{sum(not grade for grade in grades)} or more of the model's is relevant. Its own are kept beside."
        )
    ]


def _as_text(runs: Sequence[_Run], price: Price | None) -> str:
    finished = [each.finished for each in runs if each.finished is not None]
    judged = [one for each in runs for one in each.judged]
    planned = next(each.planned for each in runs if each.planned is not None)
    failures = [one for one in judged if one.grade is None]
    grades = Counter(one.grade for one in judged if one.grade is not None)
    given = ", ".join(f"{count:,} of grade {grade}" for grade, count in sorted(grades.items()))
    known = sum(each.planned.known for each in runs if each.planned)
    lines = [
        "",
        wrapped(
            f"{flat(planned.model)} at {flat(planned.host)} graded {counted(sum(grades.values()), 'document')}"
            f"{f' ({given})' if given else ''}, {len(failures):,} failed and have no grade"
            f"{f', {known:,} known from before' if known else ''}"
        ),
        wrapped(_cost(finished, price)),
    ]
    cut = sum(each.cut for each in finished)
    if cut:
        lines.append(f"{counted(cut, 'document')} of which the model was given the beginning alone")
    reasons = Counter(one_line(one.failure) for one in failures)
    for reason, count in reasons.most_common(SHOWN):
        first = next(one for one in failures if one_line(one.failure) == reason)
        query = flat(first.query_id) or one_line(first.query_text)[:40]
        lines.append(wrapped(f"  {count:,} × {reason} ({query} {flat(first.doc_id)}{', ...' * (count > 1)})", 4))
    if len(reasons) > SHOWN:
        lines.append(f"  ... and {counted(len(reasons) - SHOWN, 'other reason')}")
    return "\n".join(lines)


def _cost(finished: Sequence[ModelJudgingFinished], price: Price | None) -> str:
    requests = sum(each.graded + each.failed for each in finished)
    if not requests:
        return "cost: none, nothing was sent"
    seconds = sum(each.seconds for each in finished)
    read, wrote = (sum(filter(None, (getattr(each, name) for each in finished))) for name in ("read", "wrote"))
    told = any(each.read is not None for each in finished)
    return f"cost: {spent(requests, read if told else None, wrote, seconds, price)}"


def _as_json(runs: Sequence[_Run]) -> dict[str, Any]:
    """The last run's agreement: it holds what the first one has given, too."""
    last = runs[-1].finished if runs else None
    names = ("graded", "failed", "read", "wrote", "cut", "seconds")
    return {
        "model": next((each.planned.model for each in runs if each.planned), ""),
        **{name: sum(getattr(each.finished, name) or 0 for each in runs) for name in names},
        "counts_as": next((each.planned.counts_as for each in runs if each.planned), ()),
        "stopped": last.stopped if last else "",
        "humans": msgspec.to_builtins(last.humans) if last else None,
        "relevant_from": msgspec.to_builtins(last.relevant_from) if last else [],
        "judged": [
            {
                name: getattr(one, name)
                for name in ("query_id", "query_text", "doc_id", "grade", "given", "failure", "human")
            }
            for each in runs
            for one in each.judged
        ],
    }

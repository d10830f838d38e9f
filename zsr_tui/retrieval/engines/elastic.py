"""Elasticsearch and OpenSearch, which speak the same of what is needed here.

A list is asked for without texts: those of the corpus are read here, and only what it lacks is asked for, by id. The
same copy of each shard answers all searches (`preference`), since copies may score differently.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from zsr_tui.domain import Doc, Problem
from zsr_tui.explanation import Explanation, Part, Table
from zsr_tui.numerals import counted
from zsr_tui.pipeline import Kind
from zsr_tui.progress import CancelToken
from zsr_tui.retrieval.engines import template
from zsr_tui.retrieval.engines.calling import OF_QUERY, Calls, Refused, TooLarge, at_once, in_parts, reason
from zsr_tui.retrieval.engines.fields import of_source, sources, value_at
from zsr_tui.retrieval.engines.named import Engine
from zsr_tui.retrieval.engines.records import Found, Hit, State
from zsr_tui.text import one_line, whole_characters

WINDOW = 10_000  # documents of a search, index.max_result_window's default
MOST_QUERIES = 32  # of a request
_PREFERENCE = "zsr-tui"
_BUSY = (429, 503)
_NOT_OPEN = (401, 403, 404, 405)  # to a route that is not there, or not for us
_OF_STATE = ("index.uuid", "index.analysis", "index.similarity", "index.number_of_shards")
_ADDENDS = "sum of"  # how an explanation of Lucene begins whose details add up
_DEEPEST = 12  # of an explanation that is shown
_TERM = re.compile(r"^(weight\(.+) in \d+\) \[\w+\], result of:$")  # Lucene's number of the document says nothing


class Elastic:
    """One index, or several, as the address says."""

    model = ""  # it takes texts
    kind: Kind = "dense"

    def __init__(self, engine: Engine, calls: Calls) -> None:
        self._engine, self._calls = engine, calls
        self._body = template.read(engine.template) if engine.template else None
        self._several = True  # until _msearch is refused

    def search(self, queries: Sequence[str], depth: int, cancel: CancelToken) -> list[Found]:
        parts = list(in_parts(queries, min(depth, WINDOW), MOST_QUERIES))
        return [found for part in at_once(lambda some: self._part(some, depth, cancel), parts) for found in part]

    def _part(self, queries: Sequence[str], depth: int, cancel: CancelToken) -> list[Found]:
        """In halves where the answer is too large. Raises `Refused` where no query is taken, a plain word neither."""
        bodies = [self._search(query, min(depth, WINDOW)) for query in queries]
        try:
            answers = self._answers(bodies, cancel)
        except TooLarge:
            if len(queries) == 1:
                raise self._calls.too_large() from None
            middle = len(queries) // 2
            return self._part(queries[:middle], depth, cancel) + self._part(queries[middle:], depth, cancel)
        if all(isinstance(answer, Refused) for answer in answers) and self._refuses_a_word(cancel):
            raise answers[0]
        return [
            Found([], refused=answer.detail) if isinstance(answer, Refused) else self._found(answer, body, depth)
            for answer, body in zip(answers, bodies, strict=True)
        ]

    def _refuses_a_word(self, cancel: CancelToken) -> bool:
        return isinstance(self._alone(self._search("a", 1), cancel), Refused)

    def _answers(self, bodies: Sequence[dict[str, Any]], cancel: CancelToken) -> list[Any]:
        """`Refused` in place of that of a search that may be refused for its query."""
        if len(bodies) > 1 and self._several:
            try:
                return self._together(bodies, cancel)
            except Refused as refused:
                if refused.no_index or refused.status not in _NOT_OPEN or not refused.request:
                    raise
                self._several = False
        return [self._alone(body, cancel) for body in bodies]

    def _alone(self, body: dict[str, Any], cancel: CancelToken) -> Any:
        try:
            return self._calls.ask("POST", f"/{self._engine.path}/_search?preference={_PREFERENCE}", cancel, body=body)
        except Refused as refused:
            if refused.status not in OF_QUERY:
                raise
            return refused

    def _together(self, bodies: Sequence[dict[str, Any]], cancel: CancelToken) -> list[Any]:
        left, answers = list(range(len(bodies))), [None] * len(bodies)
        patience = self._calls.patience
        for attempt in range(1, patience.attempts + 1):
            lines = [line for place in left for line in ({"preference": _PREFERENCE}, bodies[place])]
            answer = self._calls.ask("POST", f"/{self._engine.path}/_msearch", cancel, lines=lines)
            responses = answer.get("responses") if isinstance(answer, dict) else None
            if not isinstance(responses, list) or len(responses) != len(left):
                raise self._calls.unlike(json.dumps(answer)[:500])
            for place, response in zip(left, responses, strict=True):
                answers[place] = response
            busy = [place for place in left if _status(answers[place]) in _BUSY]
            if not busy or attempt == patience.attempts:
                break
            left = busy
            self._calls.wait(patience.pause(attempt), cancel)
        return [self._unless_refused(answer) for answer in answers]

    def _unless_refused(self, answer: Any) -> Any:
        if not isinstance(answer, dict) or "error" not in answer:
            return answer
        why = one_line(reason(answer)).rstrip(". ")
        refused = Refused(f"{self._engine.host} refuses the search: {why}.", _status(answer), detail=why)
        if refused.status not in OF_QUERY:
            raise refused
        return refused

    def _search(self, query: str, size: int) -> dict[str, Any]:
        text = whole_characters(query)
        if self._body is not None:
            body: dict[str, Any] = template.filled(self._body, text, size)
        else:
            fields = [name for name in (self._engine.title, *self._engine.text) if name]
            match = {"query": text, **({"fields": fields} if fields else {"lenient": True})}
            body = {"query": {"multi_match": match}}
        return {
            "track_total_hits": size,
            **body,
            "size": size,
            "_source": [self._engine.id] if self._engine.id else False,
        }

    def _found(self, answer: Any, body: Mapping[str, Any], depth: int) -> Found:
        inside = answer.get("hits") if isinstance(answer, dict) else None
        listed = inside.get("hits") if isinstance(inside, dict) else None
        if not isinstance(listed, list):
            raise self._calls.unlike(json.dumps(answer)[:500])
        hits = [self._hit(each) for each in listed]
        collapsed = any(name in body for name in ("collapse", "retriever"))  # then the total counts others
        total = None if collapsed else _total(inside)
        return Found(
            hits[:depth],
            _partial(answer, len(hits), min(total, body["size"]) if total is not None else None),
            limit=WINDOW if len(hits) == WINDOW < depth else 0,
        )

    def _hit(self, hit: Any) -> Hit:
        inner = hit.get("_id") if isinstance(hit, dict) else None
        if not isinstance(inner, str):
            raise self._calls.unlike(json.dumps(hit)[:500])
        doc_id: Any = value_at(hit.get("_source"), self._engine.id) if self._engine.id else inner
        if not isinstance(doc_id, str | int) or doc_id == "":
            raise Problem(
                f"the document {one_line(inner)[:80]!r} of {self._engine.name} has no id in its field "
                f"{self._engine.id!r}: correct id in engines.toml, or leave it out for the engine's own.",
                usage=True,
            )
        score = hit.get("_score")
        number = float(score) if isinstance(score, int | float) and not isinstance(score, bool) else None
        return Hit(str(doc_id), number, (hit.get("_index"), inner))

    def documents(self, hits: Sequence[Hit], cancel: CancelToken) -> list[Doc]:
        found: dict[Any, Mapping[str, Any]] = {}

        def some(part: Sequence[Hit]) -> None:
            body = {
                "query": {"ids": {"values": sorted({hit.handle[1] for hit in part})}},
                "size": min(WINDOW, 2 * len(part)),  # the same id may be in several indexes
                "_source": sources(self._engine),
            }
            try:
                answer = self._calls.ask("POST", f"/{self._engine.path}/_search", cancel, body=body)
            except TooLarge:
                if len(part) == 1:
                    return  # as if it had no text
                some(part[: len(part) // 2])
                some(part[len(part) // 2 :])
                return
            for hit in answer["hits"]["hits"]:
                found[hit.get("_index"), hit.get("_id")] = hit.get("_source") or {}

        for start in range(0, len(hits), 500):
            some(hits[start : start + 500])
        return [of_source(self._engine, hit.doc_id, found.get(hit.handle, {})) for hit in hits]

    def state(self) -> State:
        told: dict[str, Any] = {}
        for name, method, path in (
            ("settings", "GET", "_settings?flat_settings=true"),
            ("mappings", "GET", "_mapping"),
            ("count", "POST", "_count"),
        ):
            try:
                told[name] = self._calls.ask(method, f"/{self._engine.path}/{path}", CancelToken(), attempts=2)
            except Refused as refused:
                if refused.no_index or refused.status not in _NOT_OPEN:  # searching alone may be open to us
                    raise
        settings = {
            index: {key: value for key, value in each.get("settings", {}).items() if key.startswith(_OF_STATE)}
            for index, each in (told.get("settings") or {}).items()
        }
        documents = told.get("count", {}).get("count")
        uuids = {index: each.get("index.uuid", "") for index, each in settings.items()}
        digest = hashlib.sha256(json.dumps([settings, told.get("mappings"), documents], sort_keys=True).encode())
        about = [f"{index} ({uuid})" if uuid else index for index, uuid in sorted(uuids.items())[:3]]
        about += [counted(documents, "document")] if isinstance(documents, int) else []
        return State(", ".join(about), digest.hexdigest()[:16]) if told else State()

    def explain(self, query: str, doc_id: str, cancel: CancelToken) -> Explanation:
        engine, body = self._engine, self._search(query, 1)
        only = {"term": {engine.id: doc_id}} if engine.id else {"ids": {"values": [doc_id]}}
        filters = [only, *([body["post_filter"]] if "post_filter" in body else [])]
        body |= {"explain": True, "track_total_hits": False, "post_filter": {"bool": {"filter": filters}}}
        answer = self._calls.ask("POST", f"/{engine.path}/_search?preference={_PREFERENCE}", cancel, body=body)
        hits = answer["hits"]["hits"] if self._found(answer, body, 1).hits else []
        hit = next((each for each in hits if self._hit(each).doc_id == doc_id), None)
        if hit is None:
            other = f"answered with {one_line(self._hit(hits[0]).doc_id)[:80]!r}" if hits else ""
            note = (
                f"The engine was asked for this document alone and {other}: it does not heed post_filter, and so does "
                "not say how it scores this one."
                if other
                else "The engine's query does not find this document."
            )
            return Explanation(family=engine.kind, method="", unit="score", notes=(note,))
        return explained(engine.kind, hit.get("_score"), hit.get("_explanation"))

    def hello(self) -> str:
        """Where `GET /` or the state is not open to us, a search says whether it answers."""
        try:
            version = self._version()
        except Refused as refused:
            if refused.status not in _NOT_OPEN:
                raise
            self.search(["a"], 1, CancelToken())
            version = f"answers a search and refuses {refused.request} (status {refused.status})"
        return f"{version}, {self.state().about or 'does not say in which state its index is'}"

    def _version(self) -> str:
        answer = self._calls.ask("GET", "/", CancelToken(), attempts=1)
        version = answer.get("version") if isinstance(answer, dict) else None
        if not isinstance(version, dict):
            raise self._calls.unlike(json.dumps(answer)[:500])
        name = "OpenSearch" if version.get("distribution") == "opensearch" else "Elasticsearch"
        return one_line(f"{name} {version.get('number', '')}").strip()


def explained(kind: str, score: Any, tree: Any) -> Explanation:
    """Lucene's explanation: its addends as parts, all of it as a table."""
    if not isinstance(tree, dict):
        return Explanation(
            family=kind, method="", unit="score", score=_number(score), notes=("The engine explains nothing.",)
        )
    addends = _addends(tree)
    parts = tuple(
        Part(text=_TERM.sub(r"\1)", _description(each)), share=_number(each.get("value"))) for each in addends
    )
    whole = sum(part.share or 0.0 for part in parts)
    rows = tuple(_rows(tree, 0))
    note = f"Deeper than {_DEEPEST} is left out." if _depth(tree) > _DEEPEST else ""
    return Explanation(
        family=kind,
        method="the engine's own explanation (explain: true): each part is an addend of the score",
        unit="score",
        score=_number(score) if _number(score) is not None else _number(tree.get("value")),
        additive=True,
        parts=parts,
        sum=whole,
        tables=(Table(title="The engine's explanation", columns=("value",), parts=rows, note=note),),
    )


def _addends(tree: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Those of the first sum, below what only hands it on; the whole as one where there is no sum."""
    node = tree
    while True:
        details = _details(node)
        if len(details) > 1 and str(node.get("description", "")).strip().lower().startswith(_ADDENDS):
            return details
        if len(details) != 1 or _number(node.get("value")) != _number(details[0].get("value")):
            return [tree]
        node = details[0]


def _rows(tree: Mapping[str, Any], depth: int) -> Iterable[Part]:
    yield Part(text="· " * depth + _description(tree), values=(_number(tree.get("value")),))
    if depth < _DEEPEST:
        for each in _details(tree):
            yield from _rows(each, depth + 1)


def _description(tree: Mapping[str, Any]) -> str:
    return one_line(str(tree.get("description", "")))[:200]


def _depth(tree: Mapping[str, Any], so_far: int = 0) -> int:
    if so_far > _DEEPEST:
        return so_far
    return max((_depth(each, so_far + 1) for each in _details(tree)), default=so_far)


def _details(tree: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    details = tree.get("details")
    return [each for each in details if isinstance(each, dict)] if isinstance(details, list) else []


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _status(answer: Any) -> int:
    status = answer.get("status") if isinstance(answer, dict) else None
    return status if isinstance(status, int) else 0


def _total(hits: Any) -> int | None:
    total = hits.get("total")
    value = total.get("value") if isinstance(total, dict) else total
    return value if isinstance(value, int) else None


def _partial(answer: Mapping[str, Any], hits: int, wanted: int | None) -> str:
    """Why the list is not whole, in words; "" where it is."""
    shards = answer.get("_shards")
    failed = shards.get("failed") if isinstance(shards, dict) else 0
    clusters = answer.get("_clusters")
    if answer.get("timed_out"):
        return "the engine ran out of time"
    if isinstance(failed, int) and failed > 0 and isinstance(shards, dict):
        why = one_line(reason(shards.get("failures"))).rstrip(". ")
        return f"{failed} of {shards.get('total', '?')} shards failed{why and f' ({why[:200]})'}"
    if answer.get("terminated_early"):
        return "the engine ended early (terminate_after)"
    if isinstance(clusters, dict) and clusters.get("skipped"):
        return f"{clusters['skipped']} of its clusters did not answer"
    if wanted is not None and hits < wanted:
        return f"the engine gave {counted(hits, 'document')} of at least {wanted:,}"
    return ""

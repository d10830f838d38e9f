"""Qdrant's vectors, through qdrant-client: of a server, or in a folder.

A model of ours encodes the queries; which of a point's vectors they are compared with, and by which distance, the
collection says.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any, TypeVar

from zsr_tui import extras
from zsr_tui.domain import Doc, Problem
from zsr_tui.explanation import Explanation, Part
from zsr_tui.numerals import counted
from zsr_tui.pipeline import Kind
from zsr_tui.progress import CancelToken
from zsr_tui.retrieval.engines import folder
from zsr_tui.retrieval.engines.calling import Refused, in_parts, reason
from zsr_tui.retrieval.engines.fields import of_source, sources, value_at
from zsr_tui.retrieval.engines.named import Engine
from zsr_tui.retrieval.engines.records import Found, Hit, State
from zsr_tui.servers.asking import Patience, timeout, without
from zsr_tui.servers.receiving import AS_IT_IS, LARGEST, Packed, TooLarge, TooSlow, bounding
from zsr_tui.text import one_line

if TYPE_CHECKING:
    from qdrant_client import QdrantClient
    from qdrant_client.http.exceptions import ResponseHandlingException

MOST_QUERIES = 32  # of a request
_MOST_TEXTS = 500  # of a request
_MOST_NAMES = 6  # of collections
_NAP_S = 0.1
_LATER = (429, 500, 502, 503, 504)
T = TypeVar("T")


class _TooMuch(Problem):
    """An answer is too large."""


class Qdrant:
    def __init__(
        self,
        engine: Engine,
        patience: Patience | None = None,
        sleep: Callable[[float], None] = time.sleep,
        client: QdrantClient | None = None,
    ) -> None:
        """`client`: one that is open, in place of what the engine's address opens."""
        if not engine.model:
            raise Problem(
                f"{engine.name} needs a model that encodes the queries, the one that encoded its documents: write "
                f"qdrant({engine.name}; model=org/name), or model in engines.toml.",
                usage=True,
            )
        self.model = engine.model
        self._engine, self._patience, self._sleep = engine, patience or Patience(), sleep
        self._client, self._folder = (client, None) if client else _opened(engine)
        # Not a cached_property, for which all other engines would wait, too, before Python 3.12.
        self._known_vectors: dict[str, tuple[Kind, int | None, str]] | None = None

    @property
    def _vectors(self) -> dict[str, tuple[Kind, int | None, str]]:
        """Of a point, by name: kind, dimensions, distance."""
        if self._known_vectors is None:
            self._known_vectors = self._asked_vectors()
        return self._known_vectors

    def _asked_vectors(self) -> dict[str, tuple[Kind, int | None, str]]:
        config = self._collection().config.params
        dense = config.vectors if isinstance(config.vectors, dict) else {"": config.vectors} if config.vectors else {}
        found: dict[str, tuple[Kind, int | None, str]] = {
            name: ("dense", each.size, str(each.distance.value)) for name, each in dense.items()
        }
        return found | dict.fromkeys(config.sparse_vectors or {}, ("sparse", None, "Dot"))

    @property
    def _vector(self) -> str:
        known, named = self._vectors, self._engine.vector
        if named in known or (not named and len(known) == 1):
            return named or next(iter(known))
        has = ", ".join(name or "one without a name" for name in known) or "none"
        wrong = f"has no vector {named!r}" if named else "has several vectors"
        raise Problem(
            f"{self._engine.index} {wrong}: write the one that is meant, as in "
            f"qdrant({self._engine.name}; vector=name). There are: {has}.",
            usage=True,
        )

    @property
    def kind(self) -> Kind:
        return self._vectors[self._vector][0]

    def search(self, queries: Sequence[Any], depth: int, cancel: CancelToken) -> list[Found]:
        parts = in_parts(queries, depth, MOST_QUERIES)
        lists = [found for part in parts for found in self._halved(self._part, part, depth, cancel)]
        if not any(found.hits for found in lists) and not self._count():
            raise Problem(f"{self._engine.index} at {self._where} is empty: fill it, or name another collection.")
        return lists

    def _part(self, queries: Sequence[Any], depth: int, cancel: CancelToken) -> list[Found]:
        from qdrant_client import models

        wanted: Any = [self._engine.id] if self._engine.id else False
        requests = [
            models.QueryRequest(query=self._asked(vector), using=self._vector or None, limit=depth, with_payload=wanted)
            for vector in queries
        ]
        answers = self._patiently(lambda: self._client.query_batch_points(self._engine.index, requests), cancel)
        return [Found([self._hit(point) for point in answer.points[:depth]]) for answer in answers]

    def _halved(self, ask: Callable[..., list[T]], some: Sequence[Any], *more: Any) -> list[T]:
        """What `ask` gives for some, in halves where the answer is too large."""
        try:
            return ask(some, *more)
        except _TooMuch:
            if len(some) == 1:
                raise
        middle = len(some) // 2
        return [*self._halved(ask, some[:middle], *more), *self._halved(ask, some[middle:], *more)]

    def _asked(self, vector: Any) -> Any:
        kind, size, _ = self._vectors[self._vector]
        if kind == "sparse":
            from qdrant_client import models

            terms = vector.nonzero()[0]
            return models.SparseVector(indices=terms.tolist(), values=vector[terms].tolist())
        if size is not None and len(vector) != size:
            raise Problem(
                f"{self.model} makes vectors of {len(vector):,} dimensions and those of {self._engine.index} have "
                f"{size:,}: name the model that encoded its documents.",
                usage=True,
            )
        return vector.tolist()

    def _hit(self, point: Any) -> Hit:
        doc_id = value_at(point.payload, self._engine.id) if self._engine.id else point.id
        if not isinstance(doc_id, str | int) or doc_id == "":
            raise Problem(
                f"the point {point.id} of {self._engine.name} has no id in its field {self._engine.id!r}: correct id "
                "in engines.toml, or leave it out for the engine's own.",
                usage=True,
            )
        return Hit(str(doc_id), float(point.score), point.id)

    def documents(self, hits: Sequence[Hit], cancel: CancelToken) -> list[Doc]:
        ids = [hit.handle for hit in hits]
        parts = [ids[start : start + _MOST_TEXTS] for start in range(0, len(ids), _MOST_TEXTS)]
        points = [point for part in parts for point in self._halved(self._points, part, cancel)]
        found = {point.id: point.payload or {} for point in points}
        return [of_source(self._engine, hit.doc_id, found.get(hit.handle, {})) for hit in hits]

    def _points(self, ids: Sequence[Any], cancel: CancelToken) -> list[Any]:
        wanted = sources(self._engine)
        return self._patiently(lambda: self._client.retrieve(self._engine.index, ids, with_payload=wanted), cancel)

    def state(self) -> State:
        found = self._collection()
        documents = self._count()
        said = f"{found.config.model_dump_json()} {documents} {getattr(found, 'created_at', '')}"
        about = f"{self._engine.index}, {counted(documents, 'point')}"
        return State(about, hashlib.sha256(said.encode()).hexdigest()[:16])

    def _count(self) -> int:
        return self._patiently(lambda: self._client.count(self._engine.index), CancelToken()).count

    def explain(self, query: Any, doc_id: str, cancel: CancelToken) -> Explanation:
        from qdrant_client import models

        engine = self._engine
        if engine.id:
            only: Any = models.FieldCondition(key=engine.id, match=models.MatchValue(value=_as_id(doc_id)))
        else:
            only = models.HasIdCondition(has_id=[_as_id(doc_id)])
        found = self._patiently(
            lambda: self._client.query_points(
                engine.index,
                query=self._asked(query),
                using=self._vector or None,
                query_filter=models.Filter(must=[only]),
                limit=1,
            ),
            cancel,
        )
        distance = self._vectors[self._vector][2]
        if not found.points:
            return Explanation(
                family="qdrant", method="", unit=distance, notes=("The collection has no such document.",)
            )
        score = float(found.points[0].score)
        what = f"{distance} of the query's vector and the document's{self._vector and f' ({self._vector})'}"
        return Explanation(
            family="qdrant",
            method=f"the similarity as the engine computes it: {what}",
            unit=distance,
            score=score,
            additive=True,
            parts=(Part(text=what, share=score),),
            sum=score,
        )

    def hello(self) -> str:
        return f"Qdrant: {self.state().about}"

    def _collection(self) -> Any:
        try:
            return self._patiently(lambda: self._client.get_collection(self._engine.index), CancelToken())
        except Refused as refused:
            if refused.status not in (400, 404):
                raise
            raise self._no_collection(refused) from None

    def _no_collection(self, refused: Refused) -> Problem:
        """What the refusal of a collection means, if it is that there is none."""
        try:
            answer = self._patiently(lambda: self._client.get_collections(), CancelToken())
        except Refused:  # a key may be one of a collection alone
            return refused
        engine, there = self._engine, [each.name for each in answer.collections]
        if engine.index in there:
            return refused
        there.sort(key=lambda name: (-SequenceMatcher(None, name, engine.index).ratio(), name))
        has = f"There are: {one_line(', '.join(there[:_MOST_NAMES]))}." if there else "There is none."
        amend = f"index of {engine.name} in engines.toml" if engine.named else "its name behind the address"
        return Problem(f"{self._where} has no collection {engine.index!r}: correct {amend}. {has}", usage=True)

    def _patiently(self, ask: Callable[[], T], cancel: CancelToken) -> T:
        """What the client raises, as a `Problem`; what means "later" is asked for again."""
        from qdrant_client.common.client_exceptions import ResourceExhaustedResponse
        from qdrant_client.http.exceptions import ApiException, ResponseHandlingException, UnexpectedResponse

        for attempt in range(1, self._patience.attempts + 1):
            cancel.check()
            last = attempt == self._patience.attempts
            try:
                return ask()
            except ResourceExhaustedResponse as error:
                pause = float(error.retry_after_s)
                if last or pause > self._patience.longest_s:
                    raise self._refused(
                        f"takes no more requests for now: wait {counted(round(pause), 'second')}", 429
                    ) from None
            except UnexpectedResponse as error:
                status = error.status_code or 0
                if last or status not in _LATER:
                    raise self._refused(
                        f"refuses the search (status {status}): {self._reason(error.content)}", status
                    ) from None
                pause = self._patience.pause(attempt)
            except ResponseHandlingException as error:
                if isinstance(error.source, TooLarge):
                    raise _TooMuch(
                        f"{self._where} gave an answer of more than {LARGEST >> 20} MB: ask for fewer documents, or "
                        "see what its points hold."
                    ) from None
                if isinstance(error.source, TooSlow | Packed):
                    raise self._spoilt(error.source) from None
                if last:
                    raise self._nothing(error) from None
                pause = self._patience.pause(attempt)
            except (ApiException, ValueError) as error:
                raise self._refused(f"refuses the search: {self._reason(str(error).encode())}", 400) from None
            while pause > 0:
                cancel.check()
                self._sleep(min(pause, _NAP_S))
                pause -= _NAP_S
        raise AssertionError("unreachable")

    def _nothing(self, error: ResponseHandlingException) -> Problem:
        from httpx import TransportError

        silent = isinstance(error.source, TransportError)
        what = f"nothing answers at {self._engine.base}: start the server, or" if silent else ""
        what = what or f"{self._where} gives an answer that Qdrant would not:"
        return Problem(f"{what} correct the address.", detail=without(self._secrets, str(error)))

    def _spoilt(self, source: Exception) -> Problem:
        if isinstance(source, Packed):
            return Problem(
                f"{self._where} sends a compressed answer, which was not asked for: have a proxy before it leave the "
                "answers as they are."
            )
        return Problem(
            f"{self._where} gave no whole answer in {timeout():g} second{'s' * (timeout() != 1)}: it is overloaded "
            "or still starting; try again, or set ZSR_TUI_ENDPOINT_TIMEOUT to more seconds."
        )

    @property
    def _where(self) -> str:
        return self._engine.host or str(self._engine.folder)

    @property
    def _secrets(self) -> tuple[str, ...]:
        return tuple(self._engine.secrets().values())

    def _reason(self, content: bytes) -> str:
        import json

        text = content.decode(errors="replace")
        try:
            said = reason(json.loads(text)) or text
        except (ValueError, RecursionError):
            said = text
        return one_line(without(self._secrets, said)).rstrip(". ")[:300]

    def _refused(self, what: str, status: int) -> Refused:
        return Refused(f"{self._where} {what}.", status, usage=400 <= status < 429)


def _opened(engine: Engine) -> tuple[QdrantClient, folder.Folder | None]:
    """A client, and the folder that stays open as long as it is kept."""
    try:
        from qdrant_client import QdrantClient
    except ImportError:
        raise Problem(f"qdrant(...) needs the extra qdrant: {extras.get('zsr-tui[qdrant]')}.", usage=True) from None

    if engine.folder is not None:
        found = folder.opened(engine.folder, engine.name)
        return found.client, found
    client = QdrantClient(
        url=engine.base,
        port=None,
        timeout=max(1, int(timeout())),
        check_compatibility=False,
        headers={**engine.secrets(), **AS_IT_IS},
        event_hooks={"response": [bounding(timeout())]},
        trust_env=not engine.on_this_machine,
        follow_redirects=False,
    )
    return client, None


def _as_id(doc_id: str) -> str | int:
    """A point's id is a number or a UUID."""
    return int(doc_id) if doc_id.isascii() and doc_id.isdigit() else doc_id

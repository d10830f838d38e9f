"""Documents for Lucene, a batch with one crossing from Python: each crossing costs ~10 us, and gives up Python's lock.

The loop over a batch runs in Java. It is put together from Java's own method handles (`java.lang.invoke`), so that no
Java of ours is compiled: for each place in two lists of texts, set the id, set the contents, add the document.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from types import SimpleNamespace
from typing import Any

from zsr_tui import machine
from zsr_tui.domain import Doc, Problem
from zsr_tui.retrieval.java import call, detach_thread
from zsr_tui.text import whole_characters

MOST = 1024  # documents of a batch: for each, a thread becomes one of Java's, for which Lucene makes an analyser
_CHARACTERS = 4 << 20  # of a batch, beyond its last document
_MOST_THREADS = 8
_LUCENE = "org.apache.lucene."
_FIELD, _WRITER = _LUCENE + "document.Field", _LUCENE + "index.IndexWriter"
Fields = Callable[[], tuple[Any, Any, Any]]  # a document with its fields: (document, id, contents)


def threads() -> int:
    """That index: one for each processor that this process may use."""
    return min(machine.cores(), _MOST_THREADS)


def cut(docs: Iterable[Doc], first: int, every: int) -> Iterator[list[Doc]]:
    """In batches, none of which goes beyond a multiple of `every`, counted from `first`. Where reading fails, what was
    read before comes first."""
    batch: list[Doc] = []
    characters = 0
    try:
        for number, doc in enumerate(docs, first + 1):
            batch.append(doc)
            characters += len(doc.title) + len(doc.text)
            if len(batch) == MOST or characters > _CHARACTERS or number % every == 0:
                yield batch
                batch, characters = [], 0
    except Problem:
        if batch:
            yield batch
        raise
    if batch:
        yield batch


class Batches:
    """Adds batches to a writer on several threads. An error of any comes out of the next `add` or `wait`, and of every
    one after that: what the writer holds then is no beginning of the corpus, and must not be kept."""

    def __init__(self, writer: Any, fields: Fields, count: int) -> None:
        self._writer, self._fields, self._count = writer, fields, count
        self._pool = ThreadPoolExecutor(count, "bm25-index")
        self._most, self._under_way = 2 * count, deque[Future[None]]()
        self._loops: list[tuple[Any, tuple[Any, ...]]] = []  # each is one thread's at a time, with what it works on
        self._lock = threading.Lock()
        self._failed: BaseException | None = None

    def __enter__(self) -> Batches:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def add(self, batch: Sequence[Doc]) -> None:
        """Returns before it is done; waits where too much is under way."""
        self._down_to(self._most - 1)
        self._under_way.append(self._pool.submit(self._run, batch))

    def wait(self) -> None:
        """Until all that was added is, and written as segments: a commit would write what each thread has in memory one
        after the other."""
        self._down_to(0)
        self._under_way.extend(self._pool.submit(self._flush) for _ in range(self._count))
        self._down_to(0)

    def _down_to(self, most: int) -> None:
        while len(self._under_way) > most:
            self._failed = self._under_way.popleft().exception() or self._failed
        if self._failed is not None:
            raise self._failed

    def _flush(self) -> None:
        try:
            while call(self._writer, "flushNextBuffer"):
                pass
        finally:
            detach_thread()

    def _run(self, batch: Sequence[Doc]) -> None:
        try:
            with self._lock:
                mine = self._loops.pop() if self._loops else None
            mine = mine or self._loop()
            lists = [
                call(_java().Arrays, "asList", *(whole_characters(text) for text in texts))
                for texts in ([doc.id for doc in batch], [doc.content for doc in batch])
            ]
            call(mine[0], "invokeWithArguments", *lists)
            with self._lock:
                self._loops.append(mine)
        finally:
            detach_thread()

    def _loop(self) -> tuple[Any, tuple[Any, ...]]:
        document, id, contents = fields = self._fields()
        java = _java()
        nothing, texts, number = java.void, java.List, java.int
        get = java.bound(java.List, "get", java.Object, number)
        text = call(get, "asType", java.type(java.String, texts, number))
        set_id, set_contents = (
            call(java.Handles, "filterReturnValue", text, call(java.set_text, "bindTo", field))
            for field in (id, contents)
        )
        add = call(call(java.add, "bindTo", self._writer), "bindTo", document)
        body_type = java.type(nothing, number, texts, texts)  # (place, ids, contents)
        arguments = call(java.Arrays, "asList", number, texts, texts)
        body = call(java.Handles, "dropArguments", call(add, "asType", java.type(nothing)), 0, arguments)
        for step, of in ((set_contents, 2), (set_id, 1)):
            body = call(
                java.Handles, "foldArguments", body, call(java.Handles, "permuteArguments", step, body_type, of, 0)
            )
        size = java.bound(java.List, "size", number)
        count = call(java.Handles, "dropArguments", size, 1, call(java.Arrays, "asList", texts))
        return call(java.Handles, "countedLoop", count, None, body), fields


@cache
def _java() -> Any:
    from jnius import autoclass

    java = SimpleNamespace(
        Handles=autoclass("java.lang.invoke.MethodHandles"),
        Arrays=autoclass("java.util.Arrays"),
        void=autoclass("java.lang.Void").TYPE,
        int=autoclass("java.lang.Integer").TYPE,
    )
    by_name = autoclass("java.lang.Class")
    java.List, java.Object, java.String = (
        call(by_name, "forName", name) for name in ("java.util.List", "java.lang.Object", "java.lang.String")
    )
    kinds, look = autoclass("java.lang.invoke.MethodType"), call(java.Handles, "publicLookup")

    def type_of(result: Any, *arguments: Any) -> Any:
        return call(kinds, "methodType", result, *([call(java.Arrays, "asList", *arguments)] if arguments else []))

    def bound(owner: Any, name: str, result: Any, *arguments: Any) -> Any:
        return call(look, "findVirtual", owner, name, type_of(result, *arguments))

    java.type, java.bound = type_of, bound
    field, writer = call(by_name, "forName", _FIELD), call(by_name, "forName", _WRITER)
    java.set_text = bound(field, "setStringValue", java.void, java.String)
    added = autoclass("java.lang.Long").TYPE
    java.add = bound(writer, "addDocument", added, call(by_name, "forName", "java.lang.Iterable"))
    return java

"""A request in the queue of one device or of several: its inputs on their way there, its results on their way back."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from zsr_tui.progress import CancelToken
from zsr_tui.scoring.models.weights import ResolvedModel
from zsr_tui.scoring.queue.work import Work
from zsr_tui.scoring.scorer import Prepared

if TYPE_CHECKING:
    import numpy as np

# Notified whenever something may have become possible for a job, whoever did it: a worker, its tokeniser, another
# device's worker, the caller. All workers wait for it. It is never taken with a job's lock held.
CHANGE = threading.Condition()

_POLL_S = 0.05  # how soon a waiting caller notices its own cancellation
T = TypeVar("T")


@dataclass(slots=True, eq=False)
class _Chunk:
    """Inputs that were tokenised together: `waiting` are offsets that no device has taken, the longest last."""

    positions: range
    inputs: list[Prepared]
    waiting: list[int]
    left: int  # inputs that have not run
    rows: np.ndarray | None = None  # of those that have
    seconds: float = 0.0  # that devices took for them

    def sort(self) -> None:
        self.waiting.sort(key=lambda offset: self.inputs[offset].tokens)

    def put(self, offsets: Sequence[int], rows: np.ndarray, seconds: float) -> None:
        import numpy as np

        if self.rows is None:
            self.rows = np.empty((len(self.inputs), *rows.shape[1:]), dtype=rows.dtype)
        self.rows[offsets] = rows
        self.left -= len(offsets)
        self.seconds += seconds


class Taken(NamedTuple):
    """An input that a device runs now."""

    job: Job
    chunk: _Chunk
    offset: int

    @property
    def prepared(self) -> Prepared:
        return self.chunk.inputs[self.offset]


class Job:
    """`interactive` goes before background; `owner` is who asks, for fairness; `lengths` are the tokens of the inputs
    that have run, `cut` of which were too long. Used by several threads at once."""

    def __init__(
        self,
        resolved: ResolvedModel,
        work: Work,
        *,
        interactive: bool = True,
        owner: str = "",
        cancel: CancelToken | None = None,
        on_load: Callable[[str], None] | None = None,
    ) -> None:
        self.resolved, self.work, self.interactive, self.owner = resolved, work, interactive, owner
        self.on_load = on_load
        self._cancel = cancel or CancelToken()
        self._abandoned = False
        self._answers: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
        self._lock = threading.RLock()
        self._chunks: list[_Chunk] = []  # tokenised, in order, with inputs that no device has taken
        self._claimed = 0  # inputs that were tokenised, or are being
        self._tokenising = False
        self._left = work.count
        self.begun = self.ended = False
        self.lengths: list[int] = []
        self.cut = 0

    @property
    def wanted(self) -> bool:
        return not (self._cancel.cancelled or self._abandoned)

    @property
    def ready(self) -> bool:
        """Whether a device could take an input now."""
        return bool(self._chunks)

    @property
    def can_run(self) -> bool:
        """Whether a device has anything to do for it now."""
        with self._lock:
            return not self.ended and (not self.begun or self.ready or self._may_tokenise())

    @property
    def exhausted(self) -> bool:
        """Whether no device will find anything more to do for it."""
        with self._lock:
            left = self._chunks or self._tokenising or self._claimed < self.work.count
            return self.ended or (self.begun and not left)

    def begin(self, scorer: Any) -> None:
        """With the loaded model; the second device that comes finds it begun."""
        with self._lock:
            if self.begun:
                return
            self.begun = True
            for result in self.work.begin(scorer):
                self._answers.put(("result", result))
            if self.work.count == 0:
                self._end(None)
        _changed()

    def claim(self, batch: int) -> range | None:
        """The next chunk to tokenise for batches of so many full-length inputs, at most one ahead of the one that
        devices work on."""
        with self._lock:
            if self.ended or not self._may_tokenise():
                return None
            size = self.work.chunk_size(self._claimed, batch)
            chunk = range(self._claimed, min(self._claimed + size, self.work.count))
            self._claimed, self._tokenising = chunk.stop, True
            return chunk

    def _may_tokenise(self) -> bool:
        return not self._tokenising and len(self._chunks) < 2 and self._claimed < self.work.count

    def tokenised(self, positions: range, inputs: list[Prepared]) -> None:
        chunk = _Chunk(positions, inputs, list(range(len(inputs))), len(inputs))
        chunk.sort()
        with self._lock:
            self._chunks.append(chunk)
            self._tokenising = False
        _changed()

    def take(self, tokens: int, *, packed: bool = False, longest: int | None = None, parts: int = 1) -> list[Taken]:
        """Inputs for a batch of at most `tokens`, the longest first; a single one may be longer.

        Of one chunk, and padding counts; with `longest`, for a batch that is there already: none longer than that, each
        padded to it. Where batches are `packed` nothing is padded, and what one chunk leaves over the next fills, but
        for the rows that somebody waits for first. A batch that will run in `parts` is a multiple of them, so that none
        waits for another, as long as more is to come."""
        taken: list[Taken] = []
        with self._lock:
            for chunk in list(self._chunks) if packed else self._chunks[:1]:
                tokens -= self._take(chunk, tokens, taken, packed=packed, longest=longest)
                if chunk.waiting and len(taken) > parts:
                    for _ in range(len(taken) % parts):
                        chunk.waiting.append(taken.pop().offset)
                if chunk.waiting or (self.interactive and chunk.positions.start == 0):
                    break
            self._chunks = [chunk for chunk in self._chunks if chunk.waiting]
        _changed()  # another device may tokenise the next chunk now
        return taken

    def _take(self, chunk: _Chunk, tokens: int, taken: list[Taken], *, packed: bool, longest: int | None) -> int:
        """Appends to `taken` what fits; the tokens of a packed batch that it takes."""
        used, width = 0, longest or 0
        while chunk.waiting:
            size = chunk.inputs[chunk.waiting[-1]].tokens
            width = width or size
            if longest is not None and size > longest:
                break
            needed = used + size if packed else width * (len(taken) + 1)
            if (taken or longest) and needed > tokens:
                break
            used += size
            taken.append(Taken(self, chunk, chunk.waiting.pop()))
        return used if packed else 0

    def give_back(self, taken: Sequence[Taken]) -> None:
        """Inputs that their device did not get to."""
        with self._lock:
            for each in taken:
                each.chunk.waiting.append(each.offset)
                if each.chunk not in self._chunks:
                    self._chunks.insert(0, each.chunk)
            for chunk in self._chunks:
                chunk.sort()
        _changed()

    def put(self, taken: Sequence[Taken], rows: np.ndarray, seconds: float) -> None:
        """Rows of inputs that have run; `seconds` that the device took for them."""
        places: dict[int, list[int]] = {}
        for place, each in enumerate(taken):
            places.setdefault(id(each.chunk), []).append(place)
        with self._lock:
            if self.ended:
                return
            for where in places.values():
                chunk = taken[where[0]].chunk
                share = seconds * len(where) / len(taken)
                chunk.put([taken[place].offset for place in where], rows[where], share)
                if chunk.left == 0:
                    self._collect(chunk)
            self._left -= len(taken)
            if self._left == 0:
                self._end(None)
        _changed()

    def _collect(self, chunk: _Chunk) -> None:
        assert chunk.rows is not None
        self.lengths += [each.tokens for each in chunk.inputs]
        self.cut += sum(each.cut for each in chunk.inputs)
        for result in self.work.collect(chunk.positions, chunk.inputs, chunk.rows, chunk.seconds):
            self._answers.put(("result", result))

    def finish(self, error: BaseException | None = None) -> None:
        with self._lock:
            self._end(error)
        _changed()

    def _end(self, error: BaseException | None) -> None:
        if not self.ended:
            self.ended = True
            self._answers.put(("end", error))

    def results(self) -> Iterator[Any]:
        """The results as they come. Raises what the work raised, or `Cancelled`. Leaving the loop early frees the
        device at its next batch."""
        try:
            while True:
                try:
                    kind, value = self._answers.get(timeout=_POLL_S)
                except queue.Empty:
                    self._cancel.check()
                    continue
                if kind == "result":
                    yield value
                elif value is None:
                    return
                else:
                    raise value
        finally:
            self._abandoned = True
            _changed()


def _changed() -> None:
    with CHANGE:
        CHANGE.notify_all()


def by_job(taken: Sequence[Taken]) -> dict[Job, list[int]]:
    """The jobs of a batch with the places of their inputs in it."""
    places: dict[Job, list[int]] = {}
    for place, each in enumerate(taken):
        places.setdefault(each.job, []).append(place)
    return places


def only(results: Iterator[T]) -> T:
    """The one result of a job that has one."""
    (found,) = results
    return found

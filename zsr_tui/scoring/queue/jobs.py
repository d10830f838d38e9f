"""A request in the queue of one device or of several: its inputs on their way there, its results on their way back."""

from __future__ import annotations

import itertools
import logging
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from zsr_tui.domain import Problem
from zsr_tui.progress import Cancelled, CancelToken
from zsr_tui.scoring.models.weights import ResolvedModel
from zsr_tui.scoring.queue.work import Work
from zsr_tui.scoring.scorer import Prepared

if TYPE_CHECKING:
    import numpy as np

# Notified whenever something may have become possible for a job, whoever did it: a worker, its tokeniser, another
# device's worker, the caller. All workers wait for it. It is never taken with a job's lock held.
CHANGE = threading.Condition()

_log = logging.getLogger(__name__)
_numbers = itertools.count()
_POLL_S = 0.05  # how soon a waiting caller notices its own cancellation
T = TypeVar("T")


@dataclass(slots=True, eq=False)
class Chunk:
    """Inputs that were tokenised together: `waiting` are offsets that no device has taken, the longest last."""

    positions: range
    inputs: list[Prepared]
    waiting: list[int]
    left: int  # inputs that have not run
    rows: np.ndarray | None = None  # of those that have
    seconds: float = 0.0  # that devices took for them

    def sort(self) -> None:
        inputs = self.inputs
        self.waiting.sort(key=lambda offset: inputs[offset].tokens)

    def take(self, tokens: int, *, packed: bool, width: int, some: bool) -> list[int]:
        """Offsets of the longest that fit into `tokens`, the longest first; at least one, unless there are `some`
        already. Where batches are not `packed`, each takes `width` tokens, or as many as the first where that is 0."""
        inputs, waiting = self.inputs, self.waiting
        used = count = 0
        for offset in reversed(waiting):
            size = inputs[offset].tokens
            if not packed:
                size = width = width or size
            used += size
            if used > tokens and (some or count):
                break
            count += 1
        start = len(waiting) - count
        taken = waiting[start:]
        del waiting[start:]
        taken.reverse()
        return taken

    def put(self, offsets: Sequence[int], rows: np.ndarray, seconds: float) -> None:
        import numpy as np

        if self.rows is None:
            self.rows = np.empty((len(self.inputs), *rows.shape[1:]), dtype=rows.dtype)
        self.rows[offsets] = rows
        self.left -= len(offsets)
        self.seconds += seconds


class Taken(NamedTuple):
    """Inputs of one chunk that a device runs now."""

    job: Job
    chunk: Chunk
    offsets: list[int]

    @property
    def inputs(self) -> list[Prepared]:
        inputs = self.chunk.inputs
        return [inputs[offset] for offset in self.offsets]


class Job:
    """`interactive` goes before background; `owner` is who asks, for fairness; what has a smaller `number` was asked
    for before; `lengths` are the tokens of the inputs that have run, `cut` of which were too long. Used by several
    threads at once."""

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
        self.number = next(_numbers)
        self._cancel = cancel or CancelToken()
        self._abandoned = False
        self._answers: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
        self._lock, self._beginning = threading.RLock(), threading.Lock()
        self._chunks: list[Chunk] = []  # tokenised, in order, with inputs that no device has taken
        self._claimed = 0  # inputs that were tokenised, or are being
        self._tokenising = False
        self._left = work.count
        self.begun = self.ended = False
        self.spent = 0.0  # seconds of devices; a new one begins with what its owner's others had the least of
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
        """With the loaded model; the second device that comes waits until it has begun. The model may take its time:
        whoever only asks how far the job is does not wait for it. After an error another device may begin it."""
        with self._beginning:
            with self._lock:
                if self.begun:
                    return
                self.begun = True
            try:
                results = list(self.work.begin(scorer))
            except BaseException:
                with self._lock:
                    self.begun = False
                raise
            with self._lock:
                for result in results:
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
        chunk = Chunk(positions, inputs, list(range(len(inputs))), len(inputs))
        chunk.sort()
        with self._lock:
            self._chunks.append(chunk)
            self._tokenising = False
        _changed()

    def take(
        self, tokens: int, *, packed: bool = False, longest: int = 0, company: bool = False, parts: int = 1
    ) -> list[Taken]:
        """Inputs for a batch of at most `tokens`, the longest first; a single one may be longer, but not one in the
        `company` of those that are there already.

        Of one chunk, and padding counts; with `longest`, none longer than that, each padded to it. Where batches are
        `packed` nothing is padded, and what one chunk leaves over the next fills, but for the rows that somebody waits
        for first. A batch that will run in `parts` is a multiple of them, so that none waits for another, as long as
        more is to come."""
        taken: list[Taken] = []
        with self._lock:
            for chunk in list(self._chunks) if packed else self._chunks[:1]:
                if longest and chunk.inputs[chunk.waiting[-1]].tokens > longest:
                    break
                offsets = chunk.take(tokens, packed=packed, width=longest, some=company or bool(taken))
                if chunk.waiting and len(offsets) > parts and (over := len(offsets) % parts):
                    chunk.waiting += reversed(offsets[-over:])
                    del offsets[-over:]
                if offsets:
                    taken.append(Taken(self, chunk, offsets))
                if chunk.waiting or (self.interactive and chunk.positions.start == 0):
                    break
                if packed:
                    tokens -= sum(each.tokens for each in taken[-1].inputs)
            self._chunks = [chunk for chunk in self._chunks if chunk.waiting]
        _changed()  # another device may tokenise the next chunk now
        return taken

    def give_back(self, taken: Taken) -> None:
        """Inputs that their device did not get to; they go before what was asked for after them."""
        with self._lock:
            taken.chunk.waiting += taken.offsets
            if taken.chunk not in self._chunks:
                self._chunks.append(taken.chunk)
                self._chunks.sort(key=lambda chunk: chunk.positions.start)
            taken.chunk.sort()
        _changed()

    def put(self, taken: Taken, rows: np.ndarray, seconds: float) -> None:
        """Rows of inputs that have run; `seconds` that the device took for them."""
        with self._lock:
            if self.ended:
                return
            taken.chunk.put(taken.offsets, rows, seconds)
            if taken.chunk.left == 0:
                self._collect(taken.chunk)
            self._left -= len(taken.offsets)
            if self._left == 0:
                self._end(None)
        _changed()

    def answer(self, results: Sequence[Any], lengths: Sequence[int] = (), cut: int = 0) -> None:
        """All that it asked for, from elsewhere; as whole as the chunks of a device are."""
        with self._lock:
            if self.ended:
                return
            self.lengths += lengths
            self.cut += cut
            for result in results:
                self._answers.put(("result", result))
            self._end(None)
        _changed()

    def _collect(self, chunk: Chunk) -> None:
        assert chunk.rows is not None
        self.lengths += [each.tokens for each in chunk.inputs]
        self.cut += sum(each.cut for each in chunk.inputs)
        for result in self.work.collect(chunk.positions, chunk.inputs, chunk.rows, chunk.seconds):
            self._answers.put(("result", result))

    def finish(self, error: BaseException | None = None) -> None:
        with self._lock:
            self._end(error)
        _changed()

    def fail(self, error: BaseException) -> None:
        """It ends with what went wrong, in a sentence."""
        if not isinstance(error, Problem | Cancelled):
            name = self.resolved.info.name
            _log.error("a batch of %s failed", name, exc_info=error)
            said = f"{name} failed while it worked: {type(error).__name__}; the engine's log has more."
            error = Problem(said, detail=str(error))
        self.finish(error)

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


def only(results: Iterator[T]) -> T:
    """The one result of a job that has one."""
    (found,) = results
    return found

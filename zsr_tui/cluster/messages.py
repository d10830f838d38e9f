"""What the engine and a worker say to each other: bytes, so that nothing of this program has to be on the nodes that
only pass them on.

Numbers travel as they are: vectors as float32, scores as the doubles that `ScoreBatch` holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from zsr_tui.decoding import json_decoder, msgpack_decoder
from zsr_tui.scoring.queue.speeds import Speed
from zsr_tui.scoring.queue.work import Dimension, Encoding, Lengths, PairScoring, ScoreBatch, Scoring, Work

if TYPE_CHECKING:
    import numpy as np

_DENSE = 0.25  # of the numbers of a matrix: with fewer that are not zero they are sent one by one


class Encode(msgspec.Struct, frozen=True, tag="encode"):
    texts: list[str]
    role: str


class Score(msgspec.Struct, frozen=True, tag="score"):
    query: str
    texts: list[str]


class Compare(msgspec.Struct, frozen=True, tag="compare"):
    query: str
    texts: list[str]
    pairs: list[tuple[int, int]]


class Measure(msgspec.Struct, frozen=True, tag="measure"):
    """The dimension of its vectors."""


class Count(msgspec.Struct, frozen=True, tag="count"):
    """The tokens of all these inputs."""

    works: list[Encode | Score | Compare]


class Asked(msgspec.Struct, frozen=True):
    """`model` as the worker's machine resolves it; its files have to be those of the `fingerprint`. `precision` is
    "" where they decide it."""

    ticket: int
    model: str
    fingerprint: str
    precision: str
    what: Encode | Score | Compare | Measure | Count


class Vectors(msgspec.Struct, frozen=True, tag="vectors"):
    """float32, row by row; where there are `places` only the numbers there, the others are 0."""

    shape: tuple[int, int]
    numbers: bytes
    places: bytes | None = None


class Scores(msgspec.Struct, frozen=True, tag="scores"):
    batches: list[ScoreBatch]


class Number(msgspec.Struct, frozen=True, tag="number"):
    value: int


class Numbers(msgspec.Struct, frozen=True, tag="numbers"):
    values: list[int]


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """`of_node`: another node might do it."""

    message: str
    detail: str = ""
    of_node: bool = False


class Stopped(msgspec.Struct, frozen=True, tag="stopped"):
    """Nobody wanted it any more."""


class Answered(msgspec.Struct, frozen=True):
    """`lengths` in tokens of the inputs that have run, `cut` of which were too long."""

    what: Vectors | Scores | Number | Numbers | Refused | Stopped
    lengths: list[int] = []
    cut: int = 0


class About(msgspec.Struct, frozen=True):
    """A worker: its node, the versions there, "" for what is missing, and why nothing can run. It computes on so many
    `cores`, or on a `card`, as its driver names it; `speeds` are what `zsr-tui bench` has measured on its node."""

    node: str
    versions: dict[str, str]
    why_not: str = ""
    cores: int = 0
    card: str = ""
    speeds: list[Speed] = []


_asked, _answered = msgpack_decoder(Asked), msgpack_decoder(Answered)
_about = json_decoder(About)
encode = msgspec.msgpack.Encoder().encode


def asked(data: bytes) -> Asked:
    return _asked.decode(data)


def answered(data: bytes) -> Answered:
    return _answered.decode(data)


def about(data: bytes) -> About:
    return _about.decode(data)


def of_work(work: Work) -> Encode | Score | Compare | Measure | Count:
    match work:
        case Encoding():
            return Encode(list(work.texts), work.role)
        case Scoring():
            return Score(work.query, list(work.texts))
        case PairScoring():
            return Compare(work.query, list(work.texts), list(work.pairs))
        case Dimension():
            return Measure()
        case Lengths():
            return Count([of_work(each) for each in work.works])  # type: ignore[misc]
    raise TypeError(f"{type(work).__name__} is done at home")


def work_of(what: Encode | Score | Compare | Measure | Count) -> Work:
    match what:
        case Encode():
            return Encoding(what.texts, what.role)
        case Score():
            return Scoring(what.query, what.texts)
        case Compare():
            return PairScoring(what.query, what.texts, what.pairs)
        case Measure():
            return Dimension()
        case Count():
            return Lengths([work_of(each) for each in what.works])


def packed(
    what: Encode | Score | Compare | Measure | Count, results: Sequence[Any]
) -> Vectors | Scores | Number | Numbers:
    """The results of a job, to be sent."""
    match what:
        case Encode():
            return _vectors(results[0])
        case Measure():
            return Number(int(results[0]))
        case Count():
            return Numbers(results[0])
        case _:
            return Scores(list(results))


def results_of(what: Vectors | Scores | Number | Numbers) -> Sequence[Any]:
    """What the job at home gives."""
    match what:
        case Vectors():
            return [_matrix(what)]
        case Number():
            return [what.value]
        case Numbers():
            return [what.values]
        case Scores():
            return what.batches


def _vectors(found: np.ndarray) -> Vectors:
    import numpy as np

    rows, dimension = found.shape
    flat = np.ascontiguousarray(found, dtype="<f4").reshape(-1)
    places = np.flatnonzero(flat.view("<u4"))  # a negative zero is kept
    if len(places) > _DENSE * flat.size or flat.size > np.iinfo(np.uint32).max:
        return Vectors((rows, dimension), flat.tobytes())
    return Vectors((rows, dimension), flat[places].tobytes(), places.astype("<u4").tobytes())


def _matrix(sent: Vectors) -> np.ndarray:
    import numpy as np

    numbers = np.frombuffer(sent.numbers, dtype="<f4")
    if sent.places is None:
        return numbers.reshape(sent.shape)
    whole = np.zeros(sent.shape[0] * sent.shape[1], dtype=np.float32)
    whole[np.frombuffer(sent.places, dtype="<u4")] = numbers
    return whole.reshape(sent.shape)

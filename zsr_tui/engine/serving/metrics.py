"""What is counted, in Prometheus' text format (version 0.0.4). Nobody's name is in it: it tells the load."""

from __future__ import annotations

import time
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from zsr_tui.engine.library import Library

TYPE = "text/plain; version=0.0.4; charset=utf-8"
BOUNDS = (0.005, 0.025, 0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)  # seconds
_ESCAPED = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})
Labels = dict[str, str]


class Metrics:
    """Of the requests; on the event loop's thread alone."""

    def __init__(self) -> None:
        self._began = time.time()
        self._answered: Counter[tuple[str, int]] = Counter()  # by path and status
        self._sent = 0
        self._took: defaultdict[str, list[int]] = defaultdict(lambda: [0] * (len(BOUNDS) + 1))  # of a path, by BOUNDS
        self._seconds: Counter[str] = Counter()

    def add(self, path: str, status: int, seconds: float, sent: int) -> None:
        """Each path has lines of its own, so there must be an end of them."""
        self._answered[path, status] += 1
        self._sent += sent
        self._took[path][bisect_left(BOUNDS, seconds)] += 1
        self._seconds[path] += seconds  # type: ignore[assignment]

    def lines(self, under_way: tuple[int, int]) -> list[str]:
        """`under_way`: requests, and streams among them."""
        return [*self._of_requests(), *_of_now(under_way, self._began)]

    def _of_requests(self) -> Iterator[str]:
        yield from _family(
            "requests_total",
            "counter",
            "Requests answered.",
            (({"path": path, "status": str(status)}, count) for (path, status), count in self._answered.items()),
        )
        yield from _family("sent_bytes_total", "counter", "Bytes of answers.", [({}, self._sent)])
        yield from _head("request_seconds", "histogram", "From a request's head to the end of its answer.")
        for path, counts in self._took.items():
            total = 0
            for bound, count in zip((*BOUNDS, None), counts, strict=True):
                total += count
                upto = "+Inf" if bound is None else f"{bound:g}"
                yield _line("request_seconds_bucket", {"path": path, "le": upto}, total)
            yield _line("request_seconds_sum", {"path": path}, self._seconds[path])
            yield _line("request_seconds_count", {"path": path}, total)


def _of_now(under_way: tuple[int, int], began: float) -> Iterator[str]:
    requests, streams = under_way
    yield from _family("requests_under_way", "gauge", "Requests that are being answered.", [({}, requests)])
    yield from _family("streams_under_way", "gauge", "Those of them that are streams.", [({}, streams)])
    yield from _family("start_time_seconds", "gauge", "When the engine began, in seconds since 1970.", [({}, began)])


def of_machine(library: Library) -> list[str]:
    """From any thread."""
    return list(_of_machine(library))


def _of_machine(library: Library) -> Iterator[str]:
    import psutil

    process, scoring = psutil.Process(), library.scoring
    with process.oneshot():
        resident, threads, files = process.memory_info().rss, process.num_threads(), process.num_fds()
    yield from _family("resident_memory_bytes", "gauge", "Memory of the engine's process.", [({}, resident)])
    yield from _family("threads", "gauge", "Threads of the engine's process.", [({}, threads)])
    yield from _family("open_files", "gauge", "Files and connections of the engine's process.", [({}, files)])
    devices = scoring.status()
    yield from _family(
        "device_waiting", "gauge", "Jobs that wait for a device.", (({"device": d.name}, d.waiting) for d in devices)
    )
    yield from _family(
        "device_models", "gauge", "Models that a device holds.", (({"device": d.name}, len(d.models)) for d in devices)
    )
    yield from _family("cache_bytes", "gauge", "Scores and query vectors on the disk.", [({}, scoring.cache.size)])


def _family(name: str, kind: str, about: str, values: Iterable[tuple[Labels, float]]) -> Iterator[str]:
    yield from _head(name, kind, about)
    for labels, value in values:
        yield _line(name, labels, value)


def _head(name: str, kind: str, about: str) -> Iterator[str]:
    yield f"# HELP zsr_tui_{name} {about}"
    yield f"# TYPE zsr_tui_{name} {kind}"


def _line(name: str, labels: Labels, value: float) -> str:
    inside = ",".join(f'{label}="{text.translate(_ESCAPED)}"' for label, text in labels.items())
    return f"zsr_tui_{name}{{{inside}}} {value}" if inside else f"zsr_tui_{name} {value}"

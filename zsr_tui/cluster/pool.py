"""The workers of a cluster, and the requests that wait for them.

One thread speaks with Ray. Workers are started for all that the cluster has, and get requests as soon as they have said
who they are; a call takes several requests along, as many as a worker does in a few seconds. What a lost worker had is
done again by another, and it is replaced; one whose versions or files are others gets nothing.
"""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from typing import Any

from zsr_tui.cluster import problems
from zsr_tui.cluster.link import Lost, Unreachable
from zsr_tui.cluster.messages import About, Answered, Asked, Refused, Stopped, about, answered, encode, results_of
from zsr_tui.cluster.records import Call, Linked, Place, Request
from zsr_tui.cluster.versions import difference
from zsr_tui.domain import Problem
from zsr_tui.progress import Cancelled
from zsr_tui.scoring.queue.jobs import Job

CALLS = 2  # that a worker has at once: one at work, one that waits there
CALL_SECONDS = 2.0  # of work in a call
FIRST_INPUTS = 256  # of a worker's first call
TRIES = 3  # workers that may end over a request, and over a place before it is given up
START_SECONDS = 180.0  # until the first worker has to be there
LOST_SECONDS = 60.0  # until another one has to be there when all are lost
KEPT_SECONDS = 30.0  # that workers are kept when nobody needs them
_WAIT_SECONDS = 0.05
_log = logging.getLogger(__name__)
_tickets = itertools.count(1)


class Pool:
    """Whoever makes it uses it, until `leave`. Every method may be called from any thread. `link` is called in its
    own, and makes the connection; `said` are sentences that the user should know, such as why a node gets nothing."""

    def __init__(
        self,
        address: str,
        link: Callable[[], Linked],
        *,
        start_seconds: float = START_SECONDS,
        lost_seconds: float = LOST_SECONDS,
        kept_seconds: float = KEPT_SECONDS,
    ) -> None:
        self.address = address
        self._start_seconds, self._lost_seconds, self._kept_seconds = start_seconds, lost_seconds, kept_seconds
        self._waiting: deque[Request] = deque()
        self._calls: dict[Any, Call] = {}
        self._places: list[Place] = []
        self._said: list[str] = []
        self._users = 1  # who has made it
        self._hurried = self._ending = self._begun = False
        self._unused_since = time.monotonic()
        self._alone_since = time.monotonic()  # no worker is up
        self._had_one = False
        self._lock = threading.Lock()
        self._told = threading.Condition(self._lock)
        self.over: Problem | None = None  # why nothing can be asked any more
        self._thread = threading.Thread(target=partial(self._work, link), name=f"cluster {address}", daemon=True)
        self._thread.start()

    @property
    def up(self) -> int:
        """Workers that are ready."""
        return sum(place.up for place in self._places)

    @property
    def workers(self) -> tuple[About, ...]:
        """Those that are ready, as they say it."""
        return tuple(place.about for place in self._places if place.up and place.about)

    @property
    def complete(self) -> bool:
        """No other worker is to be expected."""
        return self._begun and not any(place.worker is not None and not place.up for place in self._places)

    @property
    def said(self) -> tuple[str, ...]:
        return tuple(self._said)

    def enter(self) -> bool:
        """Somebody uses it; False where it is over."""
        with self._lock:
            self._users += self.over is None
            return self.over is None

    def leave(self, *, hurried: bool) -> None:
        """`hurried`: workers that nobody else uses are freed at once."""
        with self._told:
            self._users -= 1
            self._hurried, self._unused_since = hurried, time.monotonic()
            self._told.notify_all()

    def submit(self, job: Job, asked: Callable[[int], Asked]) -> None:
        """`asked` makes the request with a ticket. The job ends with its results, or with a `Problem`."""
        request = asked(next(_tickets))
        with self._told:
            if self.over is not None:
                raise self.over
            self._waiting.append(Request(job, request, encode(request)))
            self._told.notify_all()

    def end(self) -> None:
        """Nobody will use it any more: workers are freed at once, whatever they are at."""
        with self._told:
            self._ending = True
            self._told.notify_all()

    def join(self, seconds: float | None = None) -> None:
        """Waits until the connection is closed, so long at most."""
        self._thread.join(seconds)

    # in the pool's own thread

    def _work(self, link: Callable[[], Linked]) -> None:
        opened: Linked | None = None
        why: Problem | None = None
        try:
            opened = link()
            for number, share in enumerate(opened.shares()):
                self._places.append(Place(number, share))
            if not self._places:
                raise problems.empty(self.address)
            for place in self._places:
                self._start(opened, place)
            self._alone_since, self._begun = time.monotonic(), True
            while not self._done():
                self._turn(opened)
        except Problem as problem:
            why = problem
        except Unreachable as error:
            why = problems.unreachable(self.address, error)
        except Exception as error:  # noqa: BLE001 - the thread's last frame: it must reach who waits
            _log.exception("the cluster's thread has failed")
            why = problems.failed(self.address, error)
        finally:
            self._end(opened, why or problems.closed(self.address))

    def _end(self, opened: Linked | None, why: Problem) -> None:
        with self._lock:
            self.over = why
            left = [*self._waiting, *(each for call in self._calls.values() for each in call.requests)]
            self._waiting.clear()
        for request in left:
            request.job.finish(why)
        if opened is not None:
            with suppress(Unreachable):  # then they end by themselves
                for place in self._places:
                    if place.worker is not None:
                        opened.end(place.worker)
            opened.close()

    def _done(self) -> bool:
        with self._told:
            if not self._ending and (self._users or self._waiting or self._calls_for_work()):
                return False
            if self._ending or self._hurried or time.monotonic() - self._unused_since > self._kept_seconds:
                self.over = problems.closed(self.address)
                return True
            return False

    def _calls_for_work(self) -> bool:
        return any(call.requests for call in self._calls.values())

    def _turn(self, link: Linked) -> None:
        self._drop(link)
        self._check_alone()
        for place in self._places:
            if place.up and len(place.calls) < CALLS and (some := self._some_for(place)):
                self._send(link, place, some)
        if not self._calls:
            with self._told:
                self._told.wait(_WAIT_SECONDS)
            return
        for call in link.ready(list(self._calls), _WAIT_SECONDS):
            self._landed(link, call)

    def _start(self, link: Linked, place: Place) -> None:
        place.up, place.calls = False, []
        place.worker = link.start(place.share)
        self._calls[link.about(place.worker)] = Call(place, [], time.monotonic())

    def _some_for(self, place: Place) -> list[Request]:
        """Requests for one model that the place may do, about as many as it does in a few seconds; the first waits
        longest."""
        some: list[Request] = []
        with self._lock:
            for request in list(self._waiting):
                if place.number in request.refused:
                    continue
                first = some[0] if some else request
                if request.asked.fingerprint != first.asked.fingerprint:
                    continue
                most = place.rates.get(request.asked.fingerprint, FIRST_INPUTS / CALL_SECONDS) * CALL_SECONDS
                if some and sum(each.inputs for each in some) + request.inputs > most:
                    break
                some.append(request)
            for request in some:
                self._waiting.remove(request)
        return some

    def _send(self, link: Linked, place: Place, some: list[Request]) -> None:
        try:
            call = link.run(place.worker, [each.data for each in some])
        except Lost as error:
            self._lost(link, place, some, error)
            return
        place.calls.append(call)
        self._calls[call] = Call(place, some, time.monotonic())

    def _landed(self, link: Linked, landed: Any) -> None:
        call = self._calls.pop(landed)
        place = call.place
        try:
            result = link.result(landed)
        except Lost as error:
            self._lost(link, place, call.requests, error)
            return
        if not call.requests:
            self._came_up(link, place, result)
            return
        place.calls.remove(landed)
        place.losses = 0
        took = max(time.monotonic() - call.began, 1e-6) / (len(place.calls) + 1)
        inputs = sum(each.inputs for each in call.requests)
        place.rates[call.requests[0].asked.fingerprint] = inputs / took
        for request, data in zip(call.requests, result, strict=True):
            self._answer(place, request, answered(data))

    def _came_up(self, link: Linked, place: Place, result: bytes) -> None:
        found = about(result)
        place.about = found
        if why := difference(found):
            self._tell(f"{found.node} gets nothing to do: {why}")
            self._give_up(link, place)
            return
        place.up, self._had_one = True, True

    def _answer(self, place: Place, request: Request, answer: Answered) -> None:
        match answer.what:
            case Refused(message, detail, of_node):
                if not of_node:
                    request.job.finish(Problem(message, detail=detail))
                    return
                sentence = f"{place.node} gets nothing of {request.asked.model}: {message}"
                self._tell(sentence)
                request.refused[place.number] = sentence
                self._again([request])
            case Stopped():
                request.job.finish(Cancelled())
            case what:
                request.job.answer(results_of(what), answer.lengths, answer.cut)

    def _lost(self, link: Linked, place: Place, requests: Iterable[Request], error: Lost) -> None:
        """What else it has comes back when it is asked for."""
        gone, place.worker = place.worker, None
        mine = [landed for landed, call in self._calls.items() if call.place is place]
        back = list(requests)
        for landed in mine:
            back += self._calls.pop(landed).requests
        _log.warning("a worker on %s is lost: %s", place.node or "the cluster", error)
        if gone is not None:
            link.end(gone)
        if place.up:
            self._alone_since = time.monotonic()
            self._tell(f"a worker on {place.node} was lost: what it had is done again")
        place.losses += 1
        place.up, place.calls = False, []
        for request in back:
            request.tries += 1
            if request.tries >= TRIES:
                request.job.finish(problems.fatal(self.address, TRIES, error))
        self._again([each for each in back if each.tries < TRIES])
        if place.losses >= TRIES:
            self._give_up(link, place)
        else:
            self._start(link, place)

    def _give_up(self, link: Linked, place: Place) -> None:
        place.up = False
        if place.worker is not None:
            link.end(place.worker)
        place.worker = None

    def _again(self, requests: list[Request]) -> None:
        """Before all others."""
        with self._lock:
            self._waiting.extendleft(reversed(requests))

    def _drop(self, link: Linked) -> None:
        """Of those that were cancelled, and of those that no place can do."""
        left = {place.number for place in self._places if place.worker is not None}
        with self._lock:
            gone = [
                each for each in self._waiting if not each.job.wanted or (each.refused and left <= each.refused.keys())
            ]
            for request in gone:
                self._waiting.remove(request)
        for request in gone:
            request.job.finish(Problem(next(iter(request.refused.values()))) if request.job.wanted else Cancelled())
        for call in list(self._calls.values()):
            tickets = [each.asked.ticket for each in call.requests if not (each.job.wanted or each.stopped)]
            for each in call.requests:
                each.stopped = each.stopped or not each.job.wanted
            if tickets and call.place.worker is not None:
                link.stop(call.place.worker, tickets)

    def _check_alone(self) -> None:
        """Raises `Problem` where no worker is up and none is to be expected."""
        if self.up:
            return
        alone = time.monotonic() - self._alone_since
        left = any(place.worker is not None for place in self._places)
        if left and alone <= (self._lost_seconds if self._had_one else self._start_seconds):
            return
        if self._had_one:
            raise problems.all_lost(self.address)
        raise problems.none_came(self.address, self._start_seconds, self._said)

    def _tell(self, sentence: str) -> None:
        if sentence not in self._said:
            self._said.append(sentence)

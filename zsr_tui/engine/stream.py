"""A response that streams events out of a thread and cancels the work when the other side goes away."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from starlette.types import Receive, Scope, Send

from zsr_tui.api.events import ENDS, Event, Failed, encode
from zsr_tui.engine.problems import fault
from zsr_tui.progress import Cancelled, CancelToken

Emit = Callable[[Event], None]
Work = Callable[[Emit, CancelToken], None]

# Threads that live on: one that has called Java stays attached to its virtual machine.
_threads = ThreadPoolExecutor(max_workers=32, thread_name_prefix="request")


class EventStream:
    """Runs `work(emit, cancel)` in a thread and sends what it emits as NDJSON.

    When the client closes the stream, `cancel` is set and what is still emitted is dropped; the response ends only
    when the work has, so that whoever closed it does not race with what is left of it.
    """

    def __init__(self, request_id: str, work: Work, cancel: CancelToken, done: Callable[[], None]) -> None:
        self._id, self._work, self._cancel, self._done = request_id, work, cancel, done

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        loop = asyncio.get_running_loop()
        queue: asyncio.Queue[Event | None] = asyncio.Queue()

        def put(event: Event | None) -> None:
            loop.call_soon_threadsafe(queue.put_nowait, event)

        def run() -> None:
            try:
                self._work(put, self._cancel)
            except Cancelled:
                pass  # nobody listens any more; the stream just ends
            except BaseException as error:  # noqa: BLE001 - the thread's last frame: it must reach the client
                put(Failed(request=self._id, fault=fault(error)))
            finally:
                self._done()
                put(None)

        async def watch() -> None:
            while (await receive())["type"] != "http.disconnect":
                pass
            self._cancel.cancel()

        watcher = asyncio.create_task(watch())
        _threads.submit(run)
        try:
            await send(
                {
                    "type": "http.response.start",
                    "status": 200,
                    "headers": [(b"content-type", b"application/x-ndjson")],
                }
            )
            ended = False
            while (event := await queue.get()) is not None:
                if not self._cancel.cancelled and not ended:
                    ended = isinstance(event, ENDS)
                    await send({"type": "http.response.body", "body": encode(event), "more_body": True})
            if not watcher.done():
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        except (OSError, asyncio.CancelledError):
            self._cancel.cancel()
            raise
        finally:
            watcher.cancel()

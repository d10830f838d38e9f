"""All that is asked of Ray: as a client, over one connection, in one thread.

Nothing of this machine is shipped but the shell of a worker (`shipped`): no folder, no environment, no module.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from zsr_tui import extras
from zsr_tui.domain import Problem

GROUP = 8  # cores of a worker, where there are no GPUs
_TRIES = 3  # Ray's client server forks, which goes wrong now and then
_CALLS = 6  # threads of a worker: what it works on, what waits there, and what stops it
_SETTINGS = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0",  # it would ship the current folder
    "RAY_ENABLE_AUTO_CONNECT": "0",  # once the connection is gone, it would look for a cluster on this machine
}
_LEFT_OUT = ("RAY_RUNTIME_ENV", "RAY_NAMESPACE")  # what else could be shipped, or where it would be looked for
_log = logging.getLogger(__name__)


class Lost(Exception):
    """The worker has ended, or its node."""


class Unreachable(Exception):
    """The connection to the cluster is gone for good."""


@dataclass(frozen=True, slots=True)
class Share:
    """What one worker takes of the cluster: so many cores, and GPUs, of `node`, or of another where that is gone."""

    cores: int
    gpus: int = 0
    node: str = ""


class Link:
    """A connection. Every method is called by the thread that made it, and raises `Unreachable` when it is gone."""

    def __init__(self, address: str) -> None:
        """Raises `Problem` where nobody answers, or Ray is not here."""
        ray = _imported()
        self._ray, self._exceptions = ray, ray.exceptions
        error: Exception | None = None
        for attempt in range(_TRIES):
            try:
                self._context = ray.init(address, allow_multiple=True, logging_level=logging.WARNING, runtime_env={})
                break
            except ConnectionAbortedError as failed:  # the head has answered, and could not start our side there
                error = failed
                time.sleep(attempt)
            except Exception as failed:
                raise _not_connected(address, failed) from failed
        else:
            raise _not_connected(address, error)
        self._context.__enter__()
        from zsr_tui.cluster import shipped

        ray.cloudpickle.register_pickle_by_value(shipped)
        self._shell = ray.remote(shipped.Shell)
        self._on = import_module("ray.util.scheduling_strategies").NodeAffinitySchedulingStrategy

    def shares(self) -> list[Share]:
        """One for each GPU, with its part of the node's cores; where there is none, one for each group of cores."""
        alive = [
            (node["NodeID"], *(int(node["Resources"].get(name, 0)) for name in ("CPU", "GPU")))
            for node in self._asked(self._ray.nodes)
            if node["Alive"]
        ]
        with_gpus = [Share(cores // gpus, 1, node) for node, cores, gpus in alive for _ in range(gpus)]
        return with_gpus or [Share(most, 0, node) for node, cores, _ in alive for most in groups(cores)]

    def start(self, share: Share) -> Any:
        """A worker, as soon as there is room for it. It ends with the connection. On the node of which the share was
        counted: on another it might leave no room for that one's own."""
        shell = self._shell.options(
            num_cpus=share.cores,
            num_gpus=share.gpus,
            max_restarts=0,
            max_task_retries=0,
            max_concurrency=_CALLS,
            scheduling_strategy=self._on(share.node, soft=True),
        )
        return self._asked(shell.remote, share.cores, share.gpus)

    def about(self, worker: Any) -> Any:
        """What `result` gives the answer of, as of the others."""
        return self._asked(worker.about.remote)

    def run(self, worker: Any, requests: list[bytes]) -> Any:
        return self._asked(worker.run.remote, requests)

    def stop(self, worker: Any, tickets: list[int]) -> None:
        with suppress(Lost):  # its call says so, too
            self._asked(worker.stop.remote, tickets)

    def ready(self, calls: Sequence[Any], seconds: float) -> list[Any]:
        """Those that have a result, after so many seconds at most."""
        found, _ = self._asked(self._ray.wait, list(calls), num_returns=1, timeout=seconds)
        return found

    def result(self, call: Any) -> Any:
        """Raises `Lost`."""
        return self._asked(self._ray.get, call)

    def end(self, worker: Any) -> None:
        with suppress(Lost):
            self._asked(self._ray.kill, worker, no_restart=True)

    def close(self) -> None:
        """Frees all that the connection has taken."""
        self._context.__exit__()
        self._context.disconnect()

    def _asked(self, ask: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return ask(*args, **kwargs)
        except self._exceptions.RayError as error:
            raise Lost(f"{type(error).__name__}: {error}") from error
        except Exception as error:
            _log.warning("the connection to the cluster is lost: %s: %s", type(error).__name__, error)
            raise Unreachable(f"{type(error).__name__}: {error}") from error


def groups(cores: int) -> list[int]:
    """A node's cores in groups that are as even as can be."""
    count = -(-cores // GROUP)
    return [cores // count + (place < cores % count) for place in range(count)]


def _imported() -> Any:
    os.environ.update(_SETTINGS)
    for name in _LEFT_OUT:
        os.environ.pop(name, None)
    try:
        import_module("grpc")  # which Ray's client needs
        import ray
        import ray.exceptions
    except ImportError as error:
        why = f"--on ray://... needs the extra ray: {extras.get('zsr-tui[ray]')}."
        raise Problem(why, detail=str(error)) from error
    return ray


def _not_connected(address: str, error: Exception | None) -> Problem:
    text = str(error)
    if "version" in text.lower() and "mismatch" in text.lower():
        last = " ".join(text.split())
        return Problem(f"the cluster at {address} runs other versions than this machine: {last}", detail=text)
    return Problem(
        f"no Ray cluster answers at {address}: see that its head runs (ray start --head) and that the port is that of "
        "Ray's client server (10001).",
        detail=text,
    )

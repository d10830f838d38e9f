"""What is sent to a node by its value: a worker's shell. All that it runs is the program that is installed there.

Imports the standard library alone; Ray unpickles it on nodes that may not have this program.
"""

import json
import os
import platform
import socket
from importlib import metadata
from typing import Any


class Shell:
    """A worker. Its methods are called by several threads at once. It computes on the `gpus` that Ray has given it, or
    on so many `cores` (0: all), whatever the node's environment says."""

    def __init__(self, cores: int, gpus: int) -> None:
        self._working: Any = None
        self._why_not = ""
        self._more: dict[str, Any] = {}
        os.environ.pop("ZSR_TUI_DEVICES", None)
        if not gpus:
            os.environ["ZSR_TUI_DEVICES"] = "cpu"
        try:
            from zsr_tui.isolation import leave_current_folder

            leave_current_folder()
            from zsr_tui.cluster.working import Working

            self._working = Working(cores)
            self._why_not = self._working.lacks(gpus)
            self._more = self._working.about(cores, gpus)
        except ImportError as error:
            self._why_not = f"{type(error).__name__}: {error}"

    def about(self) -> bytes:
        """As `messages.About`."""
        import ray

        node = f"{socket.gethostname()} ({ray.get_runtime_context().get_node_id()[:8]})"
        versions = {"Python": ".".join(platform.python_version_tuple()[:2])}
        for package in ("torch", "transformers"):
            try:
                versions[package] = metadata.version(package).partition("+")[0]
            except metadata.PackageNotFoundError:
                versions[package] = ""
        versions["zsr-tui"] = "" if self._working is None else self._working.version
        return json.dumps({"node": node, "versions": versions, "why_not": self._why_not, **self._more}).encode()

    def run(self, asked: list) -> list:
        """Answers as bytes, to `messages.Asked` as bytes, in order."""
        return self._working.run(asked)

    def stop(self, tickets: list) -> None:
        """Ends these at their next batch."""
        self._working.stop(tickets)

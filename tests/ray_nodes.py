"""A Ray cluster of several nodes on this machine, on loopback: `python -P tests/ray_nodes.py COUNT PORT FOLDER` starts
one, says which processes its nodes are, and ends it when its input does. `ray_nodes` is that from outside."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

SETTINGS = {
    "RAY_USAGE_STATS_ENABLED": "0",
    # Ray takes 127.0.0.1 for the machine's own address elsewhere, where nothing listens here
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
    "GRPC_ENABLE_FORK_SUPPORT": "0",
    "OMP_NUM_THREADS": "1",
}
_STORE = 80 << 20  # bytes of the objects of a node


@dataclass(frozen=True)
class Node:
    """By the beginning of its id, and its raylet, which all of its workers are children of."""

    name: str
    raylet: int

    def workers(self) -> list[int]:
        """Processes in which something of ours runs."""
        import psutil

        found = []
        with suppress(psutil.NoSuchProcess):
            for each in psutil.Process(self.raylet).children(recursive=True):
                with suppress(psutil.NoSuchProcess):
                    if "Shell" in " ".join(each.cmdline()):
                        found.append(each.pid)
        return found

    def freeze(self) -> None:
        """Its workers answer no more."""
        for pid in self.workers():
            os.kill(pid, signal.SIGSTOP)

    def kill(self) -> None:
        """As a machine that loses its power."""
        import psutil

        whole = psutil.Process(self.raylet)
        for each in [whole, *whole.children(recursive=True)]:
            with suppress(psutil.NoSuchProcess):
                each.kill()


@dataclass(frozen=True)
class RayNodes:
    """The first node is the head."""

    address: str
    nodes: tuple[Node, ...]


@contextmanager
def ray_nodes(count: int, folder: Path, home: Path) -> Iterator[RayNodes]:
    """A cluster that is started in `folder` and whose workers keep what they remember in `home`."""
    from tests.ports import unused_port  # the script has no package

    port = unused_port()
    env = {**os.environ, **SETTINGS, "ZSR_TUI_HOME": str(home), "TMPDIR": "/tmp"}
    place = tempfile.mkdtemp(prefix="ray", dir="/tmp")  # names of sockets have to be short
    command = [sys.executable, "-P", str(Path(__file__).resolve()), str(count), str(port), place]
    process = subprocess.Popen(
        command, cwd=folder, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        while not (line := process.stdout.readline()).startswith("["):
            assert line, "the cluster did not start"
        _wait_for_port(port)
        yield RayNodes(f"ray://127.0.0.1:{port}", tuple(Node(*each) for each in json.loads(line)))
    finally:
        process.stdin.close()
        try:
            process.wait(300)
        finally:
            _kill_session(process.pid)
            shutil.rmtree(place, ignore_errors=True)


def _wait_for_port(port: int) -> None:
    """Ray's client server may be there later than the nodes."""
    deadline = time.monotonic() + 300
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            assert time.monotonic() < deadline, "the client server did not start"
            time.sleep(0.1)


def _kill_session(leader: int) -> None:
    """What is left of it."""
    import psutil

    for each in psutil.process_iter():
        with suppress(psutil.Error, ProcessLookupError):
            if os.getsid(each.pid) == leader:
                each.kill()


def main(count: int, port: int, place: str) -> None:
    os.environ.update(SETTINGS)
    from ray.cluster_utils import Cluster

    usual = {
        "num_cpus": 1,
        "object_store_memory": _STORE,
        "include_dashboard": False,
        "node_ip_address": "127.0.0.1",
    }
    head = {**usual, "ray_client_server_port": port, "temp_dir": place}
    os.makedirs("/tmp/ray", exist_ok=True)  # where Ray writes its address, whatever folder it is given
    cluster = Cluster(initialize_head=True, head_node_args=head)
    nodes = [cluster.head_node, *(cluster.add_node(**usual) for _ in range(count - 1))]
    print(json.dumps([[each.node_id[:8], each.all_processes["raylet"][0].process.pid] for each in nodes]), flush=True)
    sys.stdin.read()
    for node in nodes:
        for processes in node.all_processes.values():
            for each in processes:
                with suppress(ProcessLookupError):
                    each.process.kill()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])

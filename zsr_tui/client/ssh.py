"""The engine of another machine, behind the user's own ssh."""

from __future__ import annotations

import asyncio
import contextlib
from asyncio.subprocess import DEVNULL, PIPE, Process
from urllib.parse import unquote, urlsplit

from zsr_tui import machine
from zsr_tui.client.attached import SHARED_LIMIT, Tell, listening
from zsr_tui.client.places import SocketFolder, accepts
from zsr_tui.client.process import NAP
from zsr_tui.client.route import Route
from zsr_tui.domain import Problem, Unreachable
from zsr_tui.text import one_line

SSH = "ssh"
PATIENCE_S = 30.0  # for a connection
_MARK = "zsr-tui-socket:"
# Where `zsr_tui.paths.shared_socket` is there, in the words of any shell.
_WHERE = f"sh -c 'echo {_MARK}${{XDG_RUNTIME_DIR:-$HOME/.cache}}/zsr-tui/engine.sock'"
# ssh asks nothing on the terminal, which may be the application's.
_OPTIONS = ("-T", "-o", "BatchMode=yes", "-o", "ExitOnForwardFailure=yes", "-o", "ServerAliveInterval=15")


class SshProcess:
    """What `Engine` needs of a process: ssh, which forwards a Unix socket of this machine to the engine's. It ends when
    its standard input does, so that it cannot outlive this process."""

    private = False
    log = ""
    waits_s = SHARED_LIMIT

    def __init__(self, address: str, token: str, tell: Tell | None = None) -> None:
        """`address` as ssh://[user@]host[:port][/path/of/the/socket]. Raises `Problem`."""
        if not machine.UNIX_SOCKETS:
            raise Problem(
                "ssh:// takes a Unix socket, which this system does not have: forward a port of an engine with a token "
                "(ssh -L 8765:127.0.0.1:8765 HOST) and give --engine http://127.0.0.1:8765.",
                usage=True,
            )
        self._where, self._port, self._path = _parsed(address)
        self._token = token
        self._limit, self._tell = 0.0, tell  # the first time: it is not known to be there
        self._folder: SocketFolder | None = None
        self._ssh: Process | None = None

    @property
    def pid(self) -> int | None:
        return self._ssh.pid if self._ssh else None

    @property
    def alive(self) -> bool:
        return self._ssh is not None and self._ssh.returncode is None

    @property
    def route(self) -> Route:
        assert self._folder is not None, "ssh has not been started"
        return Route(socket=self._folder.socket, token=self._token)

    async def start(self) -> None:
        """Returns when the engine can be asked. Raises `Problem`."""
        await self.stop()
        try:
            path = self._path or await self._asked()
            self._folder = SocketFolder()
            self._ssh = await self._begun("-L", f"{self._folder.socket}:{path}", self._where, "cat")
        except OSError as error:
            raise Problem(f"ssh cannot be started: {error.strerror or error}.") from error
        loop = asyncio.get_running_loop()
        until = loop.time() + PATIENCE_S
        while self._ssh.returncode is None and not accepts(self._folder.socket):
            if loop.time() > until:
                await self.stop()
                raise Problem(f"ssh to {self._where} takes more than {PATIENCE_S:.0f} s: try it by hand.")
            await asyncio.sleep(NAP)
        if self._ssh.returncode is not None:
            raise await self._refused(self._ssh)
        silent = Unreachable(f"no engine listens at {path} of {self._where}: start it there with zsr-tui serve.")
        try:
            await listening(self.route, self._limit, silent, self._tell, f"{path} of {self._where}")
        except BaseException:
            await self.stop()
            raise
        self._limit, self._tell = SHARED_LIMIT, None

    async def stop(self) -> None:
        ssh, self._ssh = self._ssh, None
        if ssh is not None and ssh.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                ssh.terminate()
            await ssh.wait()
        folder, self._folder = self._folder, None
        if folder is not None:
            folder.remove()

    async def _asked(self) -> str:
        """Where an engine listens there if nothing is said."""
        asked = await self._begun(self._where, _WHERE)
        assert asked.stdout is not None
        said = (await asked.stdout.read()).decode(errors="replace")
        await asked.wait()
        found = [line.removeprefix(_MARK) for line in said.splitlines() if line.startswith(f"{_MARK}/")]
        if asked.returncode or not found:
            raise await self._refused(asked)
        return found[-1]

    async def _begun(self, *arguments: str) -> Process:
        port = ("-p", str(self._port)) if self._port else ()
        return await asyncio.create_subprocess_exec(
            *(SSH, *_OPTIONS, *port, *arguments),
            stdin=PIPE,
            stdout=PIPE if len(arguments) == 2 else DEVNULL,
            stderr=PIPE,
            **machine.apart(),
        )

    async def _refused(self, ssh: Process) -> Problem:
        assert ssh.stderr is not None
        said = (await ssh.stderr.read()).decode(errors="replace").strip().splitlines()
        await self.stop()
        why = one_line(said[-1])[:300].rstrip(".") if said else f"it ended with exit code {ssh.returncode}"
        return Problem(f"ssh to {self._where} failed ({why}): ssh {self._where} must work without a question.")


def _parsed(address: str) -> tuple[str, int | None, str]:
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    user = parts.username if host else None
    if not host or host.startswith("-") or (user or "").startswith("-") or parts.password or parts.query:
        raise Problem(
            f"{address!r} names no machine: write ssh://host, ssh://user@host:port or ssh://host/path/of/the/socket.",
            usage=True,
        )
    path = unquote(parts.path)
    return (f"{user}@{host}" if user else host), port, "" if path in ("", "/") else path

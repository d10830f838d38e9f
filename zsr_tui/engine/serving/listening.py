"""Where a shared engine listens: a Unix socket, or a port with tokens, and over TLS where others can read along."""

from __future__ import annotations

import errno
import os
import socket
import ssl
import stat
from pathlib import Path

from zsr_tui import machine
from zsr_tui.domain import Problem
from zsr_tui.paths import shared_socket

BACKLOG = 512  # connections that wait to be accepted


def open_tcp(written: str, *, tls: bool, plain: bool) -> tuple[socket.socket, str]:
    """`written` as HOST:PORT or PORT, which is loopback's. Returns the socket and its address without http://. Raises
    `Problem`."""
    host, port = _split(written)
    found = _addresses(host, port)
    family, _, _, _, address = found
    if not (tls or plain or _is_loopback(address[0])):
        raise Problem(
            f"tokens to {host} would cross the network for everybody to read: give --tls-cert and --tls-key, or say "
            "--plain where something in front of it encrypts.",
            usage=True,
        )
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise _refused(f"{host}:{port}", error) from error
    shown = f"[{host}]" if ":" in host else host
    return listener, f"{shown}:{listener.getsockname()[1]}"


def _split(written: str) -> tuple[str, int]:
    host, _, port = written.rpartition(":")
    host = host.removeprefix("[").removesuffix("]") or "127.0.0.1"
    if not port.isascii() or not port.isdecimal() or int(port) > 65535:
        raise Problem(f"{written!r} is no place to listen at: write it as 127.0.0.1:8765, or 8765.", usage=True)
    return host, int(port)


def _addresses(host: str, port: int) -> tuple[socket.AddressFamily, int, int, str, tuple[str, int]]:
    try:
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]  # type: ignore[return-value]
    except OSError as error:
        raise Problem(f"{host!r} is no address of this machine: {error.strerror or error}.", usage=True) from error


def _is_loopback(address: str) -> bool:
    import ipaddress

    return ipaddress.ip_address(address.partition("%")[0]).is_loopback


def open_unix(path: Path | None, mode: int) -> tuple[socket.socket, Path]:
    """At the usual place where none is named. What an engine that was killed has left there is replaced. Raises
    `Problem`."""
    if not machine.UNIX_SOCKETS:
        raise Problem(
            "this system has no Unix sockets to listen at: give --listen 127.0.0.1:8765 and --token-file.", usage=True
        )
    place = shared_socket() if path is None else path.expanduser().absolute()
    try:
        if path is None:
            _own_folder(place.parent)
        _clear(place)
        return _bound(place, mode), place
    except OSError as error:
        raise _refused(str(place), error) from error


def _own_folder(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    about = folder.lstat()
    if not stat.S_ISDIR(about.st_mode) or not machine.is_ours(about) or machine.others_may_read(about):
        raise Problem(f"{folder} must be a folder that you alone can enter: chmod 700 {folder}.", usage=True)


def _clear(place: Path) -> None:
    try:
        about = place.lstat()
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(about.st_mode):
        raise Problem(f"{place} is there, and is no socket: choose another place.", usage=True)
    with machine.unix_socket() as probe:
        try:
            probe.connect(str(place))
        except ConnectionRefusedError:
            place.unlink()
            return
    raise Problem(f"an engine listens at {place} already: attach to it with --engine, or choose another place.")


def _bound(place: Path, mode: int) -> socket.socket:
    listener = machine.unix_socket()
    before = os.umask(0o177)
    try:
        listener.bind(str(place))
    except OSError as error:
        listener.close()
        if len(os.fsencode(place)) > 100:
            raise Problem(f"the path of a socket has at most 100 bytes: {place} is too long.", usage=True) from error
        raise
    finally:
        os.umask(before)
    place.chmod(mode)
    listener.listen(BACKLOG)
    return listener


def check_tls(certificate: Path | None, key: Path | None) -> None:
    """Before anything listens. Raises `Problem`."""
    if certificate is None and key is None:
        return
    if certificate is None or key is None:
        raise Problem("TLS takes a certificate and its key: give --tls-cert and --tls-key.", usage=True)
    for path in (certificate, key):
        if not path.is_file():
            raise Problem(f"there is no file {path}: name the certificate and its key as PEM files.", usage=True)
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password="")
    except (ssl.SSLError, OSError, ValueError) as error:
        raise Problem(
            f"{certificate} and {key} cannot be used for TLS ({error}): they must be a certificate and its own key, as "
            "PEM, the key without a password.",
            usage=True,
        ) from error


def _refused(where: str, error: OSError) -> Problem:
    if error.errno == errno.EADDRINUSE:
        return Problem(f"{where} is taken: choose another port, or end what listens there.")
    if error.errno in (errno.EACCES, errno.EPERM):
        return Problem(f"{where} is not for this user: choose a port above 1023, or a folder that you may write.")
    return Problem(f"the engine cannot listen at {where}: {error.strerror or error}.")

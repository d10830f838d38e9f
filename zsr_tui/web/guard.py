"""Who may ask the server: pages of its own, in a browser of this machine that was given its address.

A page of another site cannot name another host (DNS rebinding: `Host`), nor open the connection of a tab (`Origin`);
another user of this machine does not know the token that the address holds.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping


def headers(port: int) -> dict[str, str]:
    """Of every answer. The page's script opens its own connection and no other, whatever is shown in the terminal."""
    sockets = " ".join(f"ws://{host}" for host in _hosts(port))
    allowed = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self' 'unsafe-inline'",  # xterm.js makes style sheets
        "font-src": "'self'",
        "img-src": "'self' data:",
        "connect-src": f"'self' {sockets}",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    return {
        "Content-Security-Policy": "; ".join(f"{what} {whom}" for what, whom in allowed.items()),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }


def refusal(named: Mapping[str, str], port: int, *, must_name_origin: bool) -> str:
    """A sentence for a request that is not answered; "" for one that is. `named` are its headers."""
    hosts = _hosts(port)
    if named.get("Host", "") not in hosts:
        return f"This server is 127.0.0.1:{port} and answers to no other name."
    origin = named.get("Origin")
    if origin is None and not must_name_origin:
        return ""
    if origin not in {f"http://{host}" for host in hosts}:
        return "This server answers its own pages alone."
    return ""


def knows(token: str, said: str) -> bool:
    """Takes as long for any wrong one."""
    return hmac.compare_digest(token.encode(), said.encode())


def _hosts(port: int) -> tuple[str, ...]:
    return (f"127.0.0.1:{port}", f"localhost:{port}")

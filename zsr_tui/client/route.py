"""How an engine is reached, whoever has started it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx

CONNECT_S = 5.0


@dataclass(frozen=True, slots=True)
class Route:
    """Through the place of an engine on this machine (`zsr_tui.client.places`), or over TCP. The token is shown
    nowhere."""

    socket: Path | None = None
    url: str = "http://engine"
    token: str = field(default="", repr=False)

    def http(self) -> httpx.AsyncClient:
        """Certificates are checked as OpenSSL has it: SSL_CERT_FILE names further ones. Proxies are for other
        machines."""
        import ssl

        import httpx

        timeout = httpx.Timeout(None, connect=CONNECT_S)
        headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
        if self.socket is not None:
            from zsr_tui.client.proving import transport_to

            transport = transport_to(self.socket)
            return httpx.AsyncClient(transport=transport, base_url=self.url, timeout=timeout, headers=headers)
        verify = ssl.create_default_context() if self.url.startswith("https:") else True
        return httpx.AsyncClient(
            base_url=self.url, timeout=timeout, headers=headers, verify=verify, trust_env=not self._on_this_machine
        )

    @property
    def _on_this_machine(self) -> bool:
        import ipaddress
        from urllib.parse import urlsplit

        name = urlsplit(self.url).hostname or ""
        try:
            return ipaddress.ip_address(name).is_loopback
        except ValueError:
            return name == "localhost"

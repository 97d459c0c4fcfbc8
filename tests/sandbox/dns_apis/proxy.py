# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A proxy on loopback that ends TLS itself: it leads fixed https hosts to local servers.

Modules that cannot be told another address are led here by `https_proxy` and trust the
certificates by `SSL_CERT_FILE`. Nothing leaves the machine: other hosts are refused.
"""

from __future__ import annotations

import contextlib
import select
import socket
import socketserver
import ssl
import threading
from collections.abc import Mapping

from .authority import Authority

TIMEOUT = 30.0


class TlsProxy:
    """routes: host -> (address, port) of the plain HTTP server that stands in for it.

    refused: hosts that somebody wanted to reach and that have no route.
    """

    def __init__(self, routes: Mapping[str, tuple[str, int]], authority: Authority) -> None:
        self.routes = dict(routes)
        self.contexts = {host: authority.context(host) for host in routes}
        self.refused: list[str] = []
        self._server = _Server(self)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Handler(socketserver.StreamRequestHandler):
    server: _Server
    timeout = TIMEOUT

    def handle(self) -> None:
        with contextlib.suppress(OSError):  # a client that goes away, or does not trust us
            proxy, host = self.server.proxy, self._requested_host()
            if host not in proxy.routes:
                proxy.refused.append(host)
                self.wfile.write(b"HTTP/1.1 403 No such host in this test\r\n\r\n")
                return
            self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            with (
                proxy.contexts[host].wrap_socket(self.connection, server_side=True) as client,
                socket.create_connection(proxy.routes[host], timeout=TIMEOUT) as server,
            ):
                _relay(client, server)

    def _requested_host(self) -> str:
        """The host of `CONNECT host:port`; for anything else the request line itself."""
        line = self.rfile.readline(65536).decode("latin-1").strip()
        while self.rfile.readline(65536).strip():
            pass
        method, _space, rest = line.partition(" ")
        target = rest.split(" ")[0]
        return target.removesuffix(":443") if method == "CONNECT" else line


def _relay(client: ssl.SSLSocket, server: socket.socket) -> None:
    """Copy bytes both ways until either side ends."""
    while True:
        # What TLS has decoded already shows on no socket.
        waiting = (
            [client] if client.pending() else select.select([client, server], [], [], TIMEOUT)[0]
        )
        if not waiting:
            return
        for source in waiting:
            data = source.recv(65536)
            if not data:
                return
            (server if source is client else client).sendall(data)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads, block_on_close, allow_reuse_address = True, False, True

    def __init__(self, proxy: TlsProxy) -> None:
        self.proxy = proxy
        super().__init__(("127.0.0.1", 0), _Handler)

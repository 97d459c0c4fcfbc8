# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Servers on loopback for tests of the TLS look: real TLS, silence, plain HTTP, a closed port.

In a test::

    with serve(tls({"track.example.com": (issued.fullchain, issued.key)})) as address:
        ...

For a playbook, until it is ended, from the directory that ``certificates.py`` writes to::

    python tests/support/tls_server.py --certificates DIR --port 8443
"""

from __future__ import annotations

import argparse
import contextlib
import socket
import socketserver
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

Speak = Callable[[socket.socket], None]
"""What a server does with a connection, which is closed afterwards."""


class Address(NamedTuple):
    host: str
    port: int


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, host: str, port: int, speak: Speak) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.speak = speak
        super().__init__((host, port), _Handler)


class _Handler(socketserver.BaseRequestHandler):
    server: _Server

    def handle(self) -> None:
        # Clients of these tests break off in every way; what they see is what is tested.
        with contextlib.suppress(OSError):
            self.server.speak(self.request)


@contextlib.contextmanager
def serve(speak: Speak, *, host: str = "127.0.0.1", port: int = 0) -> Iterator[Address]:
    """A server in a thread, for as long as the block runs; by default at a free port."""
    with _Server(host, port, speak) as server:
        # The poll is what ending the server waits for.
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield Address(host, server.server_address[1])
        finally:
            server.shutdown()
            thread.join()


@contextlib.contextmanager
def closed_port(host: str = "127.0.0.1") -> Iterator[Address]:
    """A port where nothing listens and that nobody else can take meanwhile."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as unheard:
        unheard.bind((host, 0))
        yield Address(host, unheard.getsockname()[1])


def tls(
    certificates: Mapping[str, tuple[str, str]],
    *,
    version: ssl.TLSVersion | None = None,
    strict: bool = False,
) -> Speak:
    """TLS with a chain and a key (PEM texts) for each name that a client asks for (SNI).

    :param version: the only one to speak; today's by default.
    :param strict: break off for a name that is not there, instead of showing the first certificate.
    """
    contexts = {name: _context(*pems, version) for name, pems in certificates.items()}
    first = next(iter(contexts.values()))

    def choose(connection: ssl.SSLObject, name: str | None, _context: ssl.SSLContext) -> int | None:
        if name in contexts:
            connection.context = contexts[name]
        elif strict:
            return ssl.AlertDescription.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
        return None

    first.sni_callback = choose

    def speak(connection: socket.socket) -> None:
        with first.wrap_socket(connection, server_side=True) as session:
            session.recv(1)

    return speak


def _context(chain: str, key: str, version: ssl.TLSVersion | None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if version:
        context.minimum_version = context.maximum_version = version
        context.set_ciphers("ALL:@SECLEVEL=0")
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:  # Python loads from files only
        file.write(key + chain)
        file.flush()
        context.load_cert_chain(file.name)
    return context


def silence(connection: socket.socket) -> None:
    """Listen until the client gives up."""
    while connection.recv(4096):
        pass


def plain_http(connection: socket.socket) -> None:
    connection.recv(4096)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")


def hang_up(connection: socket.socket) -> None:
    connection.recv(4096)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Serve test certificates over TLS on loopback.")
    parser.add_argument("--certificates", type=Path, required=True, help="certificates.py's --out")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args(arguments)
    certificates = {
        live.name: ((live / "fullchain.pem").read_text(), (live / "privkey.pem").read_text())
        for live in sorted((options.certificates / "live").iterdir())
    }
    with serve(tls(certificates), host=options.host, port=options.port) as address:
        print(f"{address.host}:{address.port} serves {', '.join(certificates)}", flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()

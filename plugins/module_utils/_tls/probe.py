# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connect to tracking hosts as a recipient's client would. Private to this collection.

One verified handshake a host decides; where a client would refuse, a second one that verifies
nothing fetches the certificate, so that the reason can be given. No request is sent. What is found
is judged in ``_tls_diagnosis``.
"""

from __future__ import annotations

import socket
import ssl
import time
import typing as t
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from ansible_collections.mailops.email.plugins.module_utils._certificates import fields
from ansible_collections.mailops.email.plugins.module_utils._errors import TrackingError
from ansible_collections.mailops.email.plugins.module_utils._http.trust import add_private_cas
from ansible_collections.mailops.email.plugins.module_utils._tls.diagnosis import (
    Served,
    TlsFinding,
    TlsRequest,
    diagnose,
    handshake_failure,
    unresolved,
)

__all__ = ("TlsFinding", "TlsRequest", "probe_all", "system_addresses")

_CONCURRENCY = 16

Addresses = t.Callable[[str], t.Sequence[str]]

# What a resolver says of a name that is not there, or has no address. Not every system has all.
_NO_ADDRESS = {
    getattr(socket, code, None) for code in ("EAI_NONAME", "EAI_NODATA", "EAI_ADDRFAMILY")
}


def system_addresses(name: str) -> list[str]:
    """The IPv6 and IPv4 addresses of a host, by the system's resolver and in its order.

    :return: empty where it has none, and where it is no name that could be looked up.
    :raises OSError: where that cannot be found out.
    """
    try:
        answers = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except UnicodeError:
        return []
    except socket.gaierror as exc:
        if exc.errno in _NO_ADDRESS:
            return []
        raise
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))


def probe_all(
    *,
    hosts: t.Sequence[TlsRequest],
    port: int = 443,
    timeout: float = 10.0,
    ca_path: str | None = None,
    addresses: Addresses = system_addresses,
    now: datetime,
) -> dict[str, TlsFinding]:
    """Probe every host, several at once. Errors of the network become findings.

    :param timeout: seconds for one host: connections to all its addresses and both handshakes. Of
        the name's resolution only ``addresses`` itself can bound the time.
    :param ca_path: a file of trusted certificates, or a directory that c_rehash prepared, trusted
        beside the system's.
    :param addresses: resolves a name, to nothing where it has no address; raises OSError or
        TrackingError where that cannot be found out. Called from several threads.
    :raises TrackingError: ``validation``, where ``ca_path`` cannot be used.
    """
    if not hosts:
        return {}
    prober = _Prober(port, timeout, _verifying(ca_path), _accepting(), addresses, now)
    with ThreadPoolExecutor(min(len(hosts), _CONCURRENCY), "tls-probe") as pool:
        return dict(zip((host.name for host in hosts), pool.map(prober.probe, hosts)))


def _verifying(ca_path: str | None) -> ssl.SSLContext:
    """A client like a recipient's.

    Not ``create_default_context``: from Python 3.13 on it is stricter (VERIFY_X509_STRICT) than
    mail clients and browsers are; and in accepting a common name it is laxer (RFC 9525, section 2).
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.hostname_checks_common_name = False
    context.load_default_certs()
    if ca_path:
        add_private_cas(context, ca_path)
    return context


def _accepting() -> ssl.SSLContext:
    """A client that only wants to see the certificate, and sends nothing."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class _NoConnection(Exception):
    """No address took a connection.

    :param address: the last one tried.
    :param errors: one an address.
    """

    def __init__(self, address: str, errors: t.Sequence[OSError]) -> None:
        super().__init__(address)
        self.address = address
        self.errors = errors


@dataclass(frozen=True)
class _Prober:
    port: int
    timeout: float
    verifying: ssl.SSLContext
    accepting: ssl.SSLContext
    addresses: Addresses
    now: datetime

    def probe(self, request: TlsRequest) -> TlsFinding:
        deadline = time.monotonic() + self.timeout
        name = request.name
        try:
            addresses = self.addresses(name)
        except (OSError, TrackingError) as exc:
            return TlsFinding("unresolved", unresolved(name, exc))
        if not addresses:
            return TlsFinding("unresolved", f"{name} has no address: check its DNS record first.")
        try:
            connection, address = self._connect(addresses, deadline)
        except _NoConnection as exc:
            return self._unconnected(exc)
        refusal = None
        try:
            served = _handshake(connection, self.verifying, name, deadline)
        except ssl.SSLCertVerificationError as exc:
            refusal = exc
            served = self._fetch(address, name, deadline)
        except (socket.timeout, TimeoutError):
            reason = (
                f"The server accepts the connection and then does not answer ({self.timeout:g} s)."
            )
            return TlsFinding("timeout", reason, address)
        except OSError as exc:
            return TlsFinding("handshake_failed", handshake_failure(exc), address)
        return diagnose(request, address=address, served=served, refusal=refusal, now=self.now)

    def _connect(self, addresses: t.Sequence[str], deadline: float) -> tuple[socket.socket, str]:
        """A connection to the first address that takes one; each has its share of the time."""
        errors: list[OSError] = []
        for tried, address in enumerate(addresses):
            share = _left(deadline) / (len(addresses) - tried)
            try:
                return socket.create_connection((address, self.port), timeout=share), address
            except OSError as exc:
                errors.append(exc)
        raise _NoConnection(addresses[-1], errors)

    def _unconnected(self, exc: _NoConnection) -> TlsFinding:
        """The most telling of the errors: a closed port, then silence, then the rest."""
        if any(isinstance(error, ConnectionRefusedError) for error in exc.errors):
            reason = (
                f"Nothing listens on port {self.port}: the provider does not serve HTTPS there."
            )
            return TlsFinding("refused", reason, exc.address)
        if any(isinstance(error, (socket.timeout, TimeoutError)) for error in exc.errors):
            reason = f"No answer on port {self.port} within {self.timeout:g} s."
            return TlsFinding("timeout", reason, exc.address)
        words = exc.errors[-1].strerror or type(exc.errors[-1]).__name__
        return TlsFinding("refused", f"No connection to port {self.port}: {words}.", exc.address)

    def _fetch(self, address: str, name: str, deadline: float) -> Served | None:
        """The certificate that a client has refused."""
        try:
            connection, _address = self._connect([address], deadline)
            return _handshake(connection, self.accepting, name, deadline)
        except (OSError, _NoConnection):
            return None


def _left(deadline: float) -> float:
    """Seconds until then; never none, for a socket would take that as "do not block"."""
    return max(deadline - time.monotonic(), 0.001)


def _handshake(
    connection: socket.socket, context: ssl.SSLContext, name: str, deadline: float
) -> Served | None:
    """What the server shows; None where that cannot be read. Closes the connection.

    :raises OSError: where there is no handshake; ``ssl.SSLError`` is one.
    """
    with connection:
        connection.settimeout(_left(deadline))  # Python bounds a handshake as a whole by this
        with context.wrap_socket(connection, server_hostname=name) as tls:
            certificates, whole = _certificates(tls)
            try:
                loaded = tuple(fields.load(der) for der in certificates)
            except fields.Unreadable:
                return None
            return Served(tls.version(), loaded, whole)


def _certificates(tls: ssl.SSLSocket) -> tuple[list[bytes], bool]:
    """The certificates as the server sent them, in DER, and whether these are all.

    Python gives more than the leaf since 3.10, and in its public API since 3.13.
    """
    if hasattr(tls, "get_unverified_chain"):
        return tls.get_unverified_chain(), True
    inner: t.Any = getattr(tls, "_sslobj", None)
    if hasattr(inner, "get_unverified_chain"):
        chain = inner.get_unverified_chain() or ()
        return [ssl.PEM_cert_to_DER_cert(cert.public_bytes()) for cert in chain], True
    leaf = tls.getpeercert(binary_form=True)
    return ([leaf] if leaf else []), False

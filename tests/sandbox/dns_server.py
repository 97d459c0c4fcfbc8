# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small DNS server on loopback, UDP and TCP: authoritative, or a resolver for tests.

It serves zones from memory, takes dynamic updates (RFC 2136) signed with TSIG (RFC 8945), logs
what it is asked, and misbehaves on request. Import it as part of a package (`sandbox.dns_server`
with `tests` on the path): it has siblings.

    with DnsServer({"example.test": "track CNAME target.test."}) as server:
        host, port = server.address
        server.behaviour["track.example.test"] = "servfail"
"""

from __future__ import annotations

import contextlib
import socket
import socketserver
import struct
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.tsig
import dns.update

from .dns_update import RefusalError, apply_update, describe
from .dns_zone import IN, Zone, Zones, to_name, to_text

# What a test may ask for, see DnsServer.behaviour.
BEHAVIOURS = ("servfail", "refused", "lame", "timeout", "timeout_udp", "truncate_udp", "wrong_id")
# A safe size for UDP over IPv6 as well (RFC 9715).
MAX_UDP = 1232
# Whatever is asked: these answers, empty; a lame server has none of its own.
REFUSALS: dict[str | float | None, dns.rcode.Rcode] = {
    "servfail": dns.rcode.SERVFAIL,
    "refused": dns.rcode.REFUSED,
    "lame": dns.rcode.NOERROR,
}
TSIG_ERRORS: dict[type[Exception], dns.rcode.Rcode] = {
    dns.tsig.BadSignature: dns.rcode.BADSIG,
    dns.tsig.BadTime: dns.rcode.BADTIME,
}


@dataclass(frozen=True)
class Query:
    """A question as it came in: names in lower case without the last dot."""

    name: str
    rdtype: str
    transport: str  # "udp" or "tcp"
    recursion_desired: bool


@dataclass(frozen=True)
class Update:
    """A dynamic update as it came in and its outcome.

    `changes` are lines such as `add track.example.test 300 CNAME target.test.`,
    `delete track.example.test CNAME` (see dns_update.describe); `key` is None when unsigned.
    """

    zone: str
    key: str | None
    rcode: str
    changes: tuple[str, ...]
    transport: str


class Behaviours(dict[str, "str | float"]):
    """Name -> how to misbehave; a misspelt behaviour is an error at once."""

    def __setitem__(self, name: str, behaviour: str | float) -> None:
        if isinstance(behaviour, str) and behaviour not in BEHAVIOURS:
            raise ValueError(f"{behaviour!r} is none of {', '.join(BEHAVIOURS)}")
        super().__setitem__(to_text(to_name(name)), behaviour)


class DnsServer:
    """The server. Start it with `start()` or as a context manager.

    zones: zone name -> zone-file text, relative to the zone. Without an SOA or NS records it
        gets them (one server, `ns1`, at `host`).
    keys: name of a TSIG key -> (algorithm, secret in base64). Each key may update every zone.
    host, port: 0 chooses a free port, the same for UDP and TCP; it is kept over stop and start.
    recursive: answer like a resolver (RA, never AA) that knows just these zones.
    share: other servers whose zones, at their current state, this one knows too.

    behaviour: name (or zone name, for updates), or "*" for all -> one of BEHAVIOURS, or a number:
        the seconds to wait before the answer. The name counts more than "*".
    queries, updates: what was asked, oldest first.
    """

    def __init__(
        self,
        zones: Mapping[str, str] | None = None,
        keys: Mapping[str, tuple[str, str]] | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        recursive: bool = False,
        share: tuple[DnsServer, ...] = (),
    ) -> None:
        self.host, self.port, self.recursive = host, port, recursive
        self.zones: Zones = Zones(
            [Zone.from_text(name, text, host) for name, text in (zones or {}).items()],
            [server.zones for server in share],
        )
        self.keys = {
            to_name(name): dns.tsig.Key(to_name(name), secret, algorithm)
            for name, (algorithm, secret) in (keys or {}).items()
        }
        self.behaviour = Behaviours()
        self.queries: list[Query] = []
        self.updates: list[Update] = []
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._running: list[tuple[socketserver.BaseServer, threading.Thread]] = []

    # Life

    @property
    def address(self) -> tuple[str, int]:
        return self.host, self.port

    def start(self) -> DnsServer:
        self._stopping.clear()
        for server in self._bind():
            thread = threading.Thread(
                target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
            )
            thread.start()
            self._running.append((server, thread))
        return self

    def stop(self) -> None:
        """Close the port; zones and logs stay, and `start()` opens the same port again."""
        self._stopping.set()
        for server, thread in self._running:
            server.shutdown()
            thread.join()
            server.server_close()
        self._running.clear()

    def __enter__(self) -> DnsServer:
        return self.start()

    def __exit__(self, *exc_info: object) -> None:
        self.stop()

    def _bind(self) -> tuple[socketserver.BaseServer, socketserver.BaseServer]:
        for attempt in range(20):
            tcp = _TcpServer(self, (self.host, self.port))
            try:
                udp = _UdpServer(self, (self.host, tcp.server_address[1]))
            except OSError:  # the port is free for TCP alone: try another, if there is a choice
                tcp.server_close()
                if self.port or attempt == 19:
                    raise
                continue
            self.port = tcp.server_address[1]
            return tcp, udp
        raise AssertionError("unreachable")

    # Zones

    def set(self, name: str, rdtype: str, *rdatas: str, ttl: int = 300) -> None:
        """Replace an RRset. All names are whole, with or without their last dot."""
        with self._zone_of(name) as zone:
            zone.put(to_name(name), rdtype, *rdatas, ttl=ttl)
            zone.bump_serial()

    def delete(self, name: str, rdtype: str | None = None) -> None:
        """Remove an RRset or, without a type, all records of a name."""
        with self._zone_of(name) as zone:
            zone.drop(to_name(name), rdtype)
            zone.bump_serial()

    def get(self, name: str, rdtype: str) -> list[str]:
        """The data of an RRset as text; empty when there is none. No query is logged."""
        zone = self.zones.best(to_name(name))
        node = zone.nodes.get(to_name(name), {}) if zone else {}
        return [rdata.to_text() for rdata in node.get(dns.rdatatype.from_text(rdtype), ())]

    @contextlib.contextmanager
    def _zone_of(self, name: str) -> Iterator[Zone]:
        with self.zones.lock:
            zone = self.zones.best(to_name(name))
            if zone is None:
                raise KeyError(f"no zone here holds {name}")
            yield zone

    def clear_logs(self) -> None:
        with self._lock:
            self.queries.clear()
            self.updates.clear()

    # Answers

    def respond(self, wire: bytes, transport: str) -> bytes | None:
        """The answer to a request, None for none."""
        if self._stopping.is_set():  # a connection that outlives the server
            return None
        try:
            # TSIG is looked at below: an answer about a bad signature needs the request.
            request = dns.message.from_wire(wire, keyring=False)
        except (dns.exception.DNSException, ValueError):
            return _format_error(wire)
        if request.flags & dns.flags.QR:
            return None
        if not request.question:
            return _format_error(wire)
        behaviour = self._behaviour(request)
        if isinstance(behaviour, (int, float)) and self._stopping.wait(behaviour):
            return None
        if behaviour == "timeout" or (behaviour == "timeout_udp" and transport == "udp"):
            self._log(request, transport, "NONE")
            return None
        if request.had_tsig:
            try:
                request = dns.message.from_wire(wire, keyring=self.keys)
            except dns.exception.DNSException as error:
                # What else can be wrong: no such key, or not with this algorithm.
                return self._bad_signature(
                    request, TSIG_ERRORS.get(type(error), dns.rcode.BADKEY), transport
                )
        response = dns.message.make_response(
            request, recursion_available=self.recursive, our_payload=MAX_UDP
        )
        if behaviour in REFUSALS:
            response.set_rcode(REFUSALS[behaviour])
        else:
            self._answer(request, response)
        self._log(request, transport, dns.rcode.to_text(response.rcode()))
        return self._render(request, response, transport, behaviour)

    def _behaviour(self, request: dns.message.Message) -> str | float | None:
        name = to_text(request.question[0].name)
        return self.behaviour.get(name, self.behaviour.get("*"))

    def _answer(self, request: dns.message.Message, response: dns.message.Message) -> None:
        question = request.question[0]
        if request.edns > 0:
            response.set_rcode(dns.rcode.BADVERS)
        elif isinstance(request, dns.update.UpdateMessage):
            response.set_rcode(self._update(request))
        elif request.opcode() != dns.opcode.QUERY or len(request.question) != 1:
            response.set_rcode(dns.rcode.NOTIMP)
        elif question.rdclass != IN or question.rdtype in (
            dns.rdatatype.AXFR,
            dns.rdatatype.IXFR,
        ):
            response.set_rcode(dns.rcode.REFUSED)
        else:
            found = self.zones.lookup(question.name, question.rdtype, recursive=self.recursive)
            response.set_rcode(found.rcode)
            response.answer, response.authority = found.answer, found.authority
            response.additional = found.additional
            if found.authoritative:
                response.flags |= dns.flags.AA

    def _update(self, request: dns.update.UpdateMessage) -> dns.rcode.Rcode:
        with self.zones.lock:
            zone = self.zones.exact(request.question[0].name)
            if zone is None:
                return dns.rcode.NOTAUTH
            if not request.had_tsig:
                return dns.rcode.REFUSED
            try:
                apply_update(zone, request)
            except RefusalError as refusal:
                return refusal.rcode
        return dns.rcode.NOERROR

    def _log(self, request: dns.message.Message, transport: str, rcode: str) -> None:
        name = to_text(request.question[0].name)
        with self._lock:
            if isinstance(request, dns.update.UpdateMessage):
                self.updates.append(
                    Update(
                        zone=name,
                        key=to_text(request.keyname) if request.keyname else None,
                        rcode=rcode,
                        changes=tuple(describe(request)),
                        transport=transport,
                    )
                )
            else:
                self.queries.append(
                    Query(
                        name=name,
                        rdtype=dns.rdatatype.to_text(request.question[0].rdtype),
                        transport=transport,
                        recursion_desired=bool(request.flags & dns.flags.RD),
                    )
                )

    def _bad_signature(
        self, request: dns.message.Message, error: dns.rcode.Rcode, transport: str
    ) -> bytes:
        """NOTAUTH, signed only where the key was proven good (RFC 8945, section 5.3.2)."""
        self._log(request, transport, dns.rcode.to_text(error, tsig=True))
        assert request.tsig is not None
        owner, asked = request.tsig.name, request.tsig[0]
        bare = dns.message.make_response(request)  # unsigned: the request has no known key
        bare.set_rcode(dns.rcode.NOTAUTH)
        if error == dns.rcode.BADTIME:
            bare.use_tsig(
                self.keys[owner],
                tsig_error=error,
                other_data=int(time.time()).to_bytes(6, "big"),
            )
            bare.request_mac = asked.mac
            return bare.to_wire()
        # dnspython always signs, and this answer must have an empty MAC.
        rdata = asked.replace(mac=b"", error=error, other=b"", original_id=request.id).to_wire()
        wire = bytearray(bare.to_wire())
        wire += owner.to_digestable() + struct.pack(
            "!HHIH", dns.rdatatype.TSIG, dns.rdataclass.ANY, 0, len(rdata)
        )
        wire += rdata
        wire[10:12] = struct.pack("!H", struct.unpack("!H", wire[10:12])[0] + 1)
        return bytes(wire)

    @staticmethod
    def _render(
        request: dns.message.Message,
        response: dns.message.Message,
        transport: str,
        behaviour: str | float | None,
    ) -> bytes:
        if behaviour == "wrong_id":
            response.id = request.id ^ 1
        if transport == "tcp":
            return response.to_wire(max_size=65535)
        limit = min(max(request.payload, 512), MAX_UDP) if request.edns >= 0 else 512
        try:
            if behaviour != "truncate_udp":
                return response.to_wire(max_size=limit)
        except dns.exception.TooBig:
            pass
        response.flags |= dns.flags.TC
        response.answer, response.authority, response.additional = [], [], []
        return response.to_wire(max_size=limit)


def _format_error(wire: bytes) -> bytes | None:
    """FORMERR for what has at least a header of a request; nothing else is known of it."""
    if len(wire) < 12 or wire[2] & 0x80:
        return None
    flags = 0x8000 | (wire[2] & 0x79) << 8 | dns.rcode.FORMERR
    return wire[:2] + struct.pack("!5H", flags, 0, 0, 0, 0)


def free_port(*hosts: str) -> int:
    """A port that is free for UDP and TCP at each of the addresses."""
    for _attempt in range(50):
        with contextlib.ExitStack() as stack:
            port = 0
            try:
                for host in hosts or ("127.0.0.1",):
                    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                        probe = stack.enter_context(socket.socket(_family(host), kind))
                        probe.bind((host, port))
                        port = probe.getsockname()[1]
            except OSError:
                continue
            return port
    raise OSError(f"no port is free at all of {', '.join(hosts)}")


class _UdpHandler(socketserver.BaseRequestHandler):
    server: _UdpServer

    def handle(self) -> None:
        wire, sock = self.request
        answer = self.server.respond(wire, "udp")
        if answer is not None:
            sock.sendto(answer, self.client_address)


class _TcpHandler(socketserver.BaseRequestHandler):
    server: _TcpServer

    def handle(self) -> None:
        self.request.settimeout(5)
        with contextlib.suppress(OSError, EOFError):
            while True:
                (length,) = struct.unpack("!H", self._read(2))
                answer = self.server.respond(self._read(length), "tcp")
                if answer is not None:
                    self.request.sendall(struct.pack("!H", len(answer)) + answer)

    def _read(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            more = self.request.recv(size - len(data))
            if not more:
                raise EOFError
            data += more
        return data


class _UdpServer(socketserver.ThreadingUDPServer):
    daemon_threads, block_on_close, max_packet_size = True, False, 65535

    def __init__(self, owner: DnsServer, address: tuple[str, int]) -> None:
        self.respond = owner.respond
        self.address_family = _family(address[0])
        super().__init__(address, _UdpHandler)


class _TcpServer(socketserver.ThreadingTCPServer):
    daemon_threads, block_on_close, allow_reuse_address = True, False, True

    def __init__(self, owner: DnsServer, address: tuple[str, int]) -> None:
        self.respond = owner.respond
        self.address_family = _family(address[0])
        super().__init__(address, _TcpHandler)


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET

# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which zone a name is in, and which servers to ask.

Private to this collection: no promise is made to others. What is found is kept as long as a
``Zones`` lives, which is one look at a whole set.
"""

from __future__ import annotations

import copy
import threading
import time
import typing as t
from dataclasses import dataclass, replace

from ansible_collections.mailops.email.plugins.module_utils._dns.wire import (
    DNS_IMPORT_ERROR,
    Endpoint,
    Reply,
    Wire,
    text,
)

if DNS_IMPORT_ERROR is None:
    import dns.name

T = t.TypeVar("T")
# How often a name is asked for addresses that may change: one of eight in turn shows at the second
# answer; by chance, all answers are alike once in two million times.
_ASKS = 8
# A chain of CNAMEs longer than this is not followed; resolvers give up at about as many.
MAX_CHAIN = 16


@dataclass(frozen=True)
class Server:
    """A name server with all its addresses, the next of which is asked where one fails.

    :param label: its host name; None: it is called by the address that answers.
    :param endpoints: finds the addresses when they are needed, by the asker's own ``Zones``: IPv6
        only where IPv4 fails.
    :param recurse: it may be a resolver.
    """

    label: str | None
    endpoints: t.Callable[[Zones], t.Iterable[Endpoint]]
    recurse: bool

    @classmethod
    def at(cls, endpoints: t.Sequence[Endpoint]) -> Server:
        """A server that is known by its addresses alone."""
        return cls(None, lambda _zones: endpoints, recurse=True)

    def called(self, reply: Reply) -> str:
        return self.label or reply.server


class Pool(t.NamedTuple):
    """Addresses that a name was seen to have, and why there may be more.

    :param late: because the asker's time ran out, which says nothing about the name.
    """

    addresses: frozenset[str]
    trouble: str | None = None
    late: bool = False


class Memo:
    """Computes each value once, however many threads ask for it; only those to keep are kept."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._locks: dict[t.Hashable, threading.Lock] = {}
        self._values: dict[t.Hashable, t.Any] = {}

    def get(self, key: t.Hashable, compute: t.Callable[[], T], keep: t.Callable[[T], bool]) -> T:
        with self._lock:
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            if key in self._values:
                return t.cast("T", self._values[key])
            value = compute()
            if keep(value):
                self._values[key] = value
            return value


class Zones:
    """Finds zones and their servers, and asks.

    :param recursors: resolvers, asked in turn until one answers definitively.
    :param servers: asked about every name; None: each zone's own authoritative servers.
    :param port: of authoritative servers.
    """

    def __init__(
        self,
        wire: Wire,
        *,
        recursors: t.Sequence[Endpoint],
        servers: t.Sequence[Server] | None,
        port: int,
    ) -> None:
        self._wire = wire
        self._recursors = Server.at(recursors)
        self._servers = servers
        self._port = port
        self._memo = Memo()

    def within(self, seconds: float) -> Zones:
        """These, with all that is known of them, for an asker who has so much time from now on."""
        zones = copy.copy(self)
        zones._wire = self._wire.until(time.monotonic() + seconds)
        return zones

    @property
    def authoritative(self) -> bool:
        """The zones' own servers are asked."""
        return self._servers is None

    # --- asking ------------------------------------------------------------------------------

    def ask(self, server: Server, name: dns.name.Name, rdtype: str) -> Reply:
        """What this server says, by the first of its addresses that gives a definitive answer."""
        failed: list[Reply] = []
        for endpoint in server.endpoints(self):
            reply = self._wire.ask(endpoint, name, rdtype, recurse=server.recurse)
            if reply.problem is None or reply.cut is not None:
                return reply
            failed.append(reply)
        if not failed and server.label is None:
            return Reply("a resolver", problem="this host has none")
        if not failed:
            return Reply("no address", problem="no address of it could be found")
        return Reply(
            ", ".join(reply.server for reply in failed),
            problem="; ".join(dict.fromkeys(reply.problem for reply in failed if reply.problem)),
            refusal=all(reply.refusal for reply in failed),
            late=any(reply.late for reply in failed),
        )

    def recurse(self, name: dns.name.Name, rdtype: str) -> Reply:
        """What the resolvers say."""
        return self.once((name, rdtype), lambda: self.ask(self._recursors, name, rdtype))

    def once(self, key: t.Hashable, ask: t.Callable[[], Reply]) -> Reply:
        """The reply for all askers, unless it is only that this one's time ran out."""
        return self._memo.get(key, ask, keep=lambda reply: not reply.late)

    def lookup(self, name: dns.name.Name, rdtype: str) -> Reply:
        """As ``recurse``, and follows a chain of CNAMEs where the server asked does not."""
        for _link in range(MAX_CHAIN):
            reply = self.recurse(name, rdtype)
            if reply.problem or reply.nxdomain or reply.rrset or not reply.chain:
                return reply
            name = reply.chain[-1]
        return replace(reply, problem=f"a chain of more than {MAX_CHAIN} CNAMEs")

    def fetch(self, name: dns.name.Name, rdtype: str) -> Reply:
        """As ``lookup``, but a zone's own servers are asked about ``name`` itself, so that no
        resolver keeps for later that the name does not exist."""
        if not self.authoritative:
            return self.lookup(name, rdtype)
        for server in self.servers_for(name)[0]:
            reply = self.ask(server, name, rdtype)
            if reply.problem is None:
                if reply.chain and not reply.rrset:
                    return self.lookup(reply.chain[-1], rdtype)
                return reply
        return self.lookup(name, rdtype)

    def every_address(self, name: dns.name.Name, rdtype: str) -> Pool:
        """All addresses that ``name`` is seen to have by asking often: each server that counts, and no
        other's memory where zones' own servers are asked."""
        return self._memo.get(
            ("every", name, rdtype),
            lambda: self._every_address(name, rdtype),
            keep=lambda pool: not pool.late,
        )

    def _every_address(self, name: dns.name.Name, rdtype: str) -> Pool:
        found: frozenset[str] = frozenset()
        trouble = None
        for turn in range(_ASKS):
            reply = self._walk(name, rdtype, turn)
            if reply.problem:
                return Pool(found, reply.trouble, reply.late)
            if turn and found != set(reply.data):
                trouble = "they change from answer to answer"
            found |= set(reply.data)
        return Pool(found, trouble)

    def _walk(self, name: dns.name.Name, rdtype: str, turn: int) -> Reply:
        """What one of the servers that count says, another one each turn, to the end of a chain."""
        for _link in range(MAX_CHAIN):
            servers, _zone, trouble = self.servers_for(name)
            reply = Reply("a resolver", problem=trouble or "there is no server")
            for number in range(len(servers)):
                reply = self.ask(servers[(turn + number) % len(servers)], name, rdtype)
                if reply.problem is None:
                    break
            if reply.problem or reply.nxdomain or reply.rrset or not reply.chain:
                return reply
            name = reply.chain[-1]
        return replace(reply, problem=f"a chain of more than {MAX_CHAIN} CNAMEs")

    # --- finding -----------------------------------------------------------------------------

    def zone_of(self, name: dns.name.Name) -> tuple[dns.name.Name | None, str | None]:
        """The zone that ``name`` is in by its parent's SOA record; or None, and why.

        The parent is asked for, because its answer serves all names beside ``name``, and because a
        resolver must not learn that ``name`` does not exist just before it is published. Whether
        ``name`` is a zone of its own shows when its servers are asked about it.
        """
        zone = trouble = None
        if len(name) > 3:
            zone, trouble = self._zone_at(name.parent())
        if zone is None and (trouble is None or not self.authoritative):
            zone, trouble = self._zone_at(name)
        return zone, trouble

    def _zone_at(self, name: dns.name.Name) -> tuple[dns.name.Name | None, str | None]:
        while True:
            reply = self.recurse(name, "SOA")
            if reply.problem:
                return None, f"the zone of {text(name)} could not be found, {reply.trouble}"
            if not reply.chain:
                # Behind a CNAME, the SOA record is that of another name's zone.
                if reply.rrset:
                    return reply.rrset.name, None
                if reply.zone is not None:
                    return reply.zone, None
            if name == dns.name.root:
                return None, "no zone could be found"
            name = name.parent()

    def servers_for(
        self, name: dns.name.Name
    ) -> tuple[t.Sequence[Server], dns.name.Name | None, str | None]:
        """The servers to ask about ``name`` and its zone; or why there are none."""
        zone, trouble = self.zone_of(name)
        if self._servers is not None:
            return self._servers, zone, None
        if zone is None:
            return (), None, trouble
        reply = self.recurse(zone, "NS")
        if reply.problem:
            return (
                (),
                zone,
                f"the name servers of {text(zone)} could not be found, {reply.trouble}",
            )
        hosts = sorted({rdata.target for rdata in reply.rrset or ()})
        if not hosts:
            return (), zone, f"the zone {text(zone)} has no NS records"
        return [self._authority(host) for host in hosts], zone, None

    def _authority(self, host: dns.name.Name) -> Server:
        def endpoints(zones: Zones) -> t.Iterator[Endpoint]:
            for rdtype in ("A", "AAAA"):
                for address in zones.lookup(host, rdtype).data:
                    yield Endpoint(address, self._port)

        return Server(text(host), endpoints, recurse=False)

# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which zone a name is in, and which servers to ask.

Private to this collection: no promise is made to others. What is found is kept as long as a
``Zones`` lives, which is one lookup of a whole set.
"""

from __future__ import annotations

import copy
import threading
import time
import typing as t
from dataclasses import dataclass, replace

from ansible_collections.mailops.email.plugins.module_utils._dns.client import (
    DNS_IMPORT_ERROR,
    DnsClient,
    Endpoint,
    Response,
    to_text,
)

if DNS_IMPORT_ERROR is None:
    import dns.name

T = t.TypeVar("T")
# How often a name is asked for addresses that may change: one of eight in turn shows at the second
# answer; by chance, all answers are alike once in two million times.
_QUERIES = 8
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

    def shown_as(self, response: Response) -> str:
        return self.label or response.server


class AddressSet(t.NamedTuple):
    """Addresses that a name was seen to have, and why there may be more.

    :param out_of_time: because the asker's time ran out, which says nothing about the name.
    """

    addresses: frozenset[str]
    error: str | None = None
    out_of_time: bool = False


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

    :param resolvers: resolvers, asked in turn until one answers definitively.
    :param servers: asked about every name; None: each zone's own authoritative servers.
    :param port: of authoritative servers.
    """

    def __init__(
        self,
        client: DnsClient,
        *,
        resolvers: t.Sequence[Endpoint],
        servers: t.Sequence[Server] | None,
        port: int,
    ) -> None:
        self._client = client
        self._resolvers = Server.at(resolvers)
        self._servers = servers
        self._port = port
        self._memo = Memo()

    def within(self, seconds: float) -> Zones:
        """These, with all that is known of them, for an asker who has so much time from now on."""
        zones = copy.copy(self)
        zones._client = self._client.until(time.monotonic() + seconds)
        return zones

    @property
    def authoritative(self) -> bool:
        """The zones' own servers are asked."""
        return self._servers is None

    # --- asking ------------------------------------------------------------------------------

    def query(self, server: Server, name: dns.name.Name, rdtype: str) -> Response:
        """What this server says, by the first of its addresses that gives a definitive answer."""
        failed: list[Response] = []
        for endpoint in server.endpoints(self):
            response = self._client.query(endpoint, name, rdtype, recurse=server.recurse)
            if response.problem is None or response.cut is not None:
                return response
            failed.append(response)
        if not failed and server.label is None:
            return Response("a resolver", problem="this host has none")
        if not failed:
            return Response("no address", problem="no address of it could be found")
        return Response(
            ", ".join(response.server for response in failed),
            problem="; ".join(
                dict.fromkeys(response.problem for response in failed if response.problem)
            ),
            refusal=all(response.refusal for response in failed),
            out_of_time=any(response.out_of_time for response in failed),
        )

    def query_resolvers(self, name: dns.name.Name, rdtype: str) -> Response:
        """What the resolvers say."""
        return self.once((name, rdtype), lambda: self.query(self._resolvers, name, rdtype))

    def once(self, key: t.Hashable, ask: t.Callable[[], Response]) -> Response:
        """The response for all callers, unless only this caller's time ran out."""
        return self._memo.get(key, ask, keep=lambda response: not response.out_of_time)

    def resolve(self, name: dns.name.Name, rdtype: str) -> Response:
        """As ``recurse``, and follows a chain of CNAMEs where the server asked does not."""
        for _link in range(MAX_CHAIN):
            response = self.query_resolvers(name, rdtype)
            if response.problem or response.nxdomain or response.rrset or not response.chain:
                return response
            name = response.chain[-1]
        return replace(response, problem=f"a chain of more than {MAX_CHAIN} CNAMEs")

    def resolve_uncached(self, name: dns.name.Name, rdtype: str) -> Response:
        """As ``resolve``, but a zone's own servers are asked about ``name`` itself, so that no
        resolver keeps for later that the name does not exist."""
        if not self.authoritative:
            return self.resolve(name, rdtype)
        for server in self.servers_for(name)[0]:
            response = self.query(server, name, rdtype)
            if response.problem is None:
                if response.chain and not response.rrset:
                    return self.resolve(response.chain[-1], rdtype)
                return response
        return self.resolve(name, rdtype)

    def all_addresses(self, name: dns.name.Name, rdtype: str) -> AddressSet:
        """All addresses that ``name`` is seen to have by asking often: each server that counts, and no
        other's memory where zones' own servers are asked."""
        return self._memo.get(
            ("every", name, rdtype),
            lambda: self._all_addresses(name, rdtype),
            keep=lambda pool: not pool.out_of_time,
        )

    def _all_addresses(self, name: dns.name.Name, rdtype: str) -> AddressSet:
        found: frozenset[str] = frozenset()
        error = None
        for turn in range(_QUERIES):
            response = self._query_in_turn(name, rdtype, turn)
            if response.problem:
                return AddressSet(found, response.error, response.out_of_time)
            if turn and found != set(response.data):
                error = "they change from answer to answer"
            found |= set(response.data)
        return AddressSet(found, error)

    def _query_in_turn(self, name: dns.name.Name, rdtype: str, turn: int) -> Response:
        """What one of the servers that count says, another one each turn, to the end of a chain."""
        for _link in range(MAX_CHAIN):
            servers, _zone, error = self.servers_for(name)
            response = Response("a resolver", problem=error or "there is no server")
            for number in range(len(servers)):
                response = self.query(servers[(turn + number) % len(servers)], name, rdtype)
                if response.problem is None:
                    break
            if response.problem or response.nxdomain or response.rrset or not response.chain:
                return response
            name = response.chain[-1]
        return replace(response, problem=f"a chain of more than {MAX_CHAIN} CNAMEs")

    # --- finding -----------------------------------------------------------------------------

    def zone_of(self, name: dns.name.Name) -> tuple[dns.name.Name | None, str | None]:
        """The zone that ``name`` is in by its parent's SOA record; or None, and why.

        The parent is asked for, because its answer serves all names beside ``name``, and because a
        resolver must not learn that ``name`` does not exist just before it is published. Whether
        ``name`` is a zone of its own shows when its servers are asked about it.
        """
        zone = error = None
        if len(name) > 3:
            zone, error = self._zone_at(name.parent())
        if zone is None and (error is None or not self.authoritative):
            zone, error = self._zone_at(name)
        return zone, error

    def _zone_at(self, name: dns.name.Name) -> tuple[dns.name.Name | None, str | None]:
        while True:
            response = self.query_resolvers(name, "SOA")
            if response.problem:
                return None, f"the zone of {to_text(name)} could not be found, {response.error}"
            if not response.chain:
                # Behind a CNAME, the SOA record is that of another name's zone.
                if response.rrset:
                    return response.rrset.name, None
                if response.zone is not None:
                    return response.zone, None
            if name == dns.name.root:
                return None, "no zone could be found"
            name = name.parent()

    def servers_for(
        self, name: dns.name.Name
    ) -> tuple[t.Sequence[Server], dns.name.Name | None, str | None]:
        """The servers to ask about ``name`` and its zone; or why there are none."""
        zone, error = self.zone_of(name)
        if self._servers is not None:
            return self._servers, zone, None
        if zone is None:
            return (), None, error
        response = self.query_resolvers(zone, "NS")
        if response.problem:
            return (
                (),
                zone,
                f"the name servers of {to_text(zone)} could not be found, {response.error}",
            )
        hosts = sorted({rdata.target for rdata in response.rrset or ()})
        if not hosts:
            return (), zone, f"the zone {to_text(zone)} has no NS records"
        return [self._authoritative_server(host) for host in hosts], zone, None

    def _authoritative_server(self, host: dns.name.Name) -> Server:
        def endpoints(zones: Zones) -> t.Iterator[Endpoint]:
            for rdtype in ("A", "AAAA"):
                for address in zones.resolve(host, rdtype).data:
                    yield Endpoint(address, self._port)

        return Server(to_text(host), endpoints, recurse=False)

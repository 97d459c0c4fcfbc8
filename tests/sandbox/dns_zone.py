# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DNS zones in memory and the lookup of RFC 1034 (section 4.3.2), without any network."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdataset
import dns.rdatatype
import dns.rrset
import dns.zone

IN = dns.rdataclass.IN
ANY, CNAME, NS, SOA = (
    dns.rdatatype.ANY,
    dns.rdatatype.CNAME,
    dns.rdatatype.NS,
    dns.rdatatype.SOA,
)
ADDRESSES = (dns.rdatatype.A, dns.rdatatype.AAAA)
# DNSSEC's records live beside a CNAME; nothing else may (RFC 2181, section 10.1).
BESIDE_CNAME = (dns.rdatatype.RRSIG, dns.rdatatype.NSEC, dns.rdatatype.KEY)

Node = dict[dns.rdatatype.RdataType, dns.rdataset.Rdataset]
Nodes = dict[dns.name.Name, Node]


def to_name(name: str | dns.name.Name) -> dns.name.Name:
    """An absolute name; text is taken as absolute, with or without its last dot."""
    return dns.name.from_text(name) if isinstance(name, str) else name


def to_text(name: dns.name.Name) -> str:
    """A name as the logs show it: lower case, without the last dot (the root is `.`)."""
    return name.to_text(omit_final_dot=True).lower()


@dataclass
class Answer:
    """What a zone says to one question."""

    rcode: dns.rcode.Rcode = dns.rcode.NOERROR
    authoritative: bool = True
    answer: list[dns.rrset.RRset] = field(default_factory=list)
    authority: list[dns.rrset.RRset] = field(default_factory=list)
    additional: list[dns.rrset.RRset] = field(default_factory=list)


class Zone:
    """One zone. `nodes` is only ever replaced as a whole, see `snapshot`."""

    def __init__(self, origin: dns.name.Name, nodes: Nodes) -> None:
        self.origin = origin
        self.nodes = nodes

    @classmethod
    def from_text(cls, origin: str | dns.name.Name, text: str, address: str) -> Zone:
        """Read zone-file text. A missing SOA is added, and missing NS records with one server,
        `ns1` in the zone, whose address is that given."""
        name = to_name(origin)
        parsed = dns.zone.from_text(
            "$TTL 300\n" + text, name, relativize=False, check_origin=False, allow_include=False
        )
        nodes: Nodes = {
            owner: {rdataset.rdtype: rdataset for rdataset in node.rdatasets}
            for owner, node in parsed.nodes.items()
        }
        zone = cls(name, nodes)
        apex = zone.nodes.setdefault(name, {})
        if SOA not in apex:
            zone.put(name, "SOA", f"ns1.{name} hostmaster.{name} 1 3600 600 86400 60")
        if NS not in zone.nodes[name]:
            server = dns.name.from_text("ns1", name)
            zone.put(name, "NS", server.to_text())
            zone.put(server, "AAAA" if ":" in address else "A", address)
        return zone

    def to_text(self) -> str:
        """A zone file, the apex first; every name in it is whole."""
        owners = sorted(self.nodes, key=lambda name: name != self.origin)
        return "".join(
            rdataset.to_text(owner) + "\n"
            for owner in owners
            for rdataset in self.nodes[owner].values()
        )

    def snapshot(self) -> Zone:
        """This version of the zone: what changes later does not show in it."""
        return Zone(self.origin, self.nodes)

    def copy_nodes(self) -> Nodes:
        return {name: dict(node) for name, node in self.nodes.items()}

    def put(self, owner: dns.name.Name, rdtype: str, *rdatas: str, ttl: int = 300) -> None:
        """Replace the RRset. A CNAME and other records drive each other out. Names in the data
        are whole, with or without their last dot."""
        kind = dns.rdatatype.from_text(rdtype)
        if kind == CNAME and owner == self.origin:
            raise ValueError(f"no CNAME at the apex of {self.origin}")
        rdataset = dns.rdataset.from_text_list(
            IN, kind, ttl, rdatas, origin=dns.name.root, relativize=False
        )
        nodes = self.copy_nodes()
        node = {
            other: kept
            for other, kept in nodes.get(owner, {}).items()
            if other in BESIDE_CNAME or (kind != CNAME and other != CNAME)
        }
        node[kind] = rdataset
        nodes[owner] = node
        self.nodes = nodes

    def drop(self, owner: dns.name.Name, rdtype: str | None = None) -> None:
        """Remove one RRset or, without a type, the name. What is not there is no error."""
        nodes = self.copy_nodes()
        if rdtype is None:
            nodes.pop(owner, None)
        elif owner in nodes:
            nodes[owner].pop(dns.rdatatype.from_text(rdtype), None)
            if not nodes[owner]:
                del nodes[owner]
        self.nodes = nodes

    def bump_serial(self) -> None:
        nodes = self.copy_nodes()
        increment_serial(nodes, self.origin)
        self.nodes = nodes

    def soa(self) -> dns.rrset.RRset:
        """The SOA for a negative answer, with the TTL of RFC 2308, section 3."""
        rdataset = self.nodes[self.origin][SOA]
        return dns.rrset.from_rdata_list(
            self.origin, min(rdataset.ttl, rdataset[0].minimum), list(rdataset)
        )

    def exists(self, name: dns.name.Name) -> bool:
        """True for a name with records and for an empty non-terminal (RFC 4592, section 2.2.2)."""
        return name in self.nodes or any(owner.is_subdomain(name) for owner in self.nodes)

    def cut_above(
        self, name: dns.name.Name, rdtype: dns.rdatatype.RdataType
    ) -> dns.name.Name | None:
        """The owner of the topmost delegation on the way down to `name`, if any."""
        for owner in reversed(list(ancestors(name, self.origin))):
            if owner == self.origin or NS not in self.nodes.get(owner, {}):
                continue
            # The parent itself answers for DS at the cut (RFC 4035, section 3.1.4.1).
            if not (owner == name and rdtype == dns.rdatatype.DS):
                return owner
        return None

    def node_for(self, name: dns.name.Name) -> Node | None:
        """The records at `name`, by a wildcard if need be; None where the name does not exist."""
        if self.exists(name):
            return self.nodes.get(name, {})
        encloser = next(up for up in ancestors(name, self.origin) if self.exists(up))
        return self.nodes.get(dns.name.Name((b"*",)).concatenate(encloser))

    def addresses(self, targets: Iterable[dns.name.Name]) -> Iterator[dns.rrset.RRset]:
        for target in targets:
            node = self.nodes.get(target, {})
            for rdtype in ADDRESSES:
                if rdtype in node:
                    yield to_rrset(target, node[rdtype])


def to_rrset(owner: dns.name.Name, rdataset: dns.rdataset.Rdataset) -> dns.rrset.RRset:
    return dns.rrset.from_rdata_list(owner, rdataset.ttl, list(rdataset))


def to_rrsets(owner: dns.name.Name, node: Node | None) -> list[dns.rrset.RRset] | None:
    return None if node is None else [to_rrset(owner, rdataset) for rdataset in node.values()]


def ancestors(name: dns.name.Name, top: dns.name.Name) -> Iterator[dns.name.Name]:
    """`name`, its parent, ... up to and with `top`."""
    while True:
        yield name
        if name == top:
            return
        name = name.parent()


def increment_serial(nodes: Nodes, origin: dns.name.Name) -> None:
    rdataset = nodes[origin][SOA]
    soa = rdataset[0]
    # Serial arithmetic wraps and never uses 0 (RFC 2136, section 3.6).
    serial = (soa.serial + 1) % 2**32 or 1
    nodes[origin][SOA] = dns.rdataset.from_rdata(rdataset.ttl, soa.replace(serial=serial))


class Zones:
    """The zones of one server, or of several whose knowledge a resolver shares."""

    def __init__(self, zones: Iterable[Zone] = (), shared: Iterable[Zones] = ()) -> None:
        self.lock = threading.RLock()
        self._own = {zone.origin: zone for zone in zones}
        self._shared = tuple(shared)

    def all(self) -> Iterator[Zone]:
        yield from self._own.values()
        for other in self._shared:
            yield from other.all()

    def exact(self, origin: dns.name.Name) -> Zone | None:
        return self._own.get(origin)

    def best(self, name: dns.name.Name) -> Zone | None:
        """The deepest zone that `name` is in."""
        matching = [zone for zone in self.all() if name.is_subdomain(zone.origin)]
        return max(matching, key=lambda zone: len(zone.origin), default=None)

    def lookup(
        self, name: dns.name.Name, rdtype: dns.rdatatype.RdataType, *, recursive: bool = False
    ) -> Answer:
        """Answer as an authoritative server, or as a resolver that knows these zones alone."""
        reply = Answer(authoritative=not recursive)
        seen: set[dns.name.Name] = set()
        while (zone := self.best(name)) is not None:
            zone = zone.snapshot()
            cut = zone.cut_above(name, rdtype)
            if cut is not None:
                return UNRESOLVABLE if recursive else _refer(reply, zone, cut)
            node = zone.node_for(name)
            if node is None or CNAME not in node or rdtype in (CNAME, ANY):
                return _conclude(reply, zone, to_rrsets(name, node), rdtype)
            reply.answer.append(to_rrset(name, node[CNAME]))
            seen.add(name)
            name = node[CNAME][0].target
            if name in seen:
                return UNRESOLVABLE if recursive else reply
        if recursive:  # nobody in this world knows the name
            reply.rcode = dns.rcode.NXDOMAIN
        elif not seen:
            reply.rcode, reply.authoritative = dns.rcode.REFUSED, False
        return reply


# What a resolver says when it cannot come to an answer: an unreachable child zone, a loop.
UNRESOLVABLE = Answer(dns.rcode.SERVFAIL, authoritative=False)


def _refer(reply: Answer, zone: Zone, cut: dns.name.Name) -> Answer:
    """A referral to the child's servers; authoritative only for a CNAME that led here."""
    servers = to_rrset(cut, zone.nodes[cut][NS])
    reply.authoritative = bool(reply.answer)
    reply.authority = [servers]
    reply.additional = list(zone.addresses(rdata.target for rdata in servers))
    return reply


def _conclude(
    reply: Answer,
    zone: Zone,
    rrsets: list[dns.rrset.RRset] | None,
    rdtype: dns.rdatatype.RdataType,
) -> Answer:
    """The records themselves, or that they are not there; `rrsets` are all that the name has."""
    # For ANY just one of them (RFC 8482, section 4.1).
    found = [rrset for rrset in rrsets or () if rdtype in (rrset.rdtype, ANY)][:1]
    reply.answer += found
    if not found:
        reply.rcode = dns.rcode.NXDOMAIN if rrsets is None else dns.rcode.NOERROR
        reply.authority = [zone.soa()]
    elif found[0].rdtype == NS:
        reply.additional = list(zone.addresses(rdata.target for rdata in found[0]))
    return reply

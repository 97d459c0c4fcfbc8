# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Dynamic update of a zone: the prerequisites and the updates of RFC 2136, section 3."""

from __future__ import annotations

from collections.abc import Iterator

import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdataset
import dns.rdatatype
import dns.rrset
import dns.update

from .dns_zone import ANY, BESIDE_CNAME, CNAME, NS, SOA, Node, Nodes, Zone, increment_serial

DELETE_ALL, DELETE_ONE = dns.rdataclass.ANY, dns.rdataclass.NONE


class RefusalError(Exception):
    """The update is not done; `rcode` is the answer."""

    def __init__(self, rcode: dns.rcode.Rcode) -> None:
        super().__init__(dns.rcode.to_text(rcode))
        self.rcode = rcode


def apply_update(zone: Zone, message: dns.update.UpdateMessage) -> list[str]:
    """Do all of the update or, by raising RefusalError, nothing; return what was asked, as text."""
    for rrset in (*message.prerequisite, *message.update):
        if not rrset.name.is_subdomain(zone.origin):
            raise RefusalError(dns.rcode.NOTZONE)
    _check_prerequisites(zone, message.prerequisite)
    for rrset in message.update:
        _prescan(rrset)
    nodes = zone.copy_nodes()
    for rrset in message.update:
        _apply(nodes, zone.origin, rrset)
    if _with_ttls(nodes) != _with_ttls(zone.nodes):
        if nodes[zone.origin][SOA] == zone.nodes[zone.origin][SOA]:
            increment_serial(nodes, zone.origin)
        zone.nodes = nodes
    return list(describe(message))


def _with_ttls(nodes: Nodes) -> dict[dns.name.Name, dict[object, object]]:
    """To compare: two sets of the same data are equal for dnspython, whatever their TTLs."""
    return {
        name: {rdtype: (rdataset.ttl, rdataset) for rdtype, rdataset in node.items()}
        for name, node in nodes.items()
    }


def describe(message: dns.update.UpdateMessage) -> Iterator[str]:
    """One line a change: `add NAME TTL TYPE DATA` or `delete NAME [TYPE [DATA]]`."""
    for rrset in message.update:
        name = rrset.name.to_text(omit_final_dot=True).lower()
        rdtype = dns.rdatatype.to_text(rrset.rdtype)
        if rrset.deleting == DELETE_ALL:
            yield f"delete {name}" if rrset.rdtype == ANY else f"delete {name} {rdtype}"
        elif rrset.deleting == DELETE_ONE:
            yield f"delete {name} {rdtype} {rrset[0].to_text()}"
        else:
            yield f"add {name} {rrset.ttl} {rdtype} {rrset[0].to_text()}"


def _check_prerequisites(zone: Zone, prerequisites: list[dns.rrset.RRset]) -> None:
    wanted: dict[tuple[dns.name.Name, dns.rdatatype.RdataType], set[object]] = {}
    for rrset in prerequisites:
        node = zone.nodes.get(rrset.name, {})
        in_use = bool(node) if rrset.rdtype == ANY else rrset.rdtype in node
        if rrset.deleting == DELETE_ALL and not in_use:
            raise RefusalError(dns.rcode.NXDOMAIN if rrset.rdtype == ANY else dns.rcode.NXRRSET)
        if rrset.deleting == DELETE_ONE and in_use:
            raise RefusalError(dns.rcode.YXDOMAIN if rrset.rdtype == ANY else dns.rcode.YXRRSET)
        if rrset.deleting is None:
            wanted.setdefault((rrset.name, rrset.rdtype), set()).update(rrset)
    for (name, rdtype), rdatas in wanted.items():
        if set(zone.nodes.get(name, {}).get(rdtype, ())) != rdatas:
            raise RefusalError(dns.rcode.NXRRSET)


def _prescan(rrset: dns.rrset.RRset) -> None:
    meta = dns.rdatatype.is_metatype(rrset.rdtype)
    if meta and not (rrset.rdtype == ANY and rrset.deleting == DELETE_ALL):
        raise RefusalError(dns.rcode.FORMERR)
    if rrset.deleting is None and not rrset:
        raise RefusalError(dns.rcode.FORMERR)


def _apply(nodes: Nodes, origin: dns.name.Name, rrset: dns.rrset.RRset) -> None:
    node = nodes.setdefault(rrset.name, {})
    # The apex never loses its SOA, nor its last name server.
    kept = (SOA, NS) if rrset.name == origin else ()
    if rrset.deleting is None:
        _add(node, at_apex=rrset.name == origin, rrset=rrset)
    elif rrset.deleting == DELETE_ALL:
        for rdtype in list(node) if rrset.rdtype == ANY else [rrset.rdtype]:
            if rdtype not in kept:
                node.pop(rdtype, None)
    elif rrset.rdtype in node and rrset.rdtype != SOA:
        left = [rdata for rdata in node[rrset.rdtype] if rdata not in rrset]
        if left:
            node[rrset.rdtype] = dns.rdataset.from_rdata_list(node[rrset.rdtype].ttl, left)
        elif rrset.rdtype not in kept:
            del node[rrset.rdtype]
    if not node:
        del nodes[rrset.name]


def _add(node: Node, *, at_apex: bool, rrset: dns.rrset.RRset) -> None:
    rdtype, rdata = rrset.rdtype, rrset[0]
    present: list[dns.rdata.Rdata] = []
    if rdtype == CNAME:
        # A CNAME beside other data is ignored without a word, and the reverse (section 3.4.2.2).
        if any(other != CNAME and other not in BESIDE_CNAME for other in node):
            return
    elif CNAME in node and rdtype not in BESIDE_CNAME:
        return
    elif rdtype == SOA:
        if not at_apex or not _newer(rdata.serial, node[SOA][0].serial):
            return
    else:
        present = [other for other in node.get(rdtype, ()) if other != rdata]
    node[rdtype] = dns.rdataset.from_rdata_list(rrset.ttl, [*present, rdata])


def _newer(serial: int, than: int) -> bool:
    return 0 < (serial - than) % 2**32 < 2**31

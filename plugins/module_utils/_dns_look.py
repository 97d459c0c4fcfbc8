# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One look at one name: what each server has there.

Private to this collection: no promise is made to others. One query where the record is right; more
only to say what is wrong.
"""

from __future__ import annotations

import secrets
import typing as t

from ansible_collections.mailops.email.plugins.module_utils._dns_diagnosis import diagnose
from ansible_collections.mailops.email.plugins.module_utils._dns_facts import (
    CHAIN_ABSENT,
    CHAIN_ENDS,
    CHAIN_LEAVES,
    CHAIN_LOOPS,
    Finding,
    Question,
    ServerAnswer,
    TargetFacts,
)
from ansible_collections.mailops.email.plugins.module_utils._dns_wire import (
    DNS_IMPORT_ERROR,
    Reply,
    text,
    to_name,
)
from ansible_collections.mailops.email.plugins.module_utils._dns_zones import (
    MAX_CHAIN,
    Server,
    Zones,
)

if DNS_IMPORT_ERROR is None:
    import dns.name
    import dns.rdatatype
    import dns.rrset

# What may stand in the way of a CNAME; DNSSEC's RRSIG and NSEC may stand beside it (RFC 4034).
_ADDRESS_TYPES = ("A", "AAAA")
# The newest are the last: a server may fail at a type that it does not know.
_OTHER_TYPES = (
    *("TXT", "MX", "NS", "CAA", "SRV", "PTR", "NAPTR", "LOC", "SSHFP", "DS", "TLSA"),
    *("HTTPS", "SVCB"),
)
# A label that nobody publishes: what answers for it is a wildcard.
_NOBODYS_LABEL = f"wildcard-test-{secrets.token_hex(6)}"


class Look:
    """Find servers, ask each, diagnose: in three steps, so that many looks go on at once."""

    def __init__(self, zones: Zones, question: Question) -> None:
        self._zones = zones
        self._question = question
        self._askable = to_name(question.name)
        self._target = None if question.target is None else to_name(question.target)
        self._zone: dns.name.Name | None = None
        self._trouble: str | None = None
        self.servers: t.Sequence[Server] = ()

    @property
    def _name(self) -> dns.name.Name:
        """The name, of which no server is asked unless the DNS can hold it."""
        if self._askable is None:
            raise AssertionError(self._question.name)
        return self._askable

    def find_servers(self) -> None:
        if self._askable is None:
            self._trouble = "the DNS cannot hold such a name"
        else:
            self.servers, self._zone, self._trouble = self._zones.servers_for(self._name)

    def ask(self, server: Server) -> ServerAnswer:
        """What one server has at the name, or as much of it as tells what is wrong."""
        reply = self._zones.ask(server, self._name, "CNAME")
        called = server.called(reply)
        if reply.cut == self._name:
            # Delegated: what stands there is for other servers to say.
            return ServerAnswer(called, apex=True, chain_goes=CHAIN_LEAVES)
        if reply.problem:
            return ServerAnswer(called, problem=reply.problem)
        if reply.cname is not None:
            return self._alias(server, called, reply)
        return self._no_alias(server, called, reply)

    def diagnose(self, answers: t.Sequence[ServerAnswer]) -> Finding:
        zone = self._zone
        if any(answer.apex for answer in answers):
            zone = self._name
        return diagnose(
            self._question,
            answers,
            zone=None if zone is None else text(zone),
            target=self._target_facts(answers),
            trouble=self._trouble,
        )

    # --- one server --------------------------------------------------------------------------

    def _alias(self, server: Server, called: str, reply: Reply) -> ServerAnswer:
        if reply.rrset is None:
            raise AssertionError("an alias has a CNAME")
        chain, goes, problem = self._follow(server, reply)
        links = tuple(text(link) for link in chain)
        if problem:
            return ServerAnswer(
                called, problem=f"a CNAME to {links[0]}, but asking for {links[-1]} gave {problem}"
            )
        wildcard = goes != CHAIN_LOOPS and self._is_wildcard(server, reply.rrset)
        doubled = None
        if wildcard and self._target is not None and self._target not in chain:
            doubled = self._doubled(server)
            if doubled != self._target:
                # The same wildcard answers there.
                doubled = None
        return ServerAnswer(
            called,
            chain=links,
            chain_goes=goes,
            ttl=reply.rrset.ttl,
            doubled=None if doubled is None else text(doubled),
            wildcard=wildcard,
        )

    def _follow(self, server: Server, reply: Reply) -> tuple[list[dns.name.Name], str, str | None]:
        """The chain of CNAMEs as far as the target, how it goes on, or why that cannot be known."""
        chain: list[dns.name.Name] = []
        while reply.cname is not None:
            link = reply.cname
            seen = link == self._name or link in chain
            chain.append(link)
            if link == self._target:
                return chain, CHAIN_ENDS, None
            if seen or len(chain) > MAX_CHAIN:
                return chain, CHAIN_LOOPS, None
            reply = self._cname_at(server, link)
        if reply.problem and reply.refusal:
            return chain, CHAIN_LEAVES, None
        return chain, CHAIN_ABSENT if reply.nxdomain else CHAIN_ENDS, reply.problem

    def _cname_at(self, server: Server, link: dns.name.Name) -> Reply:
        # Each server is to show its own view of its zone; beyond that there is one view.
        if self._zone is not None and link.is_subdomain(self._zone):
            reply = self._zones.ask(server, link, "CNAME")
            if not reply.problem:
                return reply
        return self._zones.recurse(link, "CNAME")

    def _no_alias(self, server: Server, called: str, reply: Reply) -> ServerAnswer:
        apex = reply.zone == self._name
        records: dict[str, dns.rrset.RRset] = {}
        first: dns.rrset.RRset | None = None
        wildcard = False
        # A name that exists may have any type, or none and names below it alone.
        for rdtypes in () if reply.nxdomain else (_ADDRESS_TYPES, _OTHER_TYPES):
            more, problem = self._records(server, rdtypes)
            if problem and rdtypes == _ADDRESS_TYPES and not more and not apex:
                # It might lead to the target all the same.
                return ServerAnswer(called, problem=problem)
            records.update(more)
            if first is None:
                first = next(iter(more.values()), None)
                wildcard = first is not None and not apex and self._is_wildcard(server, first)
            if apex or wildcard:
                # No other record is to be removed.
                break
        doubled = None
        if not apex and (first is None or wildcard):
            doubled = self._doubled(server)
        return ServerAnswer(
            called,
            addresses=tuple(
                address
                for rdtype in _ADDRESS_TYPES
                if rdtype in records
                for address in sorted(rdata.to_text() for rdata in records[rdtype])
            ),
            other_types=tuple(rdtype for rdtype in _OTHER_TYPES if rdtype in records),
            ttl=None if first is None else first.ttl,
            doubled=None if doubled is None else text(doubled),
            wildcard=wildcard,
            apex=apex,
        )

    def _records(
        self, server: Server, rdtypes: t.Sequence[str]
    ) -> tuple[dict[str, dns.rrset.RRset], str | None]:
        """The records of these types at the name, and why those of the rest cannot be known."""
        records: dict[str, dns.rrset.RRset] = {}
        for rdtype in rdtypes:
            reply = self._zones.ask(server, self._name, rdtype)
            if reply.problem:
                return records, f"no CNAME, but asking for {rdtype} records gave {reply.problem}"
            if reply.rrset and not reply.chain:
                records[rdtype] = reply.rrset
        return records, None

    def _is_wildcard(self, server: Server, records: dns.rrset.RRset) -> bool:
        """Whether a name beside this one, which nobody published, has the same records.

        Asked once for all names beside each other, of whichever server is asked first.
        """
        if self._name == self._zone:
            return False
        beside = dns.name.Name((_NOBODYS_LABEL.encode(), *self._name.parent().labels))
        rdtype = dns.rdatatype.to_text(records.rdtype)
        reply = self._zones.memo.get(
            ("wildcard", beside, rdtype), lambda: self._zones.ask(server, beside, rdtype)
        )
        return bool(reply.rrset) and not reply.chain and set(reply.rrset or ()) == set(records)

    def _doubled(self, server: Server) -> dns.name.Name | None:
        """The CNAME at the name with the zone appended once more."""
        if self._zone is None or len(self._zone) < 3 or self._name == self._zone:
            return None
        try:
            twice = self._name.relativize(dns.name.root).concatenate(self._zone)
        except dns.name.NameTooLong:
            return None
        return self._zones.ask(server, twice, "CNAME").cname

    # --- the target --------------------------------------------------------------------------

    def _target_facts(self, answers: t.Sequence[ServerAnswer]) -> TargetFacts:
        """What the answers make it necessary to know; each look-up is made once for all names."""
        if self._target is None:
            return TargetFacts()
        exists: bool | None = None
        addresses: frozenset[str] = frozenset()
        if any(answer.reaches(self._question.target) for answer in answers):
            reply = self._zones.lookup(self._target, "A")
            exists = None if reply.problem else not reply.nxdomain
        if any(answer.addresses for answer in answers):
            addresses = frozenset(
                address
                for rdtype in _ADDRESS_TYPES
                for address in self._zones.lookup(self._target, rdtype).data
            )
        return TargetFacts(exists, addresses)

# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What one server has at one name, or as much of it as tells what is wrong.

Private to this collection: no promise is made to others. One query where the record is right.
"""

from __future__ import annotations

import secrets
import typing as t
from concurrent.futures import Executor
from functools import partial

from ansible_collections.mailops.email.plugins.module_utils._dns.facts import (
    CHAIN_ABSENT,
    CHAIN_ENDS,
    CHAIN_LEAVES,
    CHAIN_LONG,
    CHAIN_LOOPS,
    ServerAnswer,
)
from ansible_collections.mailops.email.plugins.module_utils._dns.wire import (
    DNS_IMPORT_ERROR,
    Reply,
    text,
)
from ansible_collections.mailops.email.plugins.module_utils._dns.zones import (
    MAX_CHAIN,
    Server,
    Zones,
)

if DNS_IMPORT_ERROR is None:
    import dns.name
    import dns.rdatatype

ADDRESS_TYPES = ("A", "AAAA")
# What else may stand in the way of a CNAME; DNSSEC's RRSIG and NSEC may stand beside it (RFC 4034).
_OTHER_TYPES = (
    *("TXT", "MX", "NS", "CAA", "SRV", "PTR", "NAPTR", "LOC", "SSHFP", "DS", "TLSA"),
    *("HTTPS", "SVCB"),
)
# How often a name that is to be given up is asked for beyond the first time.
_MORE_ASKS = 3
# A label that nobody publishes: what answers for it is a wildcard.
_NOBODYS_LABEL = f"wildcard-test-{secrets.token_hex(6)}"


class _Way(t.NamedTuple):
    """A chain of CNAMEs, how it goes on (one of ``CHAIN_*``), or why that cannot be known."""

    links: tuple[dns.name.Name, ...]
    goes: str
    problem: str | None = None


class Targets(t.NamedTuple):
    """The target of a question (None: nobody said it), and further ones of the provider."""

    target: dns.name.Name | None
    others: tuple[dns.name.Name, ...] = ()

    @property
    def all(self) -> tuple[dns.name.Name | None, ...]:
        return (self.target, *self.others)


class Visit:
    """Asks one server about one name.

    :param zones: asks, as long as there is time.
    :param others: the other servers that are asked about the name.
    :param pool: runs single questions, so that several go on at once.
    :param targets: where the name has to lead, or must not lead.
    :param zone: that the name is in; None: not found.
    :param to_delete: see ``Question``.
    """

    def __init__(
        self,
        zones: Zones,
        server: Server,
        *,
        others: t.Sequence[Server],
        pool: Executor,
        name: dns.name.Name,
        targets: Targets,
        zone: dns.name.Name | None,
        to_delete: bool,
    ) -> None:
        self._zones = zones
        self._server = server
        self._others = others
        self._pool = pool
        self._name = name
        self._target = targets.target
        self._targets = targets
        self._zone = zone
        self._to_delete = to_delete
        self._followed = 0

    def answer(self) -> ServerAnswer:
        reply = self._ask_often("CNAME")
        called = self._server.called(reply)
        if reply.cut == self._name:
            return self._delegated(called)
        if reply.problem:
            return ServerAnswer(called, problem=reply.problem, refusal=reply.refusal)
        return self._alias(called, reply) if reply.cnames else self._no_alias(called, reply)

    def _ask(self, name: dns.name.Name, rdtype: str) -> Reply:
        return self._zones.ask(self._server, name, rdtype)

    def _ask_often(self, rdtype: str) -> Reply:
        """About the name itself: where it is to be given up, often enough to see answers that change,
        as weighted records do."""
        reply = self._ask(self._name, rdtype)
        for _time in range(_MORE_ASKS if self._to_delete else 0):
            if reply.problem:
                break
            reply = reply.merged(self._ask(self._name, rdtype))
        return reply

    def _delegated(self, called: str) -> ServerAnswer:
        """What stands there is for other servers to say: no CNAME, but perhaps what is flattened."""
        unknown = ServerAnswer(called, apex=True, chain_goes=CHAIN_LEAVES)
        if not self._to_delete:
            return unknown
        replies = [self._zones.recurse(self._name, rdtype) for rdtype in ADDRESS_TYPES]
        if any(reply.problem or reply.chain for reply in replies):
            return unknown
        addresses = [address for reply in replies for address in reply.data]
        return ServerAnswer(called, apex=True, addresses=tuple(addresses))

    # --- a CNAME -----------------------------------------------------------------------------

    def _alias(self, called: str, reply: Reply) -> ServerAnswer:
        way = self._best(reply.cnames, before=())
        links = tuple(map(text, way.links))
        if way.problem:
            return ServerAnswer(
                called,
                problem=f"a CNAME to {links[0]}, but asking for {links[-1]} gave {way.problem}",
            )
        wildcard = way.goes != CHAIN_LOOPS and self._is_wildcard(reply, "CNAME")
        doubled = None
        if wildcard and self._target is not None and self._target not in way.links:
            # Anything but the target is the same wildcard's answer.
            doubled = self._target if self._doubled() == self._target else None
        behind, unseen = self._addresses_behind(way)
        return ServerAnswer(
            called,
            chain=links,
            chain_goes=way.goes,
            addresses_behind=behind,
            unseen=unseen,
            rivals=tuple(text(cname) for cname in reply.cnames if cname != way.links[0]),
            ttl=None if reply.rrset is None else reply.rrset.ttl,
            doubled=None if doubled is None else text(doubled),
            wildcard=wildcard,
        )

    def _best(self, cnames: t.Sequence[dns.name.Name], before: tuple[dns.name.Name, ...]) -> _Way:
        """The way that leads to the target, or is the least certain not to."""
        return min((self._way((*before, cname)) for cname in cnames), key=self._rank)

    def _addresses_behind(self, way: _Way) -> tuple[tuple[str, ...], str | None]:
        """The addresses at the end of a chain that ends elsewhere, and why there may be more."""
        end = way.links[-1]
        if not self._to_delete or way.goes != CHAIN_ENDS or self._rank(way) == 0:
            return (), None
        own = self._zone is not None and end.is_subdomain(self._zone)
        replies = [
            self._ask(end, rdtype) if own else self._zones.lookup(end, rdtype)
            for rdtype in ADDRESS_TYPES
        ]
        unseen = next((reply.trouble for reply in replies if reply.problem), None)
        return tuple(address for reply in replies for address in reply.data), unseen

    def _rank(self, way: _Way) -> int:
        if way.links[-1] == self._target or not set(self._targets.others).isdisjoint(way.links):
            return 0
        if way.problem:
            return 1
        return 2 if way.goes in (CHAIN_LEAVES, CHAIN_LONG) else 3

    def _way(self, links: tuple[dns.name.Name, ...]) -> _Way:
        """How the chain goes on: as far as the target, or to its end."""
        link = links[-1]
        if link == self._target:
            return _Way(links, CHAIN_ENDS)
        if link == self._name or link in links[:-1]:
            return _Way(links, CHAIN_LOOPS)
        if self._followed >= MAX_CHAIN:
            return _Way(links, CHAIN_LONG)
        self._followed += 1
        reply = self._cname_at(link)
        if reply.cnames:
            return self._best(reply.cnames, before=links)
        if reply.problem and reply.refusal:
            return _Way(links, CHAIN_LEAVES)
        return _Way(links, CHAIN_ABSENT if reply.nxdomain else CHAIN_ENDS, reply.problem)

    def _cname_at(self, link: dns.name.Name) -> Reply:
        # Each server is to show its own view of its zone; beyond that there is one view.
        if self._zone is not None and link.is_subdomain(self._zone):
            reply = self._ask(link, "CNAME")
            if not reply.problem:
                return reply
        return self._zones.recurse(link, "CNAME")

    # --- no CNAME ----------------------------------------------------------------------------

    def _no_alias(self, called: str, reply: Reply) -> ServerAnswer:
        apex = reply.zone == self._name
        records: dict[str, Reply] = {}
        wildcard: bool | None = False
        unseen = None
        # A name that exists may have any type, or none and names below it alone.
        for rdtypes in () if reply.nxdomain else (ADDRESS_TYPES, _OTHER_TYPES):
            more, problem = self._records(rdtypes)
            if rdtypes == ADDRESS_TYPES:
                unseen = problem
            if problem and rdtypes == ADDRESS_TYPES and not more and not apex:
                # It might lead to the target all the same.
                return ServerAnswer(called, problem=problem)
            if more and not records and not apex:
                rdtype, first = next(iter(more.items()))
                wildcard = self._is_wildcard(first, rdtype)
            records.update(more)
            if apex or wildcard:
                # No other record is to be removed.
                break
        doubled = None
        if not apex and (not records or wildcard):
            doubled = self._doubled()
        return ServerAnswer(
            called,
            addresses=tuple(
                address
                for rdtype in ADDRESS_TYPES
                if rdtype in records
                for address in records[rdtype].data
            ),
            unseen=unseen,
            other_types=tuple(rdtype for rdtype in _OTHER_TYPES if rdtype in records),
            ttl=next((found.rrset.ttl for found in records.values() if found.rrset), None),
            doubled=None if doubled is None else text(doubled),
            wildcard=wildcard,
            apex=apex,
        )

    def _records(self, rdtypes: t.Sequence[str]) -> tuple[dict[str, Reply], str | None]:
        """What has records of these types at the name, and why those of others cannot be known.

        All are asked for at once: one after the other, a server that is slow or loses packets would
        take its time for each. It may fail at a type that it does not know.
        """
        records: dict[str, Reply] = {}
        problem = None
        ask = self._ask_often if rdtypes == ADDRESS_TYPES else partial(self._ask, self._name)
        replies = self._pool.map(ask, rdtypes)
        for rdtype, reply in zip(rdtypes, replies):
            if reply.problem:
                problem = (
                    problem or f"no CNAME, but asking for {rdtype} records gave {reply.problem}"
                )
            elif reply.chain and self._to_delete:
                problem = problem or "now a CNAME, and now none"
            elif reply.rrset and not reply.chain:
                records[rdtype] = reply
        return records, problem

    # --- names beside and below --------------------------------------------------------------

    def _is_wildcard(self, held: Reply, rdtype: str) -> bool | None:
        """Whether a name beside this one, which nobody published, has the same records.

        Asked once for all names beside each other, of whichever server is asked first, and of the
        next where one gives no definitive answer. None where no server does.
        """
        if self._name == self._zone:
            return False
        beside = dns.name.Name((_NOBODYS_LABEL.encode(), *self._name.parent().labels))

        def ask() -> Reply:
            reply = self._ask(beside, rdtype)
            for server in self._others:
                if reply.problem is None:
                    break
                reply = self._zones.ask(server, beside, rdtype)
            return reply

        reply = self._zones.once(("wildcard", beside, rdtype), ask)
        if reply.problem:
            return None
        if reply.chain or not reply.rrset:
            return False
        if rdtype == "CNAME":
            return reply.cnames == held.cnames
        return set(reply.rrset) == set(held.rrset or ())

    def _doubled(self) -> dns.name.Name | None:
        """The CNAME at the name with the zone appended once more."""
        if self._zone is None or len(self._zone) < 3 or self._name == self._zone:
            return None
        try:
            twice = self._name.relativize(dns.name.root).concatenate(self._zone)
        except dns.name.NameTooLong:
            return None
        return next(iter(self._ask(twice, "CNAME").cnames), None)

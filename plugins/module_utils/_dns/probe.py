# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The records that one server has at one name, or as many as are needed to see what is wrong.

Private to this collection: no promise is made to others. One query where the record is right.
"""

from __future__ import annotations

import secrets
import typing as t
from concurrent.futures import Executor
from functools import partial

from ansible_collections.mailops.email.plugins.module_utils._dns.client import (
    DNS_IMPORT_ERROR,
    Response,
    to_text,
)
from ansible_collections.mailops.email.plugins.module_utils._dns.model import (
    CHAIN_COMPLETE,
    CHAIN_LOOP,
    CHAIN_NXDOMAIN,
    CHAIN_TOO_LONG,
    CHAIN_UNSERVED,
    ServerAnswer,
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
    *("TXT", "MX", "NS", "CAA", "SRV", "PTR", "NAPTR", "LOC", "SSHFP", "DS", "TLSA", "DNAME"),
    *("HTTPS", "SVCB"),
)
# How many more times a name is queried that is to be deleted or renamed.
_EXTRA_QUERIES = 3
# This label is not published: if there is an answer for it, it comes from a wildcard.
_RANDOM_LABEL = f"wildcard-test-{secrets.token_hex(6)}"


class _Chain(t.NamedTuple):
    """A chain of CNAMEs, how it goes on (one of ``CHAIN_*``), or why that cannot be known."""

    links: tuple[dns.name.Name, ...]
    end: str
    problem: str | None = None


class Targets(t.NamedTuple):
    """The target of a request (None: not known), and further ones of the provider."""

    target: dns.name.Name | None
    others: tuple[dns.name.Name, ...] = ()

    @property
    def all(self) -> tuple[dns.name.Name | None, ...]:
        return (self.target, *self.others)


class ServerProbe:
    """Asks one server about one name.

    :param zones: asks, as long as there is time.
    :param others: the other servers that are asked about the name.
    :param pool: runs single questions, so that several go on at once.
    :param targets: where the name has to lead, or must not lead.
    :param zone: that the name is in; None: not found.
    :param to_delete: see ``LookupRequest``.
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
        response = self._query_repeatedly("CNAME")
        server_name = self._server.shown_as(response)
        if response.cut == self._name:
            return self._delegated(server_name)
        if response.problem:
            return ServerAnswer(server_name, problem=response.problem, refusal=response.refusal)
        return (
            self._with_cname(server_name, response)
            if response.cnames
            else self._without_cname(server_name, response)
        )

    def _query(self, name: dns.name.Name, rdtype: str) -> Response:
        return self._zones.query(self._server, name, rdtype)

    def _query_repeatedly(self, rdtype: str) -> Response:
        """About the name itself: where it is to be given up, often enough to see answers that change,
        as weighted records do."""
        response = self._query(self._name, rdtype)
        for _time in range(_EXTRA_QUERIES if self._to_delete else 0):
            if response.problem:
                break
            response = response.merged(self._query(self._name, rdtype))
        return response

    def _delegated(self, server_name: str) -> ServerAnswer:
        """Other servers serve this name: there is no CNAME, but perhaps there are flattened addresses."""
        unknown = ServerAnswer(server_name, apex=True, chain_end=CHAIN_UNSERVED)
        if not self._to_delete:
            return unknown
        responses = [self._zones.query_resolvers(self._name, rdtype) for rdtype in ADDRESS_TYPES]
        if any(response.problem or response.chain for response in responses):
            return unknown
        addresses = [address for response in responses for address in response.data]
        return ServerAnswer(server_name, apex=True, addresses=tuple(addresses))

    # --- a CNAME -----------------------------------------------------------------------------

    def _with_cname(self, server_name: str, response: Response) -> ServerAnswer:
        chain = self._best_chain(response.cnames, before=())
        links = tuple(map(to_text, chain.links))
        if chain.problem:
            return ServerAnswer(
                server_name,
                problem=f"a CNAME to {links[0]}, but asking for {links[-1]} gave {chain.problem}",
            )
        wildcard = chain.end != CHAIN_LOOP and self._is_wildcard(response, "CNAME")
        doubled = None
        if wildcard and self._target is not None and self._target not in chain.links:
            # Anything but the target is the same wildcard's answer.
            doubled = self._target if self._doubled() == self._target else None
        addresses, incomplete = self._addresses_at_end(chain)
        return ServerAnswer(
            server_name,
            chain=links,
            chain_end=chain.end,
            end_addresses=addresses,
            addresses_incomplete=incomplete,
            extra_cnames=tuple(
                to_text(cname) for cname in response.cnames if cname != chain.links[0]
            ),
            ttl=None if response.rrset is None else response.rrset.ttl,
            doubled=None if doubled is None else to_text(doubled),
            wildcard=wildcard,
        )

    def _best_chain(
        self, cnames: t.Sequence[dns.name.Name], before: tuple[dns.name.Name, ...]
    ) -> _Chain:
        """The chain that leads to the target, or the one that is least certain not to."""
        return min((self._follow((*before, cname)) for cname in cnames), key=self._rank)

    def _addresses_at_end(self, chain: _Chain) -> tuple[tuple[str, ...], str | None]:
        """The addresses at the end of a chain that ends elsewhere, and why there may be more."""
        end = chain.links[-1]
        if not self._to_delete or chain.end != CHAIN_COMPLETE or self._rank(chain) == 0:
            return (), None
        own = self._zone is not None and end.is_subdomain(self._zone)
        responses = [
            self._query(end, rdtype) if own else self._zones.resolve(end, rdtype)
            for rdtype in ADDRESS_TYPES
        ]
        incomplete = next((response.error for response in responses if response.problem), None)
        return tuple(address for response in responses for address in response.data), incomplete

    def _rank(self, chain: _Chain) -> int:
        if chain.links[-1] == self._target or not set(self._targets.others).isdisjoint(chain.links):
            return 0
        if chain.problem:
            return 1
        return 2 if chain.end in (CHAIN_UNSERVED, CHAIN_TOO_LONG) else 3

    def _follow(self, links: tuple[dns.name.Name, ...]) -> _Chain:
        """How the chain goes on: as far as the target, or to its end."""
        link = links[-1]
        if link == self._target:
            return _Chain(links, CHAIN_COMPLETE)
        if link == self._name or link in links[:-1]:
            return _Chain(links, CHAIN_LOOP)
        if self._followed >= MAX_CHAIN:
            return _Chain(links, CHAIN_TOO_LONG)
        self._followed += 1
        response = self._cname_at(link)
        if response.cnames:
            return self._best_chain(response.cnames, before=links)
        if response.problem and response.refusal:
            return _Chain(links, CHAIN_UNSERVED)
        return _Chain(
            links, CHAIN_NXDOMAIN if response.nxdomain else CHAIN_COMPLETE, response.problem
        )

    def _cname_at(self, link: dns.name.Name) -> Response:
        # Each server is to show its own view of its zone; beyond that there is one view.
        if self._zone is not None and link.is_subdomain(self._zone):
            response = self._query(link, "CNAME")
            if not response.problem:
                return response
        return self._zones.query_resolvers(link, "CNAME")

    # --- no CNAME ----------------------------------------------------------------------------

    def _without_cname(self, server_name: str, response: Response) -> ServerAnswer:
        apex = response.zone == self._name
        records: dict[str, Response] = {}
        wildcard: bool | None = False
        incomplete = None
        # A name that exists may have any type, or none and names below it alone.
        for rdtypes in () if response.nxdomain else (ADDRESS_TYPES, _OTHER_TYPES):
            more, problem = self._records(rdtypes)
            if rdtypes == ADDRESS_TYPES:
                incomplete = problem
            if problem and rdtypes == ADDRESS_TYPES and not more and not apex:
                # It might lead to the target all the same.
                return ServerAnswer(server_name, problem=problem)
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
            server_name,
            addresses=tuple(
                address
                for rdtype in ADDRESS_TYPES
                if rdtype in records
                for address in records[rdtype].data
            ),
            addresses_incomplete=incomplete,
            other_types=tuple(rdtype for rdtype in _OTHER_TYPES if rdtype in records),
            ttl=next((found.rrset.ttl for found in records.values() if found.rrset), None),
            doubled=None if doubled is None else to_text(doubled),
            wildcard=wildcard,
            apex=apex,
        )

    def _records(self, rdtypes: t.Sequence[str]) -> tuple[dict[str, Response], str | None]:
        """What has records of these types at the name, and why those of others cannot be known.

        All are asked for at once: one after the other, a server that is slow or loses packets would
        take its time for each. It may fail at a type that it does not know.
        """
        records: dict[str, Response] = {}
        problem = None
        query = (
            self._query_repeatedly if rdtypes == ADDRESS_TYPES else partial(self._query, self._name)
        )
        responses = self._pool.map(query, rdtypes)
        for rdtype, response in zip(rdtypes, responses):
            if response.problem:
                problem = (
                    problem or f"no CNAME, but asking for {rdtype} records gave {response.problem}"
                )
            elif response.chain and self._to_delete:
                problem = problem or "now a CNAME, and now none"
            elif response.rrset and not response.chain:
                records[rdtype] = response
        return records, problem

    # --- names beside and below --------------------------------------------------------------

    def _is_wildcard(self, own: Response, rdtype: str) -> bool | None:
        """Whether a random name beside this one has the same records.

        Queried once for all names beside each other, at the server that comes first, and at the next
        one if there is no definitive answer. None if no server gives one.
        """
        if self._name == self._zone:
            return False
        beside = dns.name.Name((_RANDOM_LABEL.encode(), *self._name.parent().labels))

        def query() -> Response:
            response = self._query(beside, rdtype)
            for server in self._others:
                if response.problem is None:
                    break
                response = self._zones.query(server, beside, rdtype)
            return response

        response = self._zones.once(("wildcard", beside, rdtype), query)
        if response.problem:
            return None
        if response.chain or not response.rrset:
            return False
        if rdtype == "CNAME":
            return response.cnames == own.cnames
        return set(response.rrset) == set(own.rrset or ())

    def _doubled(self) -> dns.name.Name | None:
        """The CNAME at the name with the zone appended once more."""
        if self._zone is None or len(self._zone) < 3 or self._name == self._zone:
            return None
        try:
            twice = self._name.relativize(dns.name.root).concatenate(self._zone)
        except dns.name.NameTooLong:
            return None
        return next(iter(self._query(twice, "CNAME").cnames), None)

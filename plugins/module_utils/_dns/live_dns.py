# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the live DNS says about a set of names.

Private to this collection: no promise is made to others. A name whose record is right costs one
query to each of its zone's servers; and per look, each zone costs its SOA and NS records, its
servers' addresses and a random name (to detect a wildcard), and each target one query
whether it exists.
"""

from __future__ import annotations

import re
import time
import typing as t
from concurrent.futures import ThreadPoolExecutor

from ansible_collections.mailops.email.plugins.module_utils._dns.client import (
    DNS_IMPORT_ERROR,
    DnsClient,
    Endpoint,
    to_name,
    to_text,
)
from ansible_collections.mailops.email.plugins.module_utils._dns.lookup import (
    TIMEOUTS_PER_NAME,
    NameLookup,
)
from ansible_collections.mailops.email.plugins.module_utils._dns.model import (
    AUTHORITATIVE,
    GIVEN,
    RECURSIVE,
    Finding,
    LookupRequest,
)
from ansible_collections.mailops.email.plugins.module_utils._dns.zones import Server, Zones
from ansible_collections.mailops.email.plugins.module_utils._errors import TrackingError

if DNS_IMPORT_ERROR is None:
    import dns.exception
    import dns.name
    import dns.resolver
    import dns.rrset

__all__ = ["DNS_IMPORT_ERROR", "LiveDns"]

# How many seconds a look takes at most, and how many more for each name.
_MAX_SECONDS, _SECONDS_PER_NAME = 60.0, 0.05
# Each mostly waits for a server, so there may be many.
_NAME_THREADS = 32
# For the questions of which one server is asked several at once.
_QUERY_THREADS = 64
# Property tags of CAA records (RFC 8659 and IANA's registry); an unknown one that is marked as
# critical forbids issuing.
_CAA_TAGS = ("issue", "issuewild", "iodef", "contactemail", "contactphone", "issuemail", "issuevmc")
_CAA_CRITICAL = 128


class LiveDns:
    """Looks names up in the live DNS.

    :param check: ``authoritative``: ask each zone's own servers; ``recursive``: the resolver.
    :param servers: addresses to ask instead, be they authoritative or resolvers, each with an
        optional port: see ``Endpoint.parse``.
    :param timeout: seconds for one answer of one address of a server, repetitions included.
    :param resolver: for tests: whose name servers and port to use rather than this host's.
    :param authoritative_port: for tests: where the zones' own servers listen.
    :raises TrackingError: ``validation`` for a bad entry in ``servers``; ``dependency`` where
        dnspython is missing.
    """

    def __init__(
        self,
        *,
        check: str,
        servers: t.Sequence[str] = (),
        timeout: float = 5.0,
        resolver: dns.resolver.Resolver | None = None,
        authoritative_port: int = 53,
    ) -> None:
        if DNS_IMPORT_ERROR is not None:
            raise TrackingError(
                "dependency",
                "the Python library dnspython is needed to look up the live DNS",
                hint="Install it (pip install dnspython), or set dns_check to off.",
            )
        if check not in (AUTHORITATIVE, RECURSIVE):
            raise AssertionError(check)
        given = list(dict.fromkeys(Endpoint.parse(server) for server in servers))
        self._resolvers = given or _system_resolvers(resolver)
        self._servers: list[Server] | None = None
        if given:
            self._servers = [Server.at([endpoint]) for endpoint in given]
        elif check == RECURSIVE:
            # A host's resolvers stand in for each other; they are not compared.
            self._servers = [Server.at(self._resolvers)]
        self._asked = GIVEN if given else check
        self._timeout = timeout
        self._port = authoritative_port
        # Seconds spent in the last lookup on names that got no answer.
        self._unanswered: dict[str, float] = {}
        self._zones = self._new_zones()

    def _new_zones(self) -> Zones:
        return Zones(
            DnsClient(self._timeout),
            resolvers=self._resolvers,
            servers=self._servers,
            port=self._port,
        )

    def lookup(
        self, requests: t.Sequence[LookupRequest], seconds: float | None = None
    ) -> dict[str, Finding]:
        """The finding for each name as the DNS is now: nothing is kept from an earlier look.

        The findings show what goes wrong in the DNS; nothing is raised.

        :param seconds: for all of it; what is not known by then is unknown.
        """
        deadline = _deadline(len(requests), seconds)
        zones = self._zones = self._new_zones()
        # Names that took the time of the last lookup come last, so that they do not delay the others again.
        ordered = sorted(requests, key=lambda request: self._unanswered.get(request.name, 0.0))
        with (
            ThreadPoolExecutor(_NAME_THREADS) as pool,
            ThreadPoolExecutor(_QUERY_THREADS) as query_pool,
        ):
            lookups = [
                NameLookup(
                    zones,
                    request,
                    pool=query_pool,
                    asked=self._asked,
                    timeout=self._timeout,
                    deadline=deadline,
                )
                for request in ordered
            ]
            # Each round waits for the one before it, and no task for another: none can starve.
            list(pool.map(NameLookup.find_servers, lookups))
            asked = [
                [pool.submit(lookup.probe, server) for server in lookup.servers]
                for lookup in lookups
            ]
            answers = [[future.result() for future in futures] for futures in asked]
            findings = list(pool.map(NameLookup.diagnose, lookups, answers))
        self._unanswered = {
            request.name: lookup.spent
            for request, lookup, finding in zip(ordered, lookups, findings)
            if not finding.found
        }
        found = {request.name: finding for request, finding in zip(ordered, findings)}
        return {request.name: found[request.name] for request in requests}

    def addresses(self, name: str) -> list[str]:
        """The IPv4, then the IPv6 addresses that ``name`` leads to; empty where it has none.

        :raises TrackingError: ``network``, if no address is found, and no answer says that there is none.
        """
        dns_name = to_name(name)
        if dns_name is None:
            return []
        zones = self._zones.within(TIMEOUTS_PER_NAME * self._timeout)
        responses = [zones.resolve_uncached(dns_name, rdtype) for rdtype in ("A", "AAAA")]
        found = [address for response in responses for address in response.data]
        failed = next((response for response in responses if response.problem), None)
        if failed and not found:
            raise TrackingError("network", failed.error)
        return found

    def preflight(self, names: t.Sequence[str]) -> list[str]:
        """Warnings, each naming the fix, of what would keep ``names`` from having certificates."""
        deadline = _deadline(len(names))
        with ThreadPoolExecutor(max_workers=_NAME_THREADS) as pool:
            caa = pool.map(lambda name: self._caa_warning(name, deadline), names)
            pairs = zip(map(_underscore_warning, names), caa)
            return [warning for pair in pairs for warning in pair if warning]

    def _caa_warning(self, name: str, deadline: float) -> str | None:
        """Climbs to the CAA records that count (RFC 8659, 3). No answer, no warning."""
        left = deadline - time.monotonic()
        zones = self._zones.within(min(left, TIMEOUTS_PER_NAME * self._timeout))
        dns_name = owner = to_name(name)
        while owner is not None and owner != dns.name.root:
            # Resolvers are asked about names that exist, see ``Zones.resolve_uncached``.
            response = (zones.resolve_uncached if owner == dns_name else zones.resolve)(
                owner, "CAA"
            )
            if response.problem:
                return None
            if response.rrset:
                return _caa_verdict(name, response.rrset)
            owner = owner.parent()
        return None


def _deadline(names: int, seconds: float | None = None) -> float:
    """When a look at so many names ends, by ``time.monotonic()``."""
    most = _MAX_SECONDS + _SECONDS_PER_NAME * names
    return time.monotonic() + (most if seconds is None else min(seconds, most))


def _system_resolvers(resolver: dns.resolver.Resolver | None) -> list[Endpoint]:
    """This host's resolvers, or those of ``resolver``; none where it has none."""
    try:
        resolver = resolver or dns.resolver.Resolver()
    except (dns.exception.DNSException, OSError):
        return []
    return [Endpoint(str(address), resolver.port) for address in resolver.nameservers]


def _underscore_warning(name: str) -> str | None:
    if "_" not in name:
        return None
    return (
        f"{name} contains an underscore, and no certificate authority issues certificates for such "
        "a name: use "
        f"{_without_underscores(name)} instead"
    )


def _without_underscores(name: str) -> str:
    """A host name much like this one: a label neither begins nor ends with a hyphen (RFC 1123)."""
    return ".".join(
        re.sub("[-_]*_[-_]*", "-", label).strip("-") or "track" for label in name.split(".")
    )


def _caa_verdict(name: str, records: dns.rrset.RRset) -> str | None:
    """The warning where no authority at all may issue (RFC 8659, 4.1 and 4.2)."""
    alien = [
        record.flags & _CAA_CRITICAL
        and record.tag.decode("ascii", "replace").lower() not in _CAA_TAGS
        for record in records
    ]
    allowed = [
        record.value.split(b";")[0].strip() for record in records if record.tag.lower() == b"issue"
    ]
    if not any(alien) and (not allowed or any(allowed)):
        return None
    owner = to_text(records.name)
    found = ", ".join(sorted(record.to_text() for record in records))
    return (
        f"no certificate authority may issue for {name}: the CAA record at {owner} ({found}) "
        "forbids it. Allow the one that you use, e.g. publish "
        f'{owner}. 300 IN CAA 0 issue "letsencrypt.org"'
    )

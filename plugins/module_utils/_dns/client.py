# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One query to one name server. Private to this collection: no promise is made to others.

By UDP, then by TCP where the answer is truncated or none comes; within a bounded time.
"""

from __future__ import annotations

import copy
import ipaddress
import math
import re
import threading
import time
import traceback
import typing as t
from dataclasses import dataclass, replace

from ansible_collections.mailops.email.plugins.module_utils._errors import TrackingError

DNS_IMPORT_ERROR: str | None = None
try:
    import dns.exception
    import dns.flags
    import dns.message
    import dns.name
    import dns.query
    import dns.rcode
    import dns.rdataclass
    import dns.rdatatype
    import dns.rrset
except ImportError:
    DNS_IMPORT_ERROR = traceback.format_exc()

# A question is not begun with less than this left, in seconds.
_MIN_SECONDS = 0.01


class Endpoint(t.NamedTuple):
    """Where a name server listens."""

    address: str
    port: int = 53

    def __str__(self) -> str:
        if self.port == 53:
            return self.address
        return (
            f"[{self.address}]:{self.port}"
            if ":" in self.address
            else f"{self.address}:{self.port}"
        )

    @classmethod
    def parse(cls, text: str) -> Endpoint:
        """``192.0.2.1``, ``192.0.2.1:5353``, ``2001:db8::1`` or ``[2001:db8::1]:5353``.

        :raises TrackingError: ``validation``.
        """
        match = re.fullmatch(
            r"\[(?P<six>[^\]]+)\](?::(?P<port>\d+))?|(?P<four>[^:]+):(?P<port4>\d+)", text
        )
        host, port = text, 53
        if match:
            host = match["six"] or match["four"]
            port = int(match["port"] or match["port4"] or 53)
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            address = None
        bracketed = bool(match and match["six"])
        if address is None or not 0 < port < 65536 or (bracketed and address.version == 4):
            raise TrackingError(
                "validation",
                f"{text!r} in dns_servers is not the address of a name server",
                hint="Give IP addresses, each with an optional port, e.g. 192.0.2.53, "
                "192.0.2.53:5353, 2001:db8::53 or [2001:db8::53]:5353.",
            )
        return cls(str(address), port)


@dataclass(frozen=True)
class Response:
    """The response of one server to one query.

    :param server: the address that answered, or was asked last.
    :param problem: why there is no definitive answer; all else is void then, but ``cut``.
    :param refusal: the problem is that the server does not serve the name, which will stay so.
    :param out_of_time: the problem is that the asker's time ran out, and says nothing about the server.
    :param nxdomain: the name, or the end of the chain of CNAMEs from it, does not exist.
    :param chain: the CNAMEs followed within this answer.
    :param rrset: the records of the type asked for, at the end of ``chain``.
    :param cnames: where a CNAME was asked for: all that stand at the name.
    :param zone: the owner of the SOA record of a negative answer.
    :param cut: the name refers to this zone, which other servers serve.
    """

    server: str
    problem: str | None = None
    refusal: bool = False
    out_of_time: bool = False
    nxdomain: bool = False
    chain: tuple[dns.name.Name, ...] = ()
    rrset: dns.rrset.RRset | None = None
    cnames: tuple[dns.name.Name, ...] = ()
    zone: dns.name.Name | None = None
    cut: dns.name.Name | None = None

    @property
    def data(self) -> tuple[str, ...]:
        """The records as text, sorted."""
        return tuple(sorted(rdata.to_text() for rdata in self.rrset or ()))

    def merged(self, other: Response) -> Response:
        """Both responses together, for a server whose answers change."""
        if other.problem:
            return other
        rrset = self.rrset or other.rrset
        if self.rrset and other.rrset:
            records = [*self.rrset, *other.rrset]
            rrset = dns.rrset.from_rdata_list(self.rrset.name, self.rrset.ttl, records)
        return replace(
            self,
            nxdomain=self.nxdomain and other.nxdomain,
            chain=self.chain or other.chain,
            rrset=rrset,
            cnames=tuple(sorted({*self.cnames, *other.cnames})),
        )

    @property
    def error(self) -> str:
        """The problem, and at which server."""
        return f"asking {self.server}: {self.problem}"


class DnsClient:
    """Asks, and remembers for its lifetime which addresses are silent and which answer by TCP alone,
    so that these cost a set of any size their time-out once.

    :param timeout: seconds for one answer of one address, repetitions included.
    """

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._deadline = math.inf
        self._lock = threading.Lock()
        self._answering: set[Endpoint] = set()
        self._udp_works: set[Endpoint] = set()
        self._tcp_only: set[Endpoint] = set()
        self._silent: dict[Endpoint, str] = {}

    def until(self, deadline: float) -> DnsClient:
        """This one, with what it remembers, but for an asker who waits no longer than that.

        :param deadline: by ``time.monotonic()``.
        """
        client = copy.copy(self)
        client._deadline = deadline
        return client

    def query(
        self, endpoint: Endpoint, name: dns.name.Name, rdtype: str, *, recurse: bool
    ) -> Response:
        """The server's response; errors of the server or the network are in it, none is raised.

        :param recurse: wish for recursion, and take the answer of a resolver; otherwise only an
            authoritative answer is definitive.
        """
        with self._lock:
            problem = self._silent.get(endpoint)
        if problem:
            return Response(str(endpoint), problem=problem)
        seconds = min(self._timeout, self._deadline - time.monotonic())
        if seconds < _MIN_SECONDS:
            return Response(
                str(endpoint), problem="no time was left for the query", out_of_time=True
            )
        query = dns.message.make_query(name, rdtype)
        if not recurse:
            query.flags &= ~dns.flags.RD
        try:
            message = self._exchange(endpoint, query, seconds)
        except (dns.exception.Timeout, OSError, EOFError) as exc:
            if isinstance(exc, dns.exception.Timeout) and seconds < self._timeout:
                problem = f"no answer within the {seconds:.1f} s that were left"
                return Response(str(endpoint), problem=problem, out_of_time=True)
            return Response(str(endpoint), problem=self._note_silence(endpoint, exc))
        except (dns.exception.DNSException, ValueError):
            return Response(str(endpoint), problem="an unreadable answer")
        with self._lock:
            self._answering.add(endpoint)
        return _read(str(endpoint), message, name, recurse=recurse)

    def _note_silence(self, endpoint: Endpoint, exc: Exception) -> str:
        if isinstance(exc, OSError):
            problem = f"not reachable: {exc.strerror or exc}"
        elif isinstance(exc, EOFError):
            problem = "closed the connection"
        else:
            problem = f"no answer within {self._timeout:g} s"
        with self._lock:
            # One that answers other questions may have lost this one alone.
            if endpoint not in self._answering:
                self._silent[endpoint] = problem
        return problem

    def _exchange(
        self, endpoint: Endpoint, query: dns.message.Message, seconds: float
    ) -> dns.message.Message:
        # As it is, dnspython would keep but one of several CNAMEs at a name.
        all_cnames = query.question[0].rdtype == dns.rdatatype.CNAME
        with self._lock:
            attempts = 0 if endpoint in self._tcp_only else 2
        lost = attempts > 0
        for _attempt in range(attempts):
            try:
                message = dns.query.udp(
                    query,
                    endpoint.address,
                    port=endpoint.port,
                    timeout=seconds / 4,
                    ignore_unexpected=True,
                    raise_on_truncation=True,
                    one_rr_per_rrset=all_cnames,
                )
            except dns.message.Truncated:
                lost = False
                break
            except dns.exception.Timeout:
                continue
            except dns.exception.DNSException:
                # Forged: an answer to some other question.
                lost = False
                continue
            with self._lock:
                self._udp_works.add(endpoint)
            return message
        # Also where UDP is dropped on the way: RFC 7766 makes TCP a full equal.
        message = dns.query.tcp(
            query,
            endpoint.address,
            port=endpoint.port,
            timeout=seconds / 2,
            one_rr_per_rrset=all_cnames,
        )
        with self._lock:
            if lost and endpoint not in self._udp_works:
                self._tcp_only.add(endpoint)
        return message


def _read(
    server: str, message: dns.message.Message, name: dns.name.Name, *, recurse: bool
) -> Response:
    rcode = message.rcode()
    authoritative = bool(message.flags & dns.flags.AA)
    resolver = recurse and bool(message.flags & dns.flags.RA)
    if rcode not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
        refusal = rcode in (dns.rcode.REFUSED, dns.rcode.NOTAUTH)
        return Response(server, problem=dns.rcode.to_text(rcode), refusal=refusal)
    if not authoritative and not resolver:
        cut = None if message.answer else authority_owner(message, "NS", name)
        return Response(
            server, problem="not authoritative for the zone (lame)", refusal=True, cut=cut
        )
    try:
        followed = t.cast("dns.message.QueryMessage", message).resolve_chaining()
    except dns.exception.DNSException:
        return Response(server, problem="a contradictory answer")
    return Response(
        server,
        nxdomain=rcode == dns.rcode.NXDOMAIN,
        chain=tuple(rrset[0].target for rrset in followed.cnames),
        rrset=followed.answer,
        cnames=_cnames(message, name),
        zone=authority_owner(message, "SOA", name),
    )


def _cnames(message: dns.message.Message, name: dns.name.Name) -> tuple[dns.name.Name, ...]:
    """Of the answer to a question for a CNAME, which says no more than what stands at ``name``."""
    if message.question[0].rdtype != dns.rdatatype.CNAME:
        return ()
    found = {
        rdata.target
        for rrset in message.answer
        if rrset.rdtype == dns.rdatatype.CNAME and rrset.name == name
        for rdata in rrset
    }
    return tuple(sorted(found))


def authority_owner(
    message: dns.message.Message, rdtype: str, name: dns.name.Name
) -> dns.name.Name | None:
    """The owner of the authority section's record of a type, if ``name`` is at or below it."""
    for rrset in message.authority:
        if rrset.rdtype == dns.rdatatype.from_text(rdtype) and name.is_subdomain(rrset.name):
            return rrset.name
    return None


def to_text(name: dns.name.Name) -> str:
    """In lower case, without the final dot."""
    return name.to_text(omit_final_dot=True).lower()


def to_name(name: str) -> dns.name.Name | None:
    """The name as the DNS compares it; None for one that it cannot hold."""
    try:
        return dns.name.from_text(name)
    except (dns.exception.DNSException, UnicodeError):
        return None

# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One question to one name server. Private to this collection: no promise is made to others.

By UDP, then by TCP where the answer is truncated or none comes; within a bounded time.
"""

from __future__ import annotations

import ipaddress
import re
import threading
import traceback
import typing as t
from dataclasses import dataclass

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
class Reply:
    """What one server says to one question.

    :param server: the address that answered, or was asked last.
    :param problem: why there is no definitive answer; all else is void then, but ``cut``.
    :param refusal: the problem is that the server does not serve the name, which will stay so.
    :param nxdomain: the name, or the end of the chain of CNAMEs from it, does not exist.
    :param chain: the CNAMEs followed within this answer.
    :param rrset: the records of the type asked for, at the end of ``chain``.
    :param zone: the owner of the SOA record of a negative answer.
    :param cut: the name refers to this zone, which other servers serve.
    """

    server: str
    problem: str | None = None
    refusal: bool = False
    nxdomain: bool = False
    chain: tuple[dns.name.Name, ...] = ()
    rrset: dns.rrset.RRset | None = None
    zone: dns.name.Name | None = None
    cut: dns.name.Name | None = None

    @property
    def cname(self) -> dns.name.Name | None:
        """The answer to a question for a CNAME."""
        if self.rrset is None or self.rrset.rdtype != dns.rdatatype.CNAME:
            return None
        return t.cast("dns.name.Name", self.rrset[0].target)

    @property
    def data(self) -> tuple[str, ...]:
        """The records as text, sorted."""
        return tuple(sorted(rdata.to_text() for rdata in self.rrset or ()))


class Wire:
    """Asks, and remembers for its lifetime which addresses are silent, so that one dead server
    costs a set of any size its time-out once.

    :param timeout: seconds for one answer of one address, repetitions included.
    """

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._lock = threading.Lock()
        self._answering: set[Endpoint] = set()
        self._silent: dict[Endpoint, str] = {}

    def ask(self, endpoint: Endpoint, name: dns.name.Name, rdtype: str, *, recurse: bool) -> Reply:
        """The server's reply; never raises for what the server or the network does.

        :param recurse: wish for recursion, and take the answer of a resolver; otherwise only an
            authoritative answer is definitive.
        """
        with self._lock:
            silence = self._silent.get(endpoint)
        if silence:
            return Reply(str(endpoint), problem=silence)
        query = dns.message.make_query(name, rdtype)
        if not recurse:
            query.flags &= ~dns.flags.RD
        try:
            message = self._exchange(endpoint, query)
        except (dns.exception.Timeout, OSError, EOFError) as exc:
            return Reply(str(endpoint), problem=self._note_silence(endpoint, exc))
        except (dns.exception.DNSException, ValueError):
            return Reply(str(endpoint), problem="an unreadable answer")
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

    def _exchange(self, endpoint: Endpoint, query: dns.message.Message) -> dns.message.Message:
        for _attempt in range(2):
            try:
                return dns.query.udp(
                    query,
                    endpoint.address,
                    port=endpoint.port,
                    timeout=self._timeout / 4,
                    ignore_unexpected=True,
                    raise_on_truncation=True,
                )
            except dns.message.Truncated:
                break
            except dns.exception.DNSException:
                # Lost, or forged: an answer to some other question.
                continue
        # Also where UDP is dropped on the way: RFC 7766 makes TCP a full equal.
        return dns.query.tcp(query, endpoint.address, port=endpoint.port, timeout=self._timeout / 2)


def _read(
    server: str, message: dns.message.Message, name: dns.name.Name, *, recurse: bool
) -> Reply:
    rcode = message.rcode()
    authoritative = bool(message.flags & dns.flags.AA)
    resolver = recurse and bool(message.flags & dns.flags.RA)
    if rcode not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
        refusal = rcode in (dns.rcode.REFUSED, dns.rcode.NOTAUTH)
        return Reply(server, problem=dns.rcode.to_text(rcode), refusal=refusal)
    if not authoritative and not resolver:
        cut = None if message.answer else _owner(message, dns.rdatatype.NS, name)
        return Reply(server, problem="not authoritative for the zone (lame)", refusal=True, cut=cut)
    try:
        followed = t.cast("dns.message.QueryMessage", message).resolve_chaining()
    except dns.exception.DNSException:
        return Reply(server, problem="a contradictory answer")
    return Reply(
        server,
        nxdomain=rcode == dns.rcode.NXDOMAIN,
        chain=tuple(rrset[0].target for rrset in followed.cnames),
        rrset=followed.answer,
        zone=_owner(message, dns.rdatatype.SOA, name),
    )


def _owner(
    message: dns.message.Message, rdtype: dns.rdatatype.RdataType, name: dns.name.Name
) -> dns.name.Name | None:
    """Of the authority section's record of a type, where ``name`` is at or below it."""
    for rrset in message.authority:
        if rrset.rdtype == rdtype and name.is_subdomain(rrset.name):
            return rrset.name
    return None


def text(name: dns.name.Name) -> str:
    """In lower case, without the final dot."""
    return name.to_text(omit_final_dot=True).lower()


def to_name(name: str) -> dns.name.Name | None:
    """The name as the DNS compares it; None for one that it cannot hold."""
    try:
        return dns.name.from_text(name)
    except (dns.exception.DNSException, UnicodeError):
        return None

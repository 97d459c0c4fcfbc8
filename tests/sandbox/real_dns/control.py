# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading and changing the records of a running DNS server, by query and dynamic update."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

import dns.exception
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdatatype
import dns.tsig
import dns.update

TIMEOUT = 5.0


@dataclass(frozen=True)
class Key:
    """A TSIG key: its name, algorithm (`hmac-sha256`) and secret (base64)."""

    name: str
    algorithm: str
    secret: str

    @classmethod
    def generate(cls, name: str) -> Key:
        return cls(name, "hmac-sha256", base64.b64encode(secrets.token_bytes(32)).decode())

    @property
    def tsig(self) -> dns.tsig.Key:
        return dns.tsig.Key(self.name, self.secret, self.algorithm)


class Control:
    """One server, seen by somebody who may update its zones."""

    def __init__(self, address: tuple[str, int], zones: Iterable[str], key: Key) -> None:
        self.address, self.key = address, key
        self.zones = [dns.name.from_text(zone) for zone in zones]

    def set(self, name: str, rdtype: str, *rdatas: str, ttl: int = 300) -> None:
        """Replace an RRset. A CNAME and other records drive each other out."""
        owner = dns.name.from_text(name)
        update = self._update(owner)
        update.delete(owner, *([] if rdtype == "CNAME" else ["CNAME"]))
        update.replace(owner, ttl, rdtype, *(_whole(rdtype, rdata) for rdata in rdatas))
        self._send(update)

    def delete(self, name: str, rdtype: str | None = None) -> None:
        """Remove an RRset or, without a type, all records of a name."""
        owner = dns.name.from_text(name)
        update = self._update(owner)
        update.delete(owner, *([rdtype] if rdtype else []))
        self._send(update)

    def get(self, name: str, rdtype: str) -> list[str]:
        """The data of an RRset as text, sorted; empty when there is none."""
        owner, kind = dns.name.from_text(name), dns.rdatatype.from_text(rdtype)
        query = dns.message.make_query(owner, kind, flags=0)
        host, port = self.address
        response = dns.query.tcp(query, host, timeout=TIMEOUT, port=port)
        return sorted(
            rdata.to_text()
            for rrset in response.answer
            if (rrset.name, rrset.rdtype) == (owner, kind)
            for rdata in rrset
        )

    def is_ready(self, timeout: float) -> bool:
        """Whether every zone is answered, by a server that has our key: nobody else's."""
        host, port = self.address
        try:
            for zone in self.zones:
                query = dns.message.make_query(zone, "SOA")
                query.use_tsig(self.key.tsig)
                response = dns.query.tcp(query, host, timeout=timeout, port=port)
                if response.rcode() != dns.rcode.NOERROR or not response.answer:
                    return False
        except (OSError, EOFError, dns.exception.DNSException):
            return False
        return True

    def _update(self, owner: dns.name.Name) -> dns.update.UpdateMessage:
        matching = [zone for zone in self.zones if owner.is_subdomain(zone)]
        if not matching:
            raise KeyError(f"no zone of the server holds {owner}")
        return dns.update.UpdateMessage(max(matching, key=len), keyring=self.key.tsig)

    def _send(self, update: dns.update.UpdateMessage) -> None:
        host, port = self.address
        response = dns.query.tcp(update, host, timeout=TIMEOUT, port=port)
        if response.rcode() != dns.rcode.NOERROR:
            raise RuntimeError(f"the update got {dns.rcode.to_text(response.rcode())}")


def _whole(rdtype: str, rdata: str) -> str:
    """Data whose name is whole whether or not it ends with a dot, as DnsServer.set takes it."""
    named = rdtype in ("CNAME", "NS", "PTR", "DNAME")
    return rdata + "." if named and not rdata.endswith(".") else rdata

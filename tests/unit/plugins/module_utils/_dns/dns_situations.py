# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A small Internet on loopback, and every situation that a tracking domain's DNS can be in."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import dns.resolver

from ansible_collections.mailops.email.plugins.module_utils._dns.live_dns import LiveDns
from ansible_collections.mailops.email.plugins.module_utils._dns.model import Finding, LookupRequest
from ansible_collections.mailops.email.tests.sandbox.dns_server import DnsServer, free_port

ZONE = "example.com"
NAME = "track.example.com"
TARGET = "track2.sendcloud.net"
RECORD = f"{NAME}. 300 IN CNAME {TARGET}."
VENDOR_HOST = "127.0.0.53"
VENDOR_ZONES = {
    "sendcloud.net": "track2 A 192.0.2.10\ntrack2 A 192.0.2.11\ntrack2 AAAA 2001:db8::10",
    "example.net": "other A 192.0.2.66\nback CNAME track2.sendcloud.net.",
}
# What a CNAME cannot stand beside, addresses apart; in the order of telling.
OTHER_RECORDS = {
    "TXT": "text",
    "MX": "10 mail",
    "CAA": '0 issue "letsencrypt.org"',
    "SRV": "0 0 443 www",
    "PTR": "www",
    "NAPTR": '100 10 "u" "sip+E2U" "!^.*$!sip:info@example.com!" .',
    "LOC": "52 22 23 N 4 53 32 E 0m",
    "SSHFP": "4 2 123456789abcdef67890123456789abcdef67890123456789abcdef123456789",
    "DS": "60485 5 1 2bb183af5f22588179a53b0a98631fad1a292118",
    "TLSA": "3 1 1 0d6fce3e8f0b9ea4a1d2fc38b5b4f9a1f63aa2ab1a5a3c0a0fcd9c8b6a3f6d41",
    "DNAME": "other.example.net.",
    "HTTPS": "1 . alpn=h2",
    "SVCB": "1 . alpn=h2",
}

# Each server takes its moment to notice that it is to stop; no test has to wait for that.
_STOPPING = ThreadPoolExecutor(max_workers=32)


class World:
    """A zone on name servers of its own, the vendor's zones, and a resolver that knows them all.

    :param records: of the zone, as text of a zone file.
    :param hosts: addresses of the zone's servers, called ns1, ns2 and so on.
    :param zones: further zones that the zone's servers serve.
    """

    def __init__(
        self,
        records: str = "",
        *,
        hosts: Sequence[str] = ("127.0.0.1", "127.0.0.2"),
        zone: str = ZONE,
        zones: dict[str, str] | None = None,
    ) -> None:
        self.port = free_port(*hosts, VENDOR_HOST)
        own = [f"@ NS ns{number}" for number, _host in enumerate(hosts, 1)]
        for number, host in enumerate(hosts, 1):
            own.append(f"ns{number} {'AAAA' if ':' in host else 'A'} {host}")
        text = "\n".join([*own, records])
        self.servers = [
            DnsServer({zone: text, **(zones or {})}, host=host, port=self.port) for host in hosts
        ]
        self.vendor = DnsServer(VENDOR_ZONES, host=VENDOR_HOST, port=self.port)
        self.resolver = DnsServer(recursive=True, share=(self.servers[0], self.vendor))

    def start(self) -> World:
        for server in (*self.servers, self.vendor, self.resolver):
            server.start()
        return self

    def stop(self) -> None:
        for server in (*self.servers, self.vendor, self.resolver):
            _STOPPING.submit(server.stop)

    def live(self, check: str = "authoritative", **options: Any) -> LiveDns:
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = [self.resolver.host], self.resolver.port
        options.setdefault("authoritative_port", self.port)
        return LiveDns(check=check, resolver=resolver, **options)

    def lookup(self, name: str = NAME, target: str | None = TARGET, **options: Any) -> Finding:
        return self.live(**options).lookup([LookupRequest(name, target)])[name]

    def asked(self) -> list[list[tuple[str, str]]]:
        """Name and type of the questions that came: to each of the zone's servers, then to the
        resolver. Forgets them."""
        log = []
        for server in (*self.servers, self.resolver):
            log.append([(query.name, query.rdtype) for query in server.queries])
            server.clear_logs()
        return log


def address(server: DnsServer) -> str:
    """As a user writes it in dns_servers."""
    host, port = server.address
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


@dataclass
class Situation:
    """What is published, and what has to be said about it, on every way of looking."""

    records: str
    status: str
    reason: Sequence[str]
    fix: str | None
    cname: Sequence[str] = ()
    a: Sequence[str] = ()
    types: Sequence[str] = ()
    agreed: bool = True
    points_at_target: bool | None = False
    hopeless: bool = False
    name: str = NAME
    target: str | None = TARGET


SITUATIONS = {
    "right": Situation(
        f"track 60 CNAME {TARGET}.",
        "ok",
        [f"{NAME} is a CNAME to {TARGET} (at "],
        None,
        cname=[TARGET],
        points_at_target=True,
    ),
    "right in other letters": Situation(
        "TRACK CNAME Track2.SendCloud.NET.",
        "ok",
        [f"is a CNAME to {TARGET}"],
        None,
        cname=[TARGET],
        points_at_target=True,
        target="TRACK2.sendcloud.net.",
    ),
    "an international name": Situation(
        f"xn--mller-kva CNAME {TARGET}.",
        "ok",
        [f"xn--mller-kva.example.com is a CNAME to {TARGET}"],
        None,
        cname=[TARGET],
        points_at_target=True,
        name="xn--mller-kva.example.com",
    ),
    "an underscore": Situation(
        f"_track CNAME {TARGET}.",
        "ok",
        ["_track.example.com is a CNAME"],
        None,
        cname=[TARGET],
        points_at_target=True,
        name="_track.example.com",
    ),
    "a chain in the zone": Situation(
        f"track CNAME hop\nhop CNAME {TARGET}.",
        "ok",
        ["by a chain", f"hop.example.com -> {TARGET}"],
        None,
        cname=["hop.example.com", TARGET],
        points_at_target=True,
    ),
    "a chain over another zone": Situation(
        "track CNAME back.example.net.",
        "ok",
        ["by a chain", f"back.example.net -> {TARGET}"],
        None,
        cname=["back.example.net", TARGET],
        points_at_target=True,
    ),
    "a chain that ends elsewhere": Situation(
        "track CNAME hop\nhop CNAME other.example.net.",
        "mismatch",
        [
            f"{NAME} is a CNAME to hop.example.com -> other.example.net",
            f"expected: a CNAME to {TARGET}",
        ],
        RECORD,
        cname=["hop.example.com", "other.example.net"],
    ),
    "a wildcard that ends at the target": Situation(
        f"* CNAME {TARGET}.",
        "ok",
        [f"is a CNAME to {TARGET}, by a wildcard rather than a record of its own"],
        None,
        cname=[TARGET],
        points_at_target=True,
    ),
    "a wildcard that ends elsewhere": Situation(
        "* CNAME other.example.net.",
        "wildcard",
        [
            f"There is no record at {NAME} itself",
            "a wildcard answers with a CNAME to other.example.net",
        ],
        RECORD,
        cname=["other.example.net"],
    ),
    "a wildcard of addresses": Situation(
        "* A 192.0.2.77\n* A 192.0.2.78",
        "wildcard",
        ["a wildcard answers with A 192.0.2.77, 192.0.2.78", f"expected: a CNAME to {TARGET}"],
        RECORD,
        a=["192.0.2.77", "192.0.2.78"],
    ),
    "a wildcard beside a record of its own": Situation(
        f"* CNAME other.example.net.\ntrack CNAME {TARGET}.",
        "ok",
        [f"{NAME} is a CNAME to {TARGET} (at"],
        None,
        cname=[TARGET],
        points_at_target=True,
    ),
    "a wildcard beside a wrong record": Situation(
        "* A 192.0.2.77\ntrack A 192.0.2.78",
        "conflict",
        ["A 192.0.2.78"],
        f"Remove A at {NAME}, then publish: {RECORD}",
        a=["192.0.2.78"],
        hopeless=True,
    ),
    "nothing": Situation(
        "",
        "missing",
        [f"There is no record at {NAME} (at", f"expected: a CNAME to {TARGET}"],
        RECORD,
    ),
    "a name with names below it alone": Situation(
        "deep.track TXT below",
        "missing",
        [f"There is no record at {NAME}"],
        RECORD,
    ),
    "another CNAME": Situation(
        "track CNAME other.example.net.",
        "mismatch",
        [f"{NAME} is a CNAME to other.example.net", f"expected: a CNAME to {TARGET}"],
        RECORD,
        cname=["other.example.net"],
    ),
    "a CNAME that has the target in it": Situation(
        f"track CNAME {TARGET}.example.net.",
        "mismatch",
        [f"{TARGET}.example.net, which does not exist"],
        RECORD,
        cname=[f"{TARGET}.example.net"],
    ),
    "a target without its final dot": Situation(
        f"track CNAME {TARGET}",
        "mismatch",
        [f"{NAME} is a CNAME to {TARGET}.example.com"],
        f"The zone was appended to the target: enter '{TARGET}.' with a dot at its end. "
        f"Publish: {RECORD}",
        cname=[f"{TARGET}.example.com"],
    ),
    "an address": Situation(
        "track A 192.0.2.77\ntrack AAAA 2001:db8::77",
        "conflict",
        ["A 192.0.2.77 and AAAA 2001:db8::77", f"expected: a CNAME to {TARGET}"],
        f"Remove A and AAAA at {NAME}, then publish: {RECORD}",
        a=["192.0.2.77", "2001:db8::77"],
        hopeless=True,
    ),
    "text and mail records": Situation(
        'track TXT "v=spf1 -all"\ntrack MX 10 mail',
        "conflict",
        [f"There are other records at {NAME}", "TXT and MX"],
        f"Remove MX and TXT at {NAME}, then publish: {RECORD}",
        types=["TXT", "MX"],
        hopeless=True,
    ),
    "a CAA record": Situation(
        'track CAA 0 issue "letsencrypt.org"',
        "conflict",
        [f"There are other records at {NAME}", ": CAA (at ", f"expected: a CNAME to {TARGET}"],
        f"Remove CAA at {NAME}, then publish: {RECORD}",
        types=["CAA"],
        hopeless=True,
    ),
    "a redirection of all names below": Situation(
        "track DNAME other.example.net.",
        "conflict",
        [f"There are other records at {NAME}", "DNAME"],
        f"Remove DNAME at {NAME}, then publish: {RECORD}",
        types=["DNAME"],
        hopeless=True,
    ),
    "records of every other type": Situation(
        "\n".join(f"track {rdtype} {data}" for rdtype, data in OTHER_RECORDS.items()),
        "conflict",
        [f"{', '.join([*OTHER_RECORDS][:-1])} and SVCB"],
        f"Remove {', '.join(sorted(OTHER_RECORDS)[:-1])} and TXT at {NAME}, then publish: {RECORD}",
        types=[*OTHER_RECORDS],
        hopeless=True,
    ),
    "the zone itself": Situation(
        "",
        "apex",
        ["example.com is the apex of a zone", "RFC 1034 3.6.2"],
        "A CNAME is not possible at a zone's apex (RFC 1034 3.6.2): use a subdomain such as "
        "track.example.com as the tracking domain",
        name=ZONE,
        hopeless=True,
    ),
    "flattened": Situation(
        "track A 192.0.2.11\ntrack AAAA 2001:db8::10",
        "proxied",
        ["192.0.2.11, 2001:db8::10", "proxied or flattened"],
        "Switch off the proxy (orange cloud / ALIAS flattening) for this record, so that the DNS "
        f"shows: {RECORD}",
        a=["192.0.2.11", "2001:db8::10"],
        points_at_target=True,
    ),
    "flattened in part": Situation(
        "track A 192.0.2.11\ntrack A 192.0.2.77",
        "conflict",
        ["A 192.0.2.11, 192.0.2.77"],
        f"Remove A at {NAME}, then publish: {RECORD}",
        a=["192.0.2.11", "192.0.2.77"],
        points_at_target=True,
        hopeless=True,
    ),
    "behind Cloudflare's proxy": Situation(
        "track A 104.21.3.4\ntrack AAAA 2606:4700::6815:304",
        "proxied",
        ["104.21.3.4"],
        "Switch off the proxy (orange cloud / ALIAS flattening) for this record, so that the DNS "
        f"shows: {RECORD}",
        a=["104.21.3.4", "2606:4700::6815:304"],
        points_at_target=None,
    ),
    "the zone twice": Situation(
        f"{NAME} CNAME {TARGET}.",
        "doubled_zone",
        [f"is not at {NAME} but at {NAME}.{ZONE}", f"a CNAME to {TARGET}"],
        f"Your DNS panel appends the zone: enter 'track' rather than '{NAME}'. Remove "
        f"{NAME}.{ZONE}, and publish: {RECORD}",
        hopeless=True,
    ),
    "the zone twice under a wildcard": Situation(
        f"{NAME} CNAME {TARGET}.\n* CNAME other.example.net.",
        "doubled_zone",
        [f"at {NAME}.{ZONE}"],
        f"Your DNS panel appends the zone: enter 'track' rather than '{NAME}'. Remove "
        f"{NAME}.{ZONE}, and publish: {RECORD}",
        cname=["other.example.net"],
        hopeless=True,
    ),
    "a loop": Situation(
        "track CNAME round\nround CNAME track",
        "loop",
        [f"form a loop: {NAME} -> round.example.com -> {NAME}"],
        RECORD,
        cname=["round.example.com", NAME],
    ),
    "a CNAME to itself": Situation(
        "track CNAME track",
        "loop",
        [f"{NAME} -> {NAME}"],
        RECORD,
        cname=[NAME],
    ),
    "an endless chain": Situation(
        "track CNAME c0\n" + "\n".join(f"c{step} CNAME c{step + 1}" for step in range(30)),
        "mismatch",
        ["c3.example.com -> c4.example.com", "this chain is too long to follow"],
        RECORD,
        cname=[f"c{step}.example.com" for step in range(17)],
        agreed=False,
        points_at_target=None,
    ),
    "a chain that is too long and ends at the target": Situation(
        "track CNAME c0\n"
        + "\n".join(f"c{step} CNAME c{step + 1}" for step in range(16))
        + f"\nc16 CNAME {TARGET}.",
        "mismatch",
        ["this chain is too long to follow"],
        RECORD,
        cname=[f"c{step}.example.com" for step in range(17)],
        agreed=False,
        points_at_target=None,
    ),
    "a long chain that ends at the target": Situation(
        "track CNAME c0\n"
        + "\n".join(f"c{step} CNAME c{step + 1}" for step in range(15))
        + f"\nc15 CNAME {TARGET}.",
        "ok",
        ["by a chain"],
        None,
        cname=[*(f"c{step}.example.com" for step in range(16)), TARGET],
        points_at_target=True,
    ),
    "a target that does not exist": Situation(
        "track CNAME gone.sendcloud.net.",
        "dangling_target",
        ["leads to gone.sendcloud.net as it should, but gone.sendcloud.net does not exist"],
        "Ask the provider for the current target, because gone.sendcloud.net does not exist",
        cname=["gone.sendcloud.net"],
        points_at_target=True,
        target="gone.sendcloud.net",
    ),
    "a target that nobody said": Situation(
        f"track CNAME {TARGET}.",
        "unknown",
        [f"is a CNAME to {TARGET}, but the expected target is not known"],
        "Set the target that the provider shows for this account, and run again",
        cname=[TARGET],
        points_at_target=None,
        target=None,
    ),
    "nothing, and nobody said the target": Situation(
        "",
        "missing",
        [f"There is no record at {NAME} (at"],
        f"Publish a CNAME at {NAME} to the target that the provider names",
        target=None,
    ),
    "an address, and nobody said the target": Situation(
        "track A 192.0.2.11",
        "conflict",
        ["A 192.0.2.11"],
        f"Remove A at {NAME}, then publish: a CNAME at {NAME} to the target that the provider names",
        a=["192.0.2.11"],
        points_at_target=None,
        hopeless=True,
        target=None,
    ),
    "text, and nobody said the target": Situation(
        "track TXT text",
        "conflict",
        ["TXT"],
        f"Remove TXT at {NAME}, then publish: a CNAME at {NAME} to the target that the provider "
        "names",
        types=["TXT"],
        hopeless=True,
        target=None,
    ),
}

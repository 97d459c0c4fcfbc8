# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One question to one server, and how servers are written in dns_servers."""

from __future__ import annotations

from typing import Any

import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rrset
import pytest

from ansible_collections.mailops.email.plugins.module_utils._dns.client import DnsClient, Endpoint
from ansible_collections.mailops.email.plugins.module_utils._dns.live_dns import LiveDns
from ansible_collections.mailops.email.plugins.module_utils._errors import TrackingError
from ansible_collections.mailops.email.tests.sandbox.dns_server import DnsServer

HERE = dns.name.from_text("here.example.com")
MUTE = dns.name.from_text("mute.example.com")


def test_a_server_that_never_answered_is_given_up_and_another_is_not() -> None:
    with DnsServer({"example.com": "here A 192.0.2.1"}) as server:
        server.behaviour["mute.example.com"] = "timeout"
        endpoint = Endpoint(*server.address)
        client = DnsClient(timeout=0.4)
        assert client.query(endpoint, MUTE, "A", recurse=False).problem == "no answer within 0.4 s"
        assert client.query(endpoint, HERE, "A", recurse=False).problem == "no answer within 0.4 s"
        assert "here.example.com" not in [query.name for query in server.queries]

        client = DnsClient(timeout=0.4)
        assert client.query(endpoint, HERE, "A", recurse=False).data == ("192.0.2.1",)
        assert client.query(endpoint, MUTE, "A", recurse=False).problem == "no answer within 0.4 s"
        assert client.query(endpoint, HERE, "A", recurse=False).data == ("192.0.2.1",)


def test_the_cname_is_the_record_at_the_name_whatever_else_is_in_the_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def udp(query: dns.message.Message, *args: Any, **options: Any) -> dns.message.Message:
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.AA
        for owner, target in (("middle", "end"), ("here", "middle"), ("other", "here")):
            answer.answer.append(
                dns.rrset.from_text(
                    f"{owner}.example.com.", 300, "IN", "CNAME", f"{target}.example.com."
                )
            )
        return dns.message.from_wire(answer.to_wire())

    monkeypatch.setattr(dns.query, "udp", udp)
    response = DnsClient(timeout=0.4).query(Endpoint("127.0.0.1"), HERE, "CNAME", recurse=False)
    assert response.cnames == (dns.name.from_text("middle.example.com"),)


@pytest.mark.parametrize(
    "server",
    [
        "",
        "ns1.example.com",
        "192.0.2",
        "192.0.2.1:",
        "192.0.2.1:0",
        "192.0.2.1:65536",
        "192.0.2.1:dns",
        "[192.0.2.1]:53",
        "[::1",
        "::1]:53",
        "https://192.0.2.1/dns-query",
    ],
)
def test_a_bad_entry_in_dns_servers(server: str) -> None:
    with pytest.raises(TrackingError) as caught:
        LiveDns(check="authoritative", servers=["192.0.2.1", server])
    assert caught.value.code == "validation"
    assert repr(server) in caught.value.message
    assert "dns_servers" in caught.value.message
    assert "192.0.2.53:5353" in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("server", "called"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("192.0.2.1:53", "192.0.2.1"),
        ("192.0.2.1:5353", "192.0.2.1:5353"),
        ("::1", "::1"),
        ("[::1]", "::1"),
        ("[2001:DB8::1]:5353", "[2001:db8::1]:5353"),
    ],
)
def test_how_dns_servers_are_written(server: str, called: str) -> None:
    assert str(Endpoint.parse(server)) == called

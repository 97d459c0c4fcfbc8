# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looks at DNS servers on loopback that serve each very situation."""

from __future__ import annotations

import errno
import functools
import itertools
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dns.exception
import dns.message
import dns.name
import dns.query
import dns.rdatatype
import dns.resolver
import dns.rrset
import pytest

from ansible_collections.mailops.email.plugins.module_utils._dns import (
    client,
    live_dns,
    lookup,
    probe,
    zones,
)
from ansible_collections.mailops.email.plugins.module_utils._dns.client import (
    DnsClient,
    Endpoint,
    Response,
    to_text,
)
from ansible_collections.mailops.email.plugins.module_utils._dns.live_dns import LiveDns
from ansible_collections.mailops.email.plugins.module_utils._dns.model import Finding, LookupRequest
from ansible_collections.mailops.email.plugins.module_utils._errors import TrackingError
from ansible_collections.mailops.email.tests.sandbox.dns_server import DnsServer
from ansible_collections.mailops.email.tests.unit.plugins.module_utils._dns import dns_situations
from ansible_collections.mailops.email.tests.unit.plugins.module_utils._dns.dns_situations import (
    NAME,
    OTHER_RECORDS,
    RECORD,
    SITUATIONS,
    TARGET,
    ZONE,
    Situation,
    World,
    address,
)

RIGHT = f"track CNAME {TARGET}."
THREE = ("127.0.0.1", "127.0.0.2", "127.0.0.3")
# For tests in which some answer never comes: see ``silence_is_short``.
SHORT = 20
_SILENCE = 0.15

MakeWorld = Callable[..., World]


@pytest.fixture(autouse=True)
def silence_is_short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting for what never comes is short; all that does come has as long as a busy machine needs."""
    running: dict[tuple[str, int], DnsServer] = {}
    start, stop = DnsServer.start, DnsServer.stop

    def started(server: DnsServer) -> Any:
        made = start(server)
        running[server.address] = server
        return made

    def stopped(server: DnsServer) -> None:
        running.pop(server.address, None)
        stop(server)

    monkeypatch.setattr(DnsServer, "start", started)
    monkeypatch.setattr(DnsServer, "stop", stopped)
    for transport in ("udp", "tcp"):
        ask = getattr(dns.query, transport)

        @functools.wraps(ask)
        def shortened(
            query: Any,
            where: str,
            *,
            port: int,
            timeout: float,
            ask: Any = ask,
            silent: tuple[str, ...] = ("timeout", f"timeout_{transport}"),
            **more: Any,
        ) -> Any:
            server = running.get((where, port))
            if server is None or server._behaviour(query) in silent:
                timeout = min(timeout, _SILENCE)
            return ask(query, where, port=port, timeout=timeout, **more)

        monkeypatch.setattr(dns.query, transport, shortened)


@pytest.fixture
def make_world() -> Iterator[MakeWorld]:
    worlds: list[World] = []

    def make(*args: object, **kwargs: object) -> World:
        worlds.append(World(*args, **kwargs))  # type: ignore[arg-type]
        return worlds[-1].start()

    yield make
    for world in worlds:
        world.stop()


def servers_of(finding: Finding) -> list[str]:
    return [found["server"] for found in finding.found]


# --- every situation, on every way of looking ------------------------------------------------


@pytest.mark.parametrize("way", ["authoritative", "dns_servers", "recursive"])
@pytest.mark.parametrize("situation", SITUATIONS.values(), ids=SITUATIONS)
def test_situation(make_world: MakeWorld, situation: Situation, way: str) -> None:
    world = make_world(situation.records)
    options = {
        "authoritative": {},
        "dns_servers": {"servers": [address(world.resolver)]},
        "recursive": {"check": "recursive"},
    }[way]
    finding = world.lookup(situation.name, situation.target, **options)
    asked = world.asked()

    assert finding.status == situation.status, finding.reason
    assert all(part in finding.reason for part in situation.reason), finding.reason
    assert finding.fix == situation.fix
    assert finding.zone == ZONE
    assert finding.agreed is situation.agreed
    assert finding.definitive is (situation.status != "unknown")
    assert finding.hopeless is situation.hopeless
    assert finding.points_at_target is situation.points_at_target
    for found in finding.found:
        assert (found["cname"], found["a"]) == (list(situation.cname), list(situation.a))
        assert found["types"] == list(situation.types)
    if way == "authoritative":
        assert servers_of(finding) == ["ns1.example.com", "ns2.example.com"]
        # No resolver learns that the name does not exist, just before it is published.
        if situation.name != ZONE:
            assert situation.name not in [name for name, _rdtype in asked[-1]]
    else:
        assert servers_of(finding) == [address(world.resolver)]
        assert not any(asked[:-1])
    serves = situation.points_at_target or (situation.target is None and situation.cname)
    assert finding.served_by == (servers_of(finding) if serves else [])


def test_a_result_has_the_documented_keys_and_is_json(make_world: MakeWorld) -> None:
    finding = make_world("track 60 CNAME other.example.net.").lookup()
    result = finding.as_result()
    assert json.loads(json.dumps(result)) == result
    assert result == {
        "status": "mismatch",
        "reason": f"{NAME} is a CNAME to other.example.net (at ns1.example.com and "
        f"ns2.example.com); expected: a CNAME to {TARGET}.",
        "expected": TARGET,
        "found": [
            {
                "server": f"ns{n}.example.com",
                "cname": ["other.example.net"],
                "a": [],
                "types": [],
                "wildcard": False,
                "ttl": 60,
            }
            for n in (1, 2)
        ],
        "fix": RECORD,
        "zone": ZONE,
    }


# --- servers that disagree or fail -----------------------------------------------------------


def test_one_server_of_three_lags_behind_with_a_new_record(make_world: MakeWorld) -> None:
    world = make_world(RIGHT, hosts=THREE)
    world.servers[2].delete(NAME)
    finding = world.lookup()
    assert finding.status == "missing"
    assert not finding.agreed
    assert not finding.hopeless
    assert finding.points_at_target is True
    assert finding.served_by == ["ns1.example.com", "ns2.example.com"]
    assert [found["cname"] for found in finding.found] == [[TARGET], [TARGET], []]
    assert finding.reason.startswith(f"There is no record at {NAME} (at ns3.example.com)")
    assert (
        f"{NAME} is a CNAME to {TARGET} (at ns1.example.com and ns2.example.com)" in finding.reason
    )
    assert "ns3.example.com may just lag behind" in finding.reason
    assert (finding.fix or "").startswith("Do not publish anything: ns3.example.com does not")


def test_one_server_of_three_lags_behind_with_a_removal(make_world: MakeWorld) -> None:
    world = make_world("", hosts=THREE)
    world.servers[1].set(NAME, "CNAME", f"{TARGET}.")
    finding = world.lookup()
    assert finding.points_at_target is True
    assert finding.served_by == ["ns2.example.com"]


def test_each_server_shows_its_own_chain(make_world: MakeWorld) -> None:
    world = make_world(f"track CNAME hop\nhop CNAME {TARGET}.")
    world.servers[1].set("hop.example.com", "CNAME", "other.example.net.")
    finding = world.lookup()
    assert finding.status == "mismatch"
    assert finding.served_by == ["ns1.example.com"]


def test_the_worst_of_disagreeing_servers_counts_and_ends_no_wait(make_world: MakeWorld) -> None:
    world = make_world(RIGHT, hosts=THREE)
    world.servers[0].set(NAME, "CNAME", "other.example.net.")
    world.servers[1].delete(NAME)
    world.servers[1].set(NAME, "A", "192.0.2.77")
    finding = world.lookup()
    assert finding.status == "conflict"
    assert not finding.hopeless
    assert (finding.fix or "").startswith("Do not publish anything: ns1.example.com and ns2.")
    assert "ns1.example.com and ns2.example.com may just lag behind" in finding.reason


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        ("servfail", "ns1.example.com (SERVFAIL)"),
        ("refused", "ns1.example.com (REFUSED)"),
        ("lame", "ns1.example.com (not authoritative for the zone (lame))"),
        ("wrong_id", "ns1.example.com (an unreadable answer)"),
        ("timeout", f"ns1.example.com (no answer within {SHORT} s)"),
    ],
)
@pytest.mark.parametrize("records", [RIGHT, ""])
def test_a_failing_server_does_not_worsen_the_others(
    make_world: MakeWorld, records: str, behaviour: str, words: str
) -> None:
    world = make_world(records)
    world.servers[0].behaviour["*"] = behaviour
    finding = world.lookup(timeout=SHORT)
    assert finding.status == ("ok" if records else "missing")
    assert finding.definitive
    assert finding.agreed
    # Without a record elsewhere, that server may still have one.
    assert finding.points_at_target is (True if records else None)
    assert servers_of(finding) == ["ns2.example.com"]
    assert f"No definitive answer came from {words}." in finding.reason


@pytest.mark.parametrize(
    ("behaviour", "words", "ways"),
    [
        ("servfail", "(SERVFAIL)", 3),
        ("refused", "(REFUSED)", 3),
        ("timeout", f"(no answer within {SHORT} s)", 3),
        ("lame", "(lame)", 2),  # not a word that fits a resolver
    ],
)
def test_without_a_definitive_answer_nothing_is_known(
    make_world: MakeWorld, behaviour: str, words: str, ways: int
) -> None:
    world = make_world(RIGHT)
    for server in (*world.servers, world.resolver):
        server.behaviour[NAME] = behaviour
    options = [
        {},
        {"servers": [address(server) for server in world.servers]},
        {"check": "recursive"},
    ]
    for way in options[:ways]:
        finding = world.lookup(timeout=SHORT, **way)
        assert finding.status == "unknown"
        assert not finding.definitive
        assert not finding.agreed
        assert not finding.hopeless
        assert finding.points_at_target is None
        assert finding.found == []
        assert finding.zone == ZONE
        for part in (
            NAME,
            "not known which records",
            "No name server gave a definitive answer",
            words,
        ):
            assert part in finding.reason
        assert "dns_servers" in (finding.fix or "")


def test_a_silent_server_costs_a_set_its_time_out_once(make_world: MakeWorld) -> None:
    world = make_world("\n".join(f"t{n} CNAME {TARGET}." for n in range(100)))
    world.servers[1].behaviour["*"] = "timeout"
    questions = [LookupRequest(f"t{n}.example.com", TARGET) for n in range(100)]
    findings = world.live(timeout=SHORT).lookup(questions)
    assert {finding.status for finding in findings.values()} == {"ok"}
    # As many as are under way when the first is given up: each twice by UDP, once by TCP.
    assert len(world.servers[1].queries) <= 32 * 3


def test_servers_that_cannot_be_reached_cost_a_set_one_time_out(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two of a zone's four servers are silent, one has IPv6 alone, and so is a resolver."""
    without_ipv6(monkeypatch)
    names = [f"t.z{n}.example.com" for n in range(50)]
    world = make_world(
        "\n".join([f"t.z{n} CNAME {TARGET}." for n in range(50)] + ["@ NS six\nsix AAAA ::1"]),
        hosts=THREE,
    )
    mute_resolver = DnsServer(host="127.0.0.9", port=world.resolver.port)
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers = [mute_resolver.host, world.resolver.host]
    resolver.port = world.resolver.port
    live = LiveDns(
        check="authoritative", timeout=SHORT, resolver=resolver, authoritative_port=world.port
    )
    with mute_resolver:
        mute = [world.servers[1], world.servers[2], mute_resolver]
        for server in mute:
            server.behaviour["*"] = "timeout"
        findings = live.lookup([LookupRequest(name, TARGET) for name in names])
    for finding in findings.values():
        assert (finding.status, finding.agreed) == ("ok", True)
        assert servers_of(finding) == ["ns1.example.com"]
        for unreachable in ("ns2", "ns3", "six"):
            assert f"{unreachable}.example.com (no" in finding.reason
    # At most as many as are under way at once wait for each, and none that begins later does.
    for server in mute:
        assert 0 < len({query.name for query in server.queries}) <= 32


def test_a_server_that_answers_other_questions_is_asked_on(make_world: MakeWorld) -> None:
    world = make_world(f"{RIGHT}\nmute CNAME {TARGET}.", hosts=["127.0.0.1"])
    world.servers[0].behaviour["mute.example.com"] = "timeout"
    live = world.live(timeout=SHORT)
    names = ["mute.example.com", NAME]
    findings = live.lookup([LookupRequest(name, TARGET) for name in names])
    assert [findings[name].status for name in names] == ["unknown", "ok"]


# --- the network -----------------------------------------------------------------------------


def test_an_answer_truncated_by_udp_is_taken_by_tcp(make_world: MakeWorld) -> None:
    world = make_world(RIGHT)
    for server in world.servers:
        server.behaviour[NAME] = "truncate_udp"
    assert world.lookup().status == "ok"
    assert [query.transport for query in world.servers[1].queries if query.name == NAME] == [
        "udp",
        "tcp",
    ]


def test_where_udp_is_dropped_tcp_answers(make_world: MakeWorld) -> None:
    world = make_world(RIGHT, hosts=["127.0.0.1"])
    world.servers[0].behaviour["*"] = "timeout_udp"
    assert world.lookup(timeout=2 * SHORT).status == "ok"


def test_a_server_by_ipv6_alone(make_world: MakeWorld) -> None:
    world = make_world(RIGHT, hosts=["::1"])
    finding = world.lookup()
    assert finding.status == "ok"
    assert servers_of(finding) == ["ns1.example.com"]


def test_ipv6_is_asked_where_ipv4_does_not_answer_and_only_then(make_world: MakeWorld) -> None:
    world = make_world(RIGHT, hosts=["::1"])
    world.servers[0].set("ns1.example.com", "A", "127.0.0.9")  # nobody listens there
    finding = world.lookup(timeout=SHORT)
    assert finding.status == "ok"
    assert servers_of(finding) == ["ns1.example.com"]

    world = make_world(RIGHT, hosts=["127.0.0.1"])
    world.servers[0].set("ns1.example.com", "AAAA", "2001:db8::53")  # not reachable, and no fault
    finding = world.lookup()
    assert finding.status == "ok"
    assert "No definitive answer" not in finding.reason


def without_ipv6(monkeypatch: pytest.MonkeyPatch) -> None:
    for transport in (dns.query.udp, dns.query.tcp):

        def ask(*args: Any, transport: Callable[..., Any] = transport, **options: Any) -> Any:
            if ":" in args[1]:
                raise OSError(errno.EAFNOSUPPORT, os.strerror(errno.EAFNOSUPPORT))
            return transport(*args, **options)

        monkeypatch.setattr(dns.query, transport.__name__, ask)


def test_a_host_without_ipv6(make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    without_ipv6(monkeypatch)
    for records in (RIGHT, ""):
        world = make_world(f"{records}\n@ NS six\nsix AAAA 2001:db8::53", hosts=["127.0.0.1"])
        world.servers[0].set("ns1.example.com", "AAAA", "2001:db8::54")
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers = ["2001:db8::55", world.resolver.host]
        resolver.port = world.resolver.port
        for check in ("authoritative", "recursive"):
            live = LiveDns(check=check, resolver=resolver, authoritative_port=world.port)
            finding = live.lookup([LookupRequest(NAME, TARGET)])[NAME]
            assert finding.status == ("ok" if records else "missing")
            assert finding.agreed
            if check == "authoritative":
                assert finding.points_at_target is (True if records else None)
                assert servers_of(finding) == ["ns1.example.com"]
                assert "came from six.example.com (not reachable: " in finding.reason
            else:
                assert finding.points_at_target is bool(records)
                assert "No definitive answer" not in finding.reason


def test_a_server_without_an_address(make_world: MakeWorld) -> None:
    world = make_world(f"{RIGHT}\n@ NS ns9")
    finding = world.lookup()
    assert finding.status == "ok"
    assert "ns9.example.com (no address of it could be found)" in finding.reason


def test_a_host_without_a_working_resolver(make_world: MakeWorld) -> None:
    world = make_world(RIGHT)
    world.resolver.behaviour["*"] = "servfail"
    finding = world.lookup()
    assert (finding.status, finding.zone, finding.found) == ("unknown", None, [])
    assert (
        f"the zone of {ZONE} could not be found, asking {address(world.resolver)}: SERVFAIL"
        in finding.reason
    )
    world.resolver.stop()
    assert world.lookup(timeout=SHORT).status == "unknown"


def failing(monkeypatch: pytest.MonkeyPatch, *failing_types: str) -> None:
    """Every server fails at these types."""
    asked = DnsClient.query

    def query(
        self: DnsClient, endpoint: Endpoint, name: dns.name.Name, rdtype: str, **options: Any
    ) -> Response:
        if rdtype in failing_types and to_text(name) == NAME:
            return Response(str(endpoint), problem="SERVFAIL")
        return asked(self, endpoint, name, rdtype, **options)

    monkeypatch.setattr(DnsClient, "query", query)


def test_a_server_that_fails_at_addresses_might_hide_those_of_the_target(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(monkeypatch, "A", "AAAA")
    finding = make_world("track A 192.0.2.10").lookup()
    assert finding.status == "unknown"
    assert finding.points_at_target is None
    assert "(no CNAME, but asking for A records gave SERVFAIL)" in finding.reason


def test_a_server_that_fails_at_the_newest_types_has_a_definitive_answer(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(monkeypatch, "HTTPS", "SVCB")
    assert make_world("deep.track TXT below").lookup().status == "missing"
    assert make_world("track CAA 0 issue letsencrypt.org").lookup().status == "conflict"


def test_the_next_look_forgets(make_world: MakeWorld) -> None:
    world = make_world("")
    live = world.live()
    question = LookupRequest(NAME, TARGET)
    assert live.lookup([question])[NAME].status == "missing"
    for server in world.servers:
        server.set(NAME, "CNAME", f"{TARGET}.", ttl=77)
    finding = live.lookup([question])[NAME]
    assert finding.status == "ok"
    assert [found["ttl"] for found in finding.found] == [77, 77]
    world.vendor.delete(TARGET)
    assert live.lookup([question])[NAME].status == "dangling_target"


def test_the_next_look_finds_the_servers_anew(make_world: MakeWorld) -> None:
    world = make_world(RIGHT)
    live = world.live(timeout=SHORT)
    question = LookupRequest(NAME, TARGET)
    world.servers[1].behaviour["*"] = "timeout"
    assert servers_of(live.lookup([question])[NAME]) == ["ns1.example.com"]
    del world.servers[1].behaviour["*"]
    finding = live.lookup([question])[NAME]
    assert servers_of(finding) == ["ns1.example.com", "ns2.example.com"]
    assert "No definitive answer" not in finding.reason
    world.servers[0].set(ZONE, "NS", "ns2.example.com.")
    assert servers_of(live.lookup([question])[NAME]) == ["ns2.example.com"]


# --- zones -----------------------------------------------------------------------------------


def test_a_name_that_is_delegated_is_an_apex(make_world: MakeWorld) -> None:
    finding = make_world("track NS ns.elsewhere.test.").lookup()
    assert finding.status == "apex"
    assert finding.zone == NAME
    assert finding.hopeless
    # Its own servers might have anything.
    assert finding.points_at_target is None
    assert "such as link.track.example.com" in (finding.fix or "")


@pytest.mark.parametrize("check", ["authoritative", "recursive"])
def test_a_name_that_is_a_zone_at_the_same_server_is_an_apex(
    make_world: MakeWorld, check: str
) -> None:
    world = make_world("", zones={NAME: "@ A 192.0.2.10"})
    finding = world.lookup(check=check)
    assert (finding.status, finding.zone) == ("apex", NAME)
    assert finding.found[0]["a"] == ["192.0.2.10"]


def test_a_name_deep_in_its_zone(make_world: MakeWorld) -> None:
    name = "track.mail.eu.example.com"
    world = make_world(f"track.mail.eu CNAME {TARGET}.")
    finding = world.lookup(name)
    assert (finding.status, finding.zone) == ("ok", ZONE)
    for server in world.servers:
        server.delete(name)
    assert world.lookup(name).status == "missing"


@pytest.mark.parametrize("alias", ["www.example.com.", "example.com.", "www.sendcloud.net."])
def test_a_zone_behind_an_alias_is_not_taken_for_the_names(
    make_world: MakeWorld, alias: str
) -> None:
    eu = f"@ NS ns1.example.com.\nmail CNAME {alias}\ntrack.mail CNAME {TARGET}."
    world = make_world("www A 192.0.2.5", zones={"eu.example.com": eu})
    finding = world.lookup("track.mail.eu.example.com")
    assert (finding.status, finding.zone) == ("ok", "eu.example.com")


def test_a_domain_that_nobody_registered(make_world: MakeWorld) -> None:
    world = make_world("", zone="test", zones={"other.test": ""})
    finding = world.lookup("track.example.test")
    assert (finding.status, finding.zone) == ("missing", "test")
    assert "check that the domain is registered and delegated" in finding.reason


# --- dns_servers -----------------------------------------------------------------------------


def test_servers_that_know_the_zone_alone(make_world: MakeWorld) -> None:
    """Such as the sandbox's: the target's zone is not theirs, so whether it exists is not known."""
    world = make_world(f"{RIGHT}\nother CNAME other.example.net.\nflat A 192.0.2.10")
    servers = [address(server) for server in world.servers]
    finding = world.lookup(servers=servers)
    assert finding.status == "ok"
    assert finding.zone == ZONE
    assert servers_of(finding) == servers
    assert world.lookup("nothing.example.com", servers=servers).status == "missing"
    assert world.lookup(ZONE, servers=servers).status == "apex"

    finding = world.lookup("other.example.com", servers=servers)
    assert finding.status == "mismatch"
    assert "other.example.net, for which the queried servers are not responsible" in finding.reason
    assert finding.points_at_target is None  # it might, from there

    finding = world.lookup("flat.example.com", servers=servers)
    assert (finding.status, finding.points_at_target) == ("conflict", None)  # they might be its
    assert not world.asked()[-1]


def test_servers_for_one_zone_each(make_world: MakeWorld) -> None:
    world = make_world("track CNAME other.example.net.")
    servers = [address(world.servers[0]), address(world.vendor)]
    finding = world.lookup(servers=servers)
    assert finding.status == "mismatch"
    assert finding.points_at_target is False
    assert servers_of(finding) == servers[:1]
    assert f"No definitive answer came from {servers[1]} (REFUSED)" in finding.reason


def test_a_chain_that_cannot_be_followed_just_now_decides_nothing(make_world: MakeWorld) -> None:
    world = make_world("track CNAME back.example.net.")
    world.resolver.behaviour["back.example.net"] = "servfail"
    finding = world.lookup()
    assert finding.status == "unknown"
    assert "a CNAME to back.example.net, but asking for back.example.net gave SERVFAIL" in (
        finding.reason
    )


def test_a_target_that_cannot_be_looked_up_just_now_is_taken_to_exist(
    make_world: MakeWorld,
) -> None:
    world = make_world(RIGHT)
    world.resolver.behaviour[TARGET] = "servfail"
    assert world.lookup().status == "ok"


@pytest.mark.parametrize("behaviour", ["servfail", "refused", "timeout"])
def test_addresses_may_be_those_of_a_target_that_cannot_be_looked_up(
    make_world: MakeWorld, behaviour: str
) -> None:
    world = make_world("track A 192.0.2.10")
    world.resolver.behaviour[TARGET] = behaviour
    finding = world.lookup(timeout=SHORT)
    assert finding.status == "conflict"
    assert finding.points_at_target is None
    assert not finding.hopeless
    assert f"The addresses of {TARGET} could not be looked up (asking " in finding.reason
    assert f"{NAME} may be flattened to them" in finding.reason


def test_a_target_without_addresses_of_a_type_is_known(make_world: MakeWorld) -> None:
    world = make_world("track AAAA 2001:db8::10")
    world.vendor.delete(TARGET, "AAAA")
    finding = world.lookup()
    assert (finding.status, finding.points_at_target, finding.hopeless) == ("conflict", False, True)


def test_a_target_behind_too_long_a_chain_is_not_known(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By servers that do not follow chains."""
    link = dns.name.from_text("next.example.net")
    query_resolvers = zones.Zones.query_resolvers

    def endless(self: zones.Zones, name: dns.name.Name, rdtype: str) -> Response:
        if to_text(name) in (TARGET, to_text(link)):
            return Response("192.0.2.53", chain=(link,))
        return query_resolvers(self, name, rdtype)

    monkeypatch.setattr(zones.Zones, "query_resolvers", endless)
    finding = make_world("track A 192.0.2.10").lookup()
    assert finding.points_at_target is None
    assert "(asking 192.0.2.53: a chain of more than 16 CNAMEs)" in finding.reason


# --- wildcards -------------------------------------------------------------------------------


def deaf_to_the_random_label(*servers: DnsServer) -> None:
    """Fail at the name that nobody published, by which a wildcard is told."""
    for server in servers:
        server.behaviour[f"{probe._RANDOM_LABEL}.{ZONE}"] = "servfail"


@pytest.mark.parametrize("deaf", [0, 1])
@pytest.mark.parametrize("records", ["* A 192.0.2.77", "* CNAME other.example.net."])
def test_where_one_server_cannot_tell_a_wildcard_the_next_is_asked(
    make_world: MakeWorld, records: str, deaf: int
) -> None:
    world = make_world(records)
    deaf_to_the_random_label(world.servers[deaf])
    finding = world.lookup()
    assert finding.status == "wildcard"
    assert finding.agreed


@pytest.mark.parametrize(
    ("records", "status"),
    [("* A 192.0.2.77", "conflict"), ("* CNAME other.example.net.", "mismatch")],
)
def test_where_no_server_can_tell_a_wildcard_nothing_is_hopeless(
    make_world: MakeWorld, records: str, status: str
) -> None:
    world = make_world(records)
    deaf_to_the_random_label(*world.servers)
    live = world.live()
    question = LookupRequest(NAME, TARGET)
    finding = live.lookup([question])[NAME]
    assert finding.status == status
    assert not finding.hopeless
    assert not finding.agreed
    assert f"It is not known whether a wildcard answers for {NAME}" in finding.reason
    for server in world.servers:
        server.behaviour.clear()
    assert live.lookup([question])[NAME].status == "wildcard"


def test_a_finding_says_that_a_wildcard_leads_to_the_target(make_world: MakeWorld) -> None:
    assert make_world(f"* CNAME {TARGET}.").lookup().wildcard
    assert not make_world(RIGHT).lookup().wildcard


# --- several CNAMEs --------------------------------------------------------------------------


def several(server: DnsServer, monkeypatch: pytest.MonkeyPatch, name: str, *targets: str) -> None:
    """No zone file holds several CNAMEs at a name, but there are servers that do."""
    answer = server._answer

    def answer_with_several(request: dns.message.Message, response: dns.message.Message) -> None:
        answer(request, response)
        question = request.question[0]
        if question.name == dns.name.from_text(name) and question.rdtype == dns.rdatatype.CNAME:
            response.answer = [
                dns.rrset.from_text(question.name, 300, "IN", "CNAME", f"{target}.")
                for target in targets
            ]

    monkeypatch.setattr(server, "_answer", answer_with_several)


@pytest.mark.parametrize("targets", [(TARGET, "a.example.net"), ("z.example.net", TARGET)])
def test_any_of_two_cnames_may_lead_to_the_target(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch, targets: tuple[str, str]
) -> None:
    for first in (targets, targets[::-1]):
        world = make_world("track CNAME hop", hosts=["127.0.0.1"])
        several(world.servers[0], monkeypatch, NAME, *first)
        finding = world.lookup()
        other = (set(targets) - {TARGET}).pop()
        assert finding.status == "conflict"
        assert finding.hopeless
        assert finding.points_at_target is True
        assert finding.served_by == ["ns1.example.com"]
        assert finding.found[0]["cname"] == [TARGET, other]
        assert finding.reason.startswith(f"There are 2 CNAMEs at {NAME}, to {TARGET} and {other},")


def test_two_cnames_that_lead_elsewhere(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make_world("track CNAME hop", hosts=["127.0.0.1"])
    several(world.servers[0], monkeypatch, NAME, "a.example.net", "other.example.net")
    finding = world.lookup()
    assert (finding.status, finding.points_at_target) == ("conflict", False)
    assert "a.example.net and other.example.net" in finding.reason


def test_two_cnames_further_on_in_a_chain(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make_world("track CNAME hop\nhop CNAME hop2", hosts=["127.0.0.1"])
    several(world.servers[0], monkeypatch, "hop.example.com", "a.example.net", "back.example.net")
    finding = world.lookup()
    assert finding.points_at_target is True
    assert finding.found[0]["cname"] == ["hop.example.com", "back.example.net", TARGET]


# --- whether a name may be given up ------------------------------------------------------------

# What stands at the name, whether it leads to the provider, and whether that it cannot be known hangs
# on addresses alone.
LEADS, FREE, UNKNOWN, BY_ADDRESSES = (True, False), (False, False), (None, False), (None, True)
TO_GIVE_UP: dict[str, tuple[str, tuple[bool | None, bool]]] = {
    "nothing": ("", FREE),
    "text": ("track TXT text", FREE),
    "another CNAME": ("track CNAME other.example.net.", FREE),
    "another CNAME to nowhere": ("track CNAME gone.example.net.", FREE),
    "the target": (RIGHT, LEADS),
    "a chain to the target": ("track CNAME back.example.net.", LEADS),
    "another target of the account": ("track CNAME old.sendcloud.org.", LEADS),
    "a chain to another target": (
        "track CNAME hop\nhop CNAME hop2\nhop2 CNAME old.sendcloud.org.",
        LEADS,
    ),
    "a name beside the target": ("track CNAME track3.sendcloud.net.", UNKNOWN),
    "a chain over a name beside the target": ("track CNAME away.sendcloud.net.", UNKNOWN),
    "a name that ends alike": ("track CNAME notsendcloud.net.", FREE),
    "unrelated addresses": ("track A 192.0.2.77\ntrack AAAA 2001:db8::77", FREE),
    "one of the target's addresses": ("track A 192.0.2.10", LEADS),
    "all of the target's addresses": ("track A 192.0.2.10\ntrack A 192.0.2.11", LEADS),
    "an address of the target beside another": ("track A 192.0.2.10\ntrack A 192.0.2.77", LEADS),
    "an A of the target and another AAAA": ("track A 192.0.2.10\ntrack AAAA 2001:db8::77", LEADS),
    "another A and an AAAA of the target": ("track A 192.0.2.77\ntrack AAAA 2001:DB8::10", LEADS),
    "an address of another target": ("track A 192.0.2.20", LEADS),
    "a wildcard to the target": (f"* CNAME {TARGET}.", LEADS),
    "a wildcard with an address of the target": ("* A 192.0.2.10\n* A 192.0.2.77", LEADS),
    "a wildcard to elsewhere": ("* CNAME other.example.net.", FREE),
    "a proxy's address": ("track A 104.21.3.4", BY_ADDRESSES),
    "a proxy's address beside another": ("track A 104.21.3.4\ntrack A 192.0.2.77", BY_ADDRESSES),
    "a CNAME to an address of the target": ("track CNAME hop\nhop A 192.0.2.10", LEADS),
    "a CNAME to an address of the target elsewhere": ("track CNAME flat.example.net.", LEADS),
    "a CNAME to a proxy in the zone": ("track CNAME hop\nhop A 104.21.3.4", BY_ADDRESSES),
    "a CNAME to a proxy of others": ("track CNAME proxy.example.net.", FREE),
    "a loop": ("track CNAME round\nround CNAME track", FREE),
}
OLD_TARGET = "old.sendcloud.org"
MORE_OF_THE_VENDOR = {
    "sendcloud.org": "old A 192.0.2.20",
    "sendcloud.net": "track2 A 192.0.2.10\ntrack2 A 192.0.2.11\ntrack2 AAAA 2001:db8::10\n"
    "away CNAME other.example.net.",
    "example.net": "other A 192.0.2.66\nback CNAME track2.sendcloud.net.\nflat A 192.0.2.11\n"
    "proxy A 104.21.3.4",
    "notsendcloud.net": "@ A 192.0.2.66",
}


@pytest.fixture
def vendors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dns_situations, "VENDOR_ZONES", MORE_OF_THE_VENDOR)


def give_up(world: World, way: str = "authoritative", **given: Any) -> Finding:
    options = {
        "authoritative": {},
        "dns_servers": {"servers": [address(world.resolver)]},
        "recursive": {"check": "recursive"},
    }[way]
    values: dict[str, Any] = {"target": TARGET, "other_targets": (OLD_TARGET,), **given}
    question = LookupRequest(values.pop("name", NAME), to_delete=True, **values)
    return world.live(**options).lookup([question])[question.name]


def verdict(finding: Finding) -> tuple[bool | None, bool]:
    return finding.points_at_target, finding.only_addresses


@pytest.mark.usefixtures("vendors")
@pytest.mark.parametrize("way", ["authoritative", "dns_servers", "recursive"])
@pytest.mark.parametrize(("records", "expected"), TO_GIVE_UP.values(), ids=TO_GIVE_UP)
def test_a_name_is_free_where_it_is_known_to_lead_elsewhere(
    make_world: MakeWorld, records: str, expected: tuple[bool | None, bool], way: str
) -> None:
    finding = give_up(make_world(records), way)
    assert verdict(finding) == expected, finding.reason
    assert bool(finding.served_by) is (expected == LEADS)


@pytest.mark.parametrize(
    ("records", "expected"),
    [(RIGHT, UNKNOWN), ("track A 192.0.2.77", BY_ADDRESSES), ("track TXT text", FREE), ("", FREE)],
)
def test_where_nobody_said_the_target_any_cname_may_be_it(
    make_world: MakeWorld, records: str, expected: tuple[bool | None, bool]
) -> None:
    assert verdict(give_up(make_world(records), target=None, other_targets=())) == expected


def rotate(world: World, monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """The target has so many addresses, and shows another one at each answer."""
    turns = itertools.cycle(addresses)
    for server in (world.vendor, world.resolver):
        answer = server._answer

        def turning(request: Any, response: Any, answer: Callable[..., None] = answer) -> None:
            answer(request, response)
            question = request.question[0]
            if question.name == dns.name.from_text(TARGET) and response.answer:
                rdtype = dns.rdatatype.to_text(question.rdtype)
                rrset = dns.rrset.from_text(question.name, 60, "IN", rdtype, next(turns))
                response.answer = [rrset]

        monkeypatch.setattr(server, "_answer", turning)


EIGHT = [f"198.51.100.{number}" for number in range(1, 9)]


@pytest.mark.parametrize("way", ["authoritative", "dns_servers", "recursive"])
@pytest.mark.parametrize("number", range(8))
def test_a_target_that_shows_one_of_its_addresses_at_a_time(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch, number: int, way: str
) -> None:
    world = make_world(f"track A {EIGHT[number]}")
    rotate(world, monkeypatch, *EIGHT)
    assert verdict(give_up(world, way, other_targets=())) == LEADS


@pytest.mark.parametrize("way", ["authoritative", "dns_servers", "recursive"])
def test_a_target_with_more_addresses_than_are_seen_may_have_any(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    world = make_world("track A 198.51.100.200")
    rotate(world, monkeypatch, *[f"198.51.100.{number}" for number in range(1, 100)])
    finding = give_up(world, way, other_targets=())
    assert verdict(finding) == BY_ADDRESSES
    assert (
        f"It is not known whether these are also addresses of {TARGET} (they change from answer "
        "to "
        "answer)." in finding.reason
    )


@pytest.mark.parametrize("behaviour", ["servfail", "refused", "timeout"])
def test_a_target_that_nobody_can_look_up_may_have_any_address(
    make_world: MakeWorld, behaviour: str
) -> None:
    world = make_world("track A 192.0.2.77")
    for server in (world.vendor, world.resolver):
        server.behaviour[TARGET] = behaviour
    question = LookupRequest(NAME, TARGET, to_delete=True)
    finding = world.live(timeout=SHORT).lookup([question])[NAME]
    assert verdict(finding) == BY_ADDRESSES
    assert "could not be looked up" in finding.reason


@pytest.mark.usefixtures("vendors")
@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        ([f"CNAME {TARGET}.", "CNAME other.example.net."], LEADS),
        (["A 192.0.2.10", "A 192.0.2.77"], LEADS),
        ([f"CNAME {TARGET}.", "A 192.0.2.77"], LEADS),
        (["A 192.0.2.76", "A 192.0.2.77"], FREE),
    ],
)
def test_a_name_that_answers_now_this_and_now_that(
    make_world: MakeWorld,
    monkeypatch: pytest.MonkeyPatch,
    turns: list[str],
    expected: tuple[bool | None, bool],
) -> None:
    """Weighted records, say: each answer is one of them."""
    world = make_world("", hosts=["127.0.0.1"])
    answer, server = world.servers[0]._answer, world.servers[0]
    # Types are asked for at the same time.
    turn = {rdtype: itertools.cycle(turns) for rdtype in dns.rdatatype.RdataType}

    def turning(request: Any, response: Any) -> None:
        question = request.question[0]
        if question.name == dns.name.from_text(NAME):
            rdtype, data = next(turn[question.rdtype]).split()
            server.set(NAME, rdtype, data)
        answer(request, response)

    monkeypatch.setattr(server, "_answer", turning)
    assert verdict(give_up(world)) == expected


@pytest.mark.usefixtures("vendors")
def test_servers_that_disagree_prove_nothing(make_world: MakeWorld) -> None:
    world = make_world("")
    world.servers[1].set(NAME, "CNAME", "other.example.net.")
    assert verdict(give_up(world)) == UNKNOWN
    world.servers[1].set(NAME, "A", "192.0.2.77")
    assert verdict(give_up(world)) == UNKNOWN
    world.servers[0].set(NAME, "A", "192.0.2.78")
    assert verdict(give_up(world)) == FREE, "both have addresses, and none of the target"


def test_one_type_of_address_that_cannot_be_seen_may_be_the_targets(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(monkeypatch, "AAAA")
    assert verdict(give_up(make_world("track A 192.0.2.77"))) == BY_ADDRESSES


@pytest.mark.usefixtures("vendors")
@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ("", FREE),
        ("@ A 192.0.2.77", FREE),
        ("@ A 192.0.2.10", LEADS),
        ("@ A 104.21.3.4", BY_ADDRESSES),
    ],
)
def test_a_name_that_is_a_zone_of_its_own_may_be_flattened(
    make_world: MakeWorld, records: str, expected: tuple[bool | None, bool]
) -> None:
    """Its parent's servers know no more than that it is another zone."""
    world = make_world("track NS ns.track\nns.track A 127.0.0.9")
    child = DnsServer({NAME: records})
    world.resolver.zones._shared += (child.zones,)
    finding = give_up(world)
    assert finding.status == "apex"
    assert verdict(finding) == expected


def test_a_name_to_be_given_up_costs_no_more_than_it_must(make_world: MakeWorld) -> None:
    world = make_world("")
    give_up(world)
    asked = [question for log in world.asked() for question in log]
    assert (TARGET, "A") not in asked
    world = make_world("track A 192.0.2.77")
    names = [NAME, f"x.{ZONE}"]
    world.live().lookup([LookupRequest(name, TARGET, to_delete=True) for name in names])
    assert len([q for q in world.vendor.queries if q.name == TARGET]) == 8, "once for all names"


# --- the time that a look takes ---------------------------------------------------------------


def test_a_server_that_answers_by_tcp_alone_is_asked_by_udp_once(make_world: MakeWorld) -> None:
    world = make_world("track TXT text", hosts=["127.0.0.1"])
    world.servers[0].behaviour["*"] = "timeout_udp"
    finding = world.lookup(timeout=2 * SHORT)
    assert (finding.status, finding.found[0]["types"]) == ("conflict", ["TXT"])
    by_udp = [query for query in world.servers[0].queries if query.transport == "udp"]
    assert [(query.name, query.rdtype) for query in by_udp] == [(NAME, "CNAME")] * 2


def test_a_server_of_which_one_question_was_lost_is_asked_by_udp_on(
    make_world: MakeWorld,
) -> None:
    world = make_world("lost TXT text\nhere TXT text", hosts=["127.0.0.1"])
    server = world.servers[0]
    server.behaviour["lost.example.com"] = "timeout_udp"
    client = DnsClient(2 * SHORT)
    for name in ("here", "lost", "here"):
        whole = dns.name.from_text(f"{name}.example.com")
        assert client.query(Endpoint(*server.address), whole, "TXT", recurse=False).data == (
            '"text"',
        )
    assert [query.transport for query in server.queries] == ["udp", "udp", "udp", "tcp", "udp"]


def test_the_further_types_are_asked_for_at_once(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each question waits for the others to be asked."""
    together = threading.Barrier(len(OTHER_RECORDS) + 1)
    asked = DnsClient.query

    def query(
        self: DnsClient, endpoint: Endpoint, name: dns.name.Name, rdtype: str, **options: Any
    ) -> Response:
        if to_text(name) == NAME and rdtype not in ("CNAME", "A", "AAAA"):
            together.wait(timeout=10)
        return asked(self, endpoint, name, rdtype, **options)

    monkeypatch.setattr(DnsClient, "query", query)
    assert make_world("track TXT text", hosts=["127.0.0.1"]).lookup().status == "conflict"


def slow_answers(monkeypatch: pytest.MonkeyPatch, share: float) -> Callable[[], float]:
    """Make each answer take a share of the patience left, by a clock that moves by that alone.

    :return: tells how much time has passed.
    """
    start = now = 1000.0
    lock, seen = threading.Lock(), threading.local()
    exchange = DnsClient._exchange

    def monotonic() -> float:
        seen.now = now
        return now

    def slow(self: DnsClient, endpoint: Endpoint, query: Any, seconds: float) -> Any:
        nonlocal now
        with lock:
            # Others go on at the same time.
            now = max(now, seen.now + share * seconds)
        if share == 1:
            raise dns.exception.Timeout
        return exchange(self, endpoint, query, 5.0)

    monkeypatch.setattr(DnsClient, "_exchange", slow)
    for module in (live_dns, lookup, client, zones):
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=monotonic))
    return lambda: now - start


@pytest.mark.parametrize("share", [1.0, 0.6, 0.3])
@pytest.mark.parametrize("records", ["track TXT text", "track A 192.0.2.77", "* A 192.0.2.77", ""])
def test_a_look_at_one_name_ends_after_three_time_outs_whatever_the_weather(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch, records: str, share: float
) -> None:
    live = make_world(records, hosts=["127.0.0.1"]).live(timeout=5.0)
    passed = slow_answers(monkeypatch, share)
    live.lookup([LookupRequest(NAME, TARGET)])
    assert 0 < passed() <= 3 * 5.0 + 0.1


@pytest.mark.parametrize("ask", ["addresses", "preflight"])
def test_so_do_the_other_questions(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch, ask: str
) -> None:
    live = make_world("", hosts=THREE).live(timeout=5.0)
    passed = slow_answers(monkeypatch, 0.9)
    if ask == "addresses":
        live.addresses("deep.down.example.com")
    else:
        live.preflight(["deep.down.example.com"])
    assert 0 < passed() <= 3 * 5.0 + 0.1


@pytest.mark.parametrize(("seconds", "most"), [(5.0, 5.0), (None, 60.0 + 300 * 0.05)])
def test_a_look_at_many_dead_zones_ends_in_time(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch, seconds: float | None, most: float
) -> None:
    """Each has servers of its own, which answer in the last moment."""
    live = make_world("").live(timeout=5.0)
    passed = slow_answers(monkeypatch, 0.9)
    names = [f"t.z{number}.example.com" for number in range(300)]
    findings = live.lookup([LookupRequest(name, TARGET) for name in names], seconds)
    assert list(findings) == names
    assert 0 < passed() <= most + 0.1
    unknown = [finding for finding in findings.values() if finding.status == "unknown"]
    assert unknown
    assert all(finding.points_at_target is None for finding in unknown)


def test_what_took_the_time_of_a_look_waits_in_the_next_one(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []

    class Probed:
        """Nothing is found out about ``slow``, which takes its time, nor about ``late``, which has none."""

        servers = ()

        def __init__(self, _zones: Any, question: LookupRequest, **_options: Any) -> None:
            self.name = question.name
            self.spent = 9.0 if "slow" in self.name else 0.0

        def find_servers(self) -> None:
            order.append(self.name)

        def diagnose(self, _answers: Any) -> Finding:
            return Finding("unknown", "")

    monkeypatch.setattr(live_dns, "NameLookup", Probed)
    monkeypatch.setattr(live_dns, "_NAME_THREADS", 1)
    live = make_world("").live()
    names = ["slow1.example.com", "late1.example.com", "slow2.example.com", "late2.example.com"]
    for _turn in range(2):
        assert list(live.lookup([LookupRequest(name, TARGET) for name in names], 1.0)) == names
    assert order == [*names, *sorted(names)]


def test_whose_time_ran_out_says_nothing_about_a_server(make_world: MakeWorld) -> None:
    world = make_world(RIGHT, hosts=["127.0.0.1"])
    server = world.servers[0]
    endpoint, name = Endpoint(*server.address), dns.name.from_text(NAME)
    client = DnsClient(5.0)
    server.behaviour["*"] = "timeout"
    for seconds in (-1.0, 0.05):
        response = client.until(time.monotonic() + seconds).query(
            endpoint, name, "CNAME", recurse=False
        )
        assert response.out_of_time
    server.behaviour.clear()
    assert client.query(endpoint, name, "CNAME", recurse=False).cnames


def test_what_one_asker_had_no_time_for_is_asked_by_the_next(make_world: MakeWorld) -> None:
    world = make_world(RIGHT)
    zones = world.live()._zones
    name = dns.name.from_text(TARGET)
    assert zones.within(-1).resolve(name, "A").out_of_time
    assert zones.resolve(name, "A").data == ("192.0.2.10", "192.0.2.11")


# --- the number of queries -------------------------------------------------------------------


def test_queries_of_a_converged_set(make_world: MakeWorld) -> None:
    names = [f"t{n}.example.com" for n in range(60)]
    world = make_world("\n".join(f"t{n} CNAME {TARGET}." for n in range(60)), hosts=THREE)
    live = world.live()
    for _turn in range(2):
        findings = live.lookup([LookupRequest(name, TARGET) for name in names])
        assert list(findings) == names
        assert {finding.status for finding in findings.values()} == {"ok"}
        *servers, resolver = world.asked()
        for asked in servers:
            assert sorted(q for q in asked if q[0] in names) == sorted((n, "CNAME") for n in names)
        # One name that nobody published, to tell a wildcard.
        assert sum(map(len, servers)) == 3 * 60 + 1
        assert sorted(resolver) == sorted(
            [
                (ZONE, "SOA"),
                (ZONE, "NS"),
                *((f"ns{n}.example.com", "A") for n in (1, 2, 3)),
                (TARGET, "A"),
            ]
        )


def test_queries_of_a_missing_name(make_world: MakeWorld) -> None:
    world = make_world("")
    world.lookup()
    for asked in world.asked()[:-1]:
        assert asked == [(NAME, "CNAME"), (f"{NAME}.{ZONE}", "CNAME")]


def test_queries_of_a_name_that_exists_without_a_cname(make_world: MakeWorld) -> None:
    """Each type once, at each server."""
    for records in ("track CAA 0 issue letsencrypt.org", "deep.track TXT below"):
        world = make_world(records)
        world.lookup()
        for asked in world.asked()[:-1]:
            own = [rdtype for name, rdtype in asked if name == NAME]
            assert own[0] == "CNAME"
            assert sorted(own[1:3]) == ["A", "AAAA"]
            assert sorted(own[3:]) == sorted([*OTHER_RECORDS, "NS"])


def test_queries_under_a_wildcard(make_world: MakeWorld) -> None:
    """No more than tell that it is one."""
    world = make_world("* A 192.0.2.77\n* TXT text")
    assert world.lookup().status == "wildcard"
    for asked in world.asked()[:-1]:
        own = [rdtype for name, rdtype in asked if name == NAME]
        assert sorted(own) == ["A", "AAAA", "CNAME"]


def test_recursion_is_wished_for_only_where_a_resolver_may_be_asked(make_world: MakeWorld) -> None:
    world = make_world(RIGHT)
    world.lookup()
    assert not any(query.recursion_desired for query in world.servers[0].queries)
    assert all(query.recursion_desired for query in world.resolver.queries)


def test_nothing_to_look_at_asks_nothing(make_world: MakeWorld) -> None:
    world = make_world(RIGHT)
    assert world.live().lookup([]) == {}
    assert not any(world.asked())


def test_a_name_that_the_dns_cannot_hold(make_world: MakeWorld) -> None:
    world = make_world(RIGHT)
    for name in ("two..dots", "x" * 64 + ".example.com", ".".join(["x" * 60] * 5)):
        finding = world.lookup(name)
        assert finding.status == "unknown"
        assert "this is not a valid name in the DNS" in finding.reason
        assert finding.points_at_target is False, (
            "a provider may have it all the same, to be deleted"
        )
    # Long, so that the zone cannot be appended to it once more.
    long = ".".join(["x" * 57] * 4) + ".example.com"
    assert world.lookup(long).status == "missing"


# --- addresses and preflight -----------------------------------------------------------------

TARGETS_ADDRESSES = ["192.0.2.10", "192.0.2.11", "2001:db8::10"]


@pytest.mark.parametrize("check", ["authoritative", "recursive"])
def test_addresses(make_world: MakeWorld, check: str) -> None:
    world = make_world(f"{RIGHT}\nhere A 192.0.2.5")
    live = world.live(check)
    assert live.addresses(NAME) == TARGETS_ADDRESSES
    assert live.addresses("here.example.com") == ["192.0.2.5"]
    assert live.addresses("nothing.example.com") == []
    assert live.addresses("two..dots") == []
    if check == "authoritative":
        assert {NAME, "nothing.example.com"}.isdisjoint(q.name for q in world.resolver.queries)


def test_addresses_by_servers_that_do_not_follow_chains(make_world: MakeWorld) -> None:
    world = make_world(RIGHT)
    live = world.live(servers=[address(world.servers[0]), address(world.vendor)])
    assert live.addresses(NAME) == TARGETS_ADDRESSES


@pytest.mark.parametrize(
    ("behaviour", "says"), [("servfail", "SERVFAIL"), ("timeout", "no answer within")]
)
def test_addresses_that_nobody_tells_are_not_none(
    make_world: MakeWorld, behaviour: str, says: str
) -> None:
    world = make_world(RIGHT)
    resolver = address(world.resolver)
    world.resolver.behaviour["*"] = behaviour
    with pytest.raises(TrackingError) as caught:
        world.live(servers=[resolver], timeout=SHORT).addresses(NAME)
    assert caught.value.code == "network"
    assert resolver in caught.value.message
    assert says in caught.value.message


def test_addresses_of_one_type_are_enough(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(monkeypatch, "AAAA")
    assert make_world("track A 192.0.2.5").live().addresses(NAME) == ["192.0.2.5"]


def test_preflight_warns_of_an_underscore(make_world: MakeWorld) -> None:
    (warning,) = make_world("").live().preflight(["my_track.example.com", NAME])
    assert warning == (
        "my_track.example.com contains an underscore, and no certificate authority issues "
        "certificates for such a name: use my-track.example.com instead"
    )


@pytest.mark.parametrize(
    ("name", "instead"),
    [
        ("_track.example.com", NAME),
        ("track_.example.com", NAME),
        ("_.example.com", NAME),
        ("__my__track-_1_._eu.example.com", "my-track-1.eu.example.com"),
        ("my-own_track.xn--mller-kva.example.com", "my-own-track.xn--mller-kva.example.com"),
    ],
)
def test_preflight_suggests_a_host_name(make_world: MakeWorld, name: str, instead: str) -> None:
    (warning,) = make_world("").live().preflight([name])
    assert warning.endswith(f": use {instead} instead")


@pytest.mark.parametrize(
    ("records", "owner"),
    [
        ('@ CAA 0 issue ";"', ZONE),
        ('@ CAA 0 issue ";"\n@ CAA 0 iodef "mailto:a@example.com"', ZONE),
        ('@ CAA 128 unheardof "x"', ZONE),
        # The nearest counts, not the topmost.
        ('@ CAA 0 issue "letsencrypt.org"\ntrack CAA 0 issue "; policy=none"', NAME),
    ],
)
@pytest.mark.parametrize("check", ["authoritative", "recursive"])
def test_preflight_warns_where_nobody_may_issue(
    make_world: MakeWorld, records: str, owner: str, check: str
) -> None:
    world = make_world(records)
    (warning,) = world.live(check).preflight([NAME])
    assert f"no certificate authority may issue for {NAME}: the CAA record at {owner} (" in warning
    assert f'publish {owner}. 300 IN CAA 0 issue "letsencrypt.org"' in warning
    if check == "authoritative":
        assert NAME not in [query.name for query in world.resolver.queries]


@pytest.mark.parametrize(
    "records",
    [
        "",
        '@ CAA 0 issue "letsencrypt.org"',
        '@ CAA 0 issue ";"\n@ CAA 0 issue "letsencrypt.org"',
        '@ CAA 0 issuewild ";"',
        '@ CAA 0 unheardof "x"',
        '@ CAA 0 issue ";"\ntrack CAA 0 issue "letsencrypt.org"',
    ],
)
def test_preflight_is_silent_where_somebody_may_issue(make_world: MakeWorld, records: str) -> None:
    assert make_world(records).live().preflight([NAME]) == []


def test_preflight_follows_the_cname_to_the_targets_caa(make_world: MakeWorld) -> None:
    world = make_world(f'{RIGHT}\n@ CAA 0 issue "letsencrypt.org"')
    world.vendor.set(TARGET, "CAA", '0 issue ";"')
    (warning,) = world.live().preflight([NAME])
    assert f"the CAA record at {TARGET} (" in warning


def test_preflight_says_nothing_where_nothing_is_known(make_world: MakeWorld) -> None:
    world = make_world('@ CAA 0 issue ";"')
    world.resolver.behaviour["*"] = "servfail"
    assert world.live().preflight([NAME]) == []


# --- the library -----------------------------------------------------------------------------


def test_without_dnspython(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_dns, "DNS_IMPORT_ERROR", "Traceback ...")
    with pytest.raises(TrackingError) as caught:
        LiveDns(check="authoritative")
    assert caught.value.code == "dependency"
    assert "dnspython" in caught.value.message


def test_the_modules_import_without_dnspython() -> None:
    code = (
        "import sys; sys.modules.update({'dns': None}); "
        "from ansible_collections.mailops.email.plugins.module_utils._dns import live_dns as _dns; "
        "assert 'dns' in _dns.DNS_IMPORT_ERROR; print('imported')"
    )
    tree = str(Path(live_dns.__file__ or "").parents[6])
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": tree},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "imported\n", done.stderr

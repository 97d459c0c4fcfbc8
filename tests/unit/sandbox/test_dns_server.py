# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sandbox's DNS server, asked over the wire with dnspython's client."""

from __future__ import annotations

import base64
import socket
import time
from collections.abc import Callable, Iterator

import dns.exception
import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.resolver
import dns.rrset
import dns.tsig
import dns.update
import pytest

from ansible_collections.mailops.email.tests.sandbox.dns_server import DnsServer, free_port

SECRET = base64.b64encode(b"a secret of thirty-two bytes ...").decode()
KEY = dns.tsig.Key("mail-key", SECRET, "hmac-sha256")
KEYS = {"mail-key": ("hmac-sha256", SECRET)}
ZONE = """
@        SOA   ns1 hostmaster 7 3600 600 86400 30
@        NS    ns1
@        NS    ns2.elsewhere.test.
@        CAA   0 issue "ca.test"
ns1      A     127.0.0.1
www      A     192.0.2.1
www      AAAA  2001:db8::1
www      TXT   "a text"
track    CNAME target.vendor.test.
inside   CNAME www
gone     CNAME nowhere
loop     CNAME pool
pool     CNAME loop
*.wild   CNAME target.vendor.test.
a.deep.empty A 192.0.2.2
big      TXT   "{0}" "{0}" "{0}" "{0}" "{0}" "{0}"
child    NS    ns.child
ns.child A     127.0.0.9
to-child CNAME www.child
""".format("x" * 250)


@pytest.fixture
def server() -> Iterator[DnsServer]:
    with DnsServer({"example.test": ZONE, "other.test": "www A 192.0.2.9"}, KEYS) as running:
        yield running


def ask(
    server: DnsServer, name: str, rdtype: str = "A", *, tcp: bool = False, timeout: float = 2
) -> dns.message.Message:
    host, port = server.address
    query = dns.message.make_query(name, rdtype, use_edns=0)
    send = dns.query.tcp if tcp else dns.query.udp
    return send(query, host, timeout=timeout, port=port)


def answers(message: dns.message.Message) -> list[str]:
    return [
        f"{rrset.name} {dns.rdatatype.to_text(rrset.rdtype)} {rdata}"
        for rrset in message.answer
        for rdata in rrset
    ]


# Looking up


@pytest.mark.parametrize("tcp", [False, True])
def test_answers_with_authority(server: DnsServer, tcp: bool) -> None:
    message = ask(server, "WwW.Example.TEST", "AAAA", tcp=tcp)
    assert message.rcode() == dns.rcode.NOERROR
    assert message.flags & dns.flags.AA
    assert not message.flags & dns.flags.RA
    assert message.edns == 0
    assert answers(message) == ["WwW.Example.TEST. AAAA 2001:db8::1"]


@pytest.mark.parametrize(
    ("name", "rdtype", "expected"),
    [
        ("www.example.test", "TXT", ['www.example.test. TXT "a text"']),
        ("example.test", "CAA", ['example.test. CAA 0 issue "ca.test"']),
        ("track.example.test", "CNAME", ["track.example.test. CNAME target.vendor.test."]),
        ("track.example.test", "A", ["track.example.test. CNAME target.vendor.test."]),
        (
            "inside.example.test",
            "A",
            ["inside.example.test. CNAME www.example.test.", "www.example.test. A 192.0.2.1"],
        ),
        ("any.wild.example.test", "A", ["any.wild.example.test. CNAME target.vendor.test."]),
        ("b.any.wild.example.test", "A", ["b.any.wild.example.test. CNAME target.vendor.test."]),
        ("*.wild.example.test", "CNAME", ["*.wild.example.test. CNAME target.vendor.test."]),
        (
            "loop.example.test",
            "A",
            [
                "loop.example.test. CNAME pool.example.test.",
                "pool.example.test. CNAME loop.example.test.",
            ],
        ),
    ],
)
def test_answer(server: DnsServer, name: str, rdtype: str, expected: list[str]) -> None:
    message = ask(server, name, rdtype)
    assert (message.rcode(), answers(message)) == (dns.rcode.NOERROR, expected)


@pytest.mark.parametrize(
    ("name", "rdtype", "rcode"),
    [
        ("nope.example.test", "A", "NXDOMAIN"),
        ("nope.www.example.test", "A", "NXDOMAIN"),
        ("gone.example.test", "A", "NXDOMAIN"),  # the end of its chain (RFC 2308, section 2.1)
        ("www.example.test", "MX", "NOERROR"),
        ("empty.example.test", "A", "NOERROR"),  # an empty non-terminal
        ("deep.empty.example.test", "A", "NOERROR"),
        ("wild.example.test", "A", "NOERROR"),
        ("any.wild.example.test", "TXT", "NOERROR"),
        ("x.deep.empty.example.test", "A", "NXDOMAIN"),
    ],
)
def test_negative_answer_has_the_soa(server: DnsServer, name: str, rdtype: str, rcode: str) -> None:
    message = ask(server, name, rdtype)
    assert dns.rcode.to_text(message.rcode()) == rcode
    if rcode == "NOERROR" and message.answer:  # a wildcard CNAME for another type
        assert message.answer[0].rdtype == dns.rdatatype.CNAME
        return
    assert [(str(soa.name), soa.ttl) for soa in message.authority] == [("example.test.", 30)]
    assert message.flags & dns.flags.AA


def test_name_below_a_cut_is_referred(server: DnsServer) -> None:
    for name, rdtype in [("www.child.example.test", "A"), ("child.example.test", "NS")]:
        message = ask(server, name, rdtype)
        assert not message.answer
        assert not message.flags & dns.flags.AA
        assert [str(rrset) for rrset in message.authority] == [
            "child.example.test. 300 IN NS ns.child.example.test."
        ]
        assert [str(rrset) for rrset in message.additional] == [
            "ns.child.example.test. 300 IN A 127.0.0.9"
        ]


def test_chain_across_a_cut_ends_in_the_referral(server: DnsServer) -> None:
    message = ask(server, "to-child.example.test")
    assert answers(message) == ["to-child.example.test. CNAME www.child.example.test."]
    assert message.flags & dns.flags.AA
    assert message.authority[0].rdtype == dns.rdatatype.NS


def test_any_gets_one_rrset(server: DnsServer) -> None:
    assert len(ask(server, "www.example.test", "ANY").answer) == 1


def test_other_zones_are_refused(server: DnsServer) -> None:
    assert ask(server, "www.strange.test").rcode() == dns.rcode.REFUSED
    assert ask(server, "test", "SOA").rcode() == dns.rcode.REFUSED


def test_zone_transfer_is_refused(server: DnsServer) -> None:
    assert ask(server, "example.test", "AXFR", tcp=True).rcode() == dns.rcode.REFUSED


def test_zone_gets_soa_and_name_server(server: DnsServer) -> None:
    assert ask(server, "other.test", "SOA").answer[0][0].serial == 1
    assert answers(ask(server, "other.test", "NS")) == ["other.test. NS ns1.other.test."]
    assert answers(ask(server, "ns1.other.test", "A")) == ["ns1.other.test. A 127.0.0.1"]


def test_long_answer_is_truncated_over_udp_alone(server: DnsServer) -> None:
    assert ask(server, "big.example.test", "TXT").flags & dns.flags.TC
    message = ask(server, "big.example.test", "TXT", tcp=True)
    assert not message.flags & dns.flags.TC
    assert len(message.answer[0][0].strings) == 6


def test_without_edns_the_limit_is_512_bytes(server: DnsServer) -> None:
    host, port = server.address
    server.set("mid.example.test", "TXT", '"' + "y" * 250 + '" "' + "y" * 250 + '"')
    query = dns.message.make_query("mid.example.test", "TXT", use_edns=False)
    message = dns.query.udp(query, host, timeout=2, port=port)
    assert message.edns == -1
    assert message.flags & dns.flags.TC
    assert not ask(server, "mid.example.test", "TXT").flags & dns.flags.TC


def test_unknown_edns_version(server: DnsServer) -> None:
    host, port = server.address
    query = dns.message.make_query("www.example.test", "A", use_edns=1)
    assert dns.query.udp(query, host, timeout=2, port=port).rcode() == dns.rcode.BADVERS


def test_garbage_is_answered_or_dropped(server: DnsServer) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(2)
        sock.connect(server.address)
        sock.send(b"short")
        sock.send(b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\xff")
        answer = sock.recv(512)
    assert answer[:2] == b"\x12\x34"
    assert dns.message.from_wire(answer).rcode() == dns.rcode.FORMERR


def test_several_queries_on_one_tcp_connection(server: DnsServer) -> None:
    with socket.create_connection(server.address, timeout=2) as sock:
        for name in ("www.example.test", "track.example.test"):
            query = dns.message.make_query(name, "A")
            dns.query.send_tcp(sock, query)
            reply, _when = dns.query.receive_tcp(sock, expiration=time.time() + 2)
            assert query.is_response(reply)


def test_queries_are_logged(server: DnsServer) -> None:
    ask(server, "Track.Example.test", "CNAME")
    ask(server, "www.example.test", "A", tcp=True)
    seen = [(query.name, query.rdtype, query.transport) for query in server.queries]
    assert seen == [("track.example.test", "CNAME", "udp"), ("www.example.test", "A", "tcp")]
    server.clear_logs()
    assert server.queries == []


# Changing zones from the test


def test_set_and_delete(server: DnsServer) -> None:
    server.set("new.example.test", "CNAME", "target.vendor.test", ttl=5)
    message = ask(server, "new.example.test")
    assert answers(message) == ["new.example.test. CNAME target.vendor.test."]
    assert message.answer[0].ttl == 5
    server.set("new.example.test", "A", "192.0.2.5", "192.0.2.6")  # drives the CNAME out
    assert server.get("new.example.test", "CNAME") == []
    assert server.get("new.example.test", "A") == ["192.0.2.5", "192.0.2.6"]
    server.delete("new.example.test")
    assert ask(server, "new.example.test").rcode() == dns.rcode.NXDOMAIN
    assert ask(server, "example.test", "SOA").answer[0][0].serial == 10


def test_cname_at_the_apex_is_an_error(server: DnsServer) -> None:
    with pytest.raises(ValueError, match="apex"):
        server.set("example.test", "CNAME", "target.vendor.test")


# Dynamic update


def send_update(
    server: DnsServer, update: dns.update.UpdateMessage, *, tcp: bool = True
) -> dns.message.Message:
    host, port = server.address
    send = dns.query.tcp if tcp else dns.query.udp
    return send(update, host, timeout=2, port=port)


@pytest.fixture
def change(server: DnsServer) -> Callable[..., str]:
    """Sends a signed update of example.test that `build` makes; the answer's code."""

    def run(build: Callable[[dns.update.UpdateMessage], None], *, tcp: bool = True) -> str:
        update = dns.update.UpdateMessage("example.test", keyring=KEY)
        build(update)
        return dns.rcode.to_text(send_update(server, update, tcp=tcp).rcode())

    return run


@pytest.mark.parametrize("tcp", [False, True])
def test_signed_update_and_signed_answer(server: DnsServer, tcp: bool) -> None:
    update = dns.update.UpdateMessage("example.test", keyring=KEY)
    update.replace("NEWS", 60, "CNAME", "target.vendor.test.")
    response = send_update(server, update, tcp=tcp)
    assert response.rcode() == dns.rcode.NOERROR
    assert response.had_tsig  # dnspython has checked the signature
    assert server.get("news.example.test", "CNAME") == ["target.vendor.test."]
    [logged] = server.updates
    assert (logged.zone, logged.key, logged.rcode) == ("example.test", "mail-key", "NOERROR")
    assert logged.changes == (
        "delete news.example.test CNAME",
        "add news.example.test 60 CNAME target.vendor.test.",
    )
    assert server.queries == []


def test_signed_query_gets_a_signed_answer(server: DnsServer) -> None:
    query = dns.message.make_query("www.example.test", "A")
    query.use_tsig(KEY)
    host, port = server.address
    assert dns.query.udp(query, host, timeout=2, port=port).had_tsig


@pytest.mark.parametrize(
    ("key", "error", "logged"),
    [
        (
            dns.tsig.Key("mail-key", base64.b64encode(b"wrong").decode(), "hmac-sha256"),
            dns.tsig.PeerBadSignature,
            "BADSIG",
        ),
        (dns.tsig.Key("strange", SECRET, "hmac-sha256"), dns.tsig.PeerBadKey, "BADKEY"),
        (dns.tsig.Key("mail-key", SECRET, "hmac-sha512"), dns.tsig.PeerBadKey, "BADKEY"),
    ],
)
def test_bad_signature(
    server: DnsServer, key: dns.tsig.Key, error: type[Exception], logged: str
) -> None:
    update = dns.update.UpdateMessage("example.test", keyring=key)
    update.delete("www")
    with pytest.raises(error):
        send_update(server, update)
    assert [entry.rcode for entry in server.updates] == [logged]
    assert server.get("www.example.test", "A")


def test_clock_apart(server: DnsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    update = dns.update.UpdateMessage("example.test", keyring=KEY)
    update.delete("www")
    now = time.time()
    with monkeypatch.context() as patch:
        patch.setattr(time, "time", lambda: now - 3600)
        wire = update.to_wire()
    answer = server.respond(wire, "udp")
    assert answer is not None
    with pytest.raises(dns.tsig.PeerBadTime):
        dns.message.from_wire(answer, keyring=KEY, request_mac=update.mac)
    read = dns.message.from_wire(answer, keyring=False)
    assert read.rcode() == dns.rcode.NOTAUTH
    assert read.tsig is not None
    assert read.tsig[0].mac


def test_unsigned_update_is_refused(server: DnsServer) -> None:
    update = dns.update.UpdateMessage("example.test")
    update.delete("www")
    assert send_update(server, update).rcode() == dns.rcode.REFUSED
    assert server.get("www.example.test", "A")
    assert [entry.key for entry in server.updates] == [None]


@pytest.mark.parametrize("zone", ["strange.test", "www.example.test"])
def test_update_of_what_is_no_zone_here(server: DnsServer, zone: str) -> None:
    update = dns.update.UpdateMessage(zone, keyring=KEY)
    update.delete("www")
    assert send_update(server, update).rcode() == dns.rcode.NOTAUTH


def test_update_outside_the_zone(change: Callable[..., str]) -> None:
    assert change(lambda u: u.add("www.other.test.", 60, "A", "192.0.2.1")) == "NOTZONE"


@pytest.mark.parametrize(
    ("require", "rcode"),
    [
        (lambda u: u.present("www"), "NOERROR"),
        (lambda u: u.present("nope"), "NXDOMAIN"),
        (lambda u: u.present("www", "A"), "NOERROR"),
        (lambda u: u.present("www", "MX"), "NXRRSET"),
        (lambda u: u.present("www", "A", "192.0.2.1"), "NOERROR"),
        (lambda u: u.present("www", "A", "192.0.2.77"), "NXRRSET"),
        (lambda u: u.absent("nope"), "NOERROR"),
        (lambda u: u.absent("empty"), "NOERROR"),  # no records of its own
        (lambda u: u.absent("www"), "YXDOMAIN"),
        (lambda u: u.absent("www", "MX"), "NOERROR"),
        (lambda u: u.absent("www", "TXT"), "YXRRSET"),
    ],
)
def test_prerequisites(
    server: DnsServer,
    change: Callable[..., str],
    require: Callable[[dns.update.UpdateMessage], None],
    rcode: str,
) -> None:
    def build(update: dns.update.UpdateMessage) -> None:
        require(update)
        update.add("new", 60, "A", "192.0.2.3")

    assert change(build) == rcode
    assert bool(server.get("new.example.test", "A")) is (rcode == "NOERROR")


def test_deleting(server: DnsServer, change: Callable[..., str]) -> None:
    server.set("many.example.test", "A", "192.0.2.1", "192.0.2.2")
    server.set("many.example.test", "TXT", "text")
    assert change(lambda u: u.delete("many", "A", "192.0.2.1")) == "NOERROR"
    assert server.get("many.example.test", "A") == ["192.0.2.2"]
    assert change(lambda u: u.delete("many", "A")) == "NOERROR"
    assert server.get("many.example.test", "TXT") == ['"text"']
    assert change(lambda u: u.delete("many")) == "NOERROR"
    assert ask(server, "many.example.test").rcode() == dns.rcode.NXDOMAIN
    assert change(lambda u: u.delete("many")) == "NOERROR"  # once more: nothing to do


def test_apex_keeps_its_soa_and_a_name_server(
    server: DnsServer, change: Callable[..., str]
) -> None:
    assert change(lambda u: u.delete("@")) == "NOERROR"
    assert server.get("example.test", "CAA") == []
    assert len(server.get("example.test", "NS")) == 2
    for ns in ("ns1", "ns2.elsewhere.test."):
        assert change(lambda u, ns=ns: u.delete("@", "NS", ns)) == "NOERROR"
    assert server.get("example.test", "NS") == ["ns2.elsewhere.test."]
    assert server.get("example.test", "SOA")


def test_cname_and_other_data_do_not_mix(server: DnsServer, change: Callable[..., str]) -> None:
    assert change(lambda u: u.add("www", 60, "CNAME", "target.vendor.test.")) == "NOERROR"
    assert server.get("www.example.test", "CNAME") == []
    assert change(lambda u: u.add("track", 60, "A", "192.0.2.1")) == "NOERROR"
    assert server.get("track.example.test", "A") == []
    assert change(lambda u: u.add("track", 60, "CNAME", "other.vendor.test.")) == "NOERROR"
    assert server.get("track.example.test", "CNAME") == ["other.vendor.test."]


def test_serial_moves_only_with_the_zone(server: DnsServer, change: Callable[..., str]) -> None:
    def serial() -> int:
        return int(server.get("example.test", "SOA")[0].split()[2])

    assert change(lambda u: u.add("www", 300, "A", "192.0.2.1")) == "NOERROR"
    assert serial() == 7  # it was there already
    assert change(lambda u: u.add("www", 300, "A", "192.0.2.2")) == "NOERROR"
    assert serial() == 8
    soa = "ns1.example.test. hostmaster.example.test. {} 3600 600 86400 30"
    assert change(lambda u: u.add("@", 300, "SOA", soa.format(5))) == "NOERROR"
    assert serial() == 8
    assert change(lambda u: u.add("@", 300, "SOA", soa.format(50))) == "NOERROR"
    assert serial() == 50


def test_refused_update_changes_nothing(server: DnsServer, change: Callable[..., str]) -> None:
    def build(update: dns.update.UpdateMessage) -> None:
        update.add("one", 60, "A", "192.0.2.1")
        update.add("two.other.test.", 60, "A", "192.0.2.1")

    assert change(build) == "NOTZONE"
    assert server.get("one.example.test", "A") == []


# Misbehaviour


@pytest.mark.parametrize(("behaviour", "rcode"), [("servfail", "SERVFAIL"), ("refused", "REFUSED")])
def test_error_codes(server: DnsServer, behaviour: str, rcode: str) -> None:
    server.behaviour["WWW.example.test."] = behaviour
    message = ask(server, "www.example.test")
    assert dns.rcode.to_text(message.rcode()) == rcode
    assert ask(server, "inside.example.test").rcode() == dns.rcode.NOERROR
    del server.behaviour["www.example.test"]
    assert answers(ask(server, "www.example.test"))


def test_lame(server: DnsServer) -> None:
    server.behaviour["*"] = "lame"
    message = ask(server, "www.example.test")
    assert message.rcode() == dns.rcode.NOERROR
    assert not message.answer
    assert not message.authority
    assert not message.flags & dns.flags.AA


def test_no_answer(server: DnsServer) -> None:
    server.behaviour["*"] = "timeout"
    for tcp in (False, True):
        with pytest.raises(dns.exception.Timeout):
            ask(server, "www.example.test", tcp=tcp, timeout=0.1)
    assert len(server.queries) == 2


def test_no_answer_over_udp(server: DnsServer) -> None:
    server.behaviour["*"] = "timeout_udp"
    with pytest.raises(dns.exception.Timeout):
        ask(server, "www.example.test", timeout=0.1)
    assert answers(ask(server, "www.example.test", tcp=True))


def test_truncated(server: DnsServer) -> None:
    server.behaviour["*"] = "truncate_udp"
    message = ask(server, "www.example.test")
    assert message.flags & dns.flags.TC
    assert not message.answer
    assert answers(ask(server, "www.example.test", tcp=True))


def test_wrong_id(server: DnsServer) -> None:
    server.behaviour["*"] = "wrong_id"
    with pytest.raises(dns.query.BadResponse):
        ask(server, "www.example.test")


def test_late_answer(server: DnsServer) -> None:
    server.behaviour["www.example.test"] = 0.3
    with pytest.raises(dns.exception.Timeout):
        ask(server, "www.example.test", timeout=0.05)
    assert answers(ask(server, "www.example.test"))


def test_update_fails_too(server: DnsServer, change: Callable[..., str]) -> None:
    server.behaviour["example.test"] = "servfail"
    assert change(lambda u: u.delete("www")) == "SERVFAIL"
    assert server.get("www.example.test", "A")


def test_misspelt_behaviour(server: DnsServer) -> None:
    with pytest.raises(ValueError, match="servfail"):
        server.behaviour["*"] = "servfial"


# As a resolver, and several servers


def test_resolver_follows_its_zones() -> None:
    child = DnsServer({"child.example.test": "www A 192.0.2.8"})
    parent = DnsServer({"example.test": ZONE})
    with DnsServer(recursive=True, share=(parent, child)) as resolver:
        message = ask(resolver, "to-child.example.test")
        assert message.flags & dns.flags.RA
        assert not message.flags & dns.flags.AA
        assert answers(message)[-1] == "www.child.example.test. A 192.0.2.8"
        child.set("www.child.example.test", "A", "192.0.2.7")
        assert answers(ask(resolver, "www.child.example.test"))[0].endswith("192.0.2.7")
        assert ask(resolver, "www.strange.test").rcode() == dns.rcode.NXDOMAIN
        assert ask(resolver, "track.example.test").rcode() == dns.rcode.NXDOMAIN
        assert ask(resolver, "track.example.test", "CNAME").rcode() == dns.rcode.NOERROR
        assert ask(resolver, "loop.example.test").rcode() == dns.rcode.SERVFAIL


def test_resolver_of_dnspython_can_use_it() -> None:
    with DnsServer({"example.test": ZONE}, recursive=True) as server:
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = [server.host], server.port
        assert [str(rdata) for rdata in resolver.resolve("inside.example.test")] == ["192.0.2.1"]
        with pytest.raises(dns.resolver.NXDOMAIN):
            resolver.resolve("nope.example.test")


def test_three_servers_on_one_port() -> None:
    hosts = ("127.0.0.2", "127.0.0.3", "127.0.0.4")
    port = free_port(*hosts)
    servers = [DnsServer({"example.test": ZONE}, host=host, port=port) for host in hosts]
    try:
        for server in servers:
            server.start()
        servers[2].set("track.example.test", "CNAME", "old.vendor.test")
        found = [answers(ask(server, "track.example.test", "CNAME"))[0] for server in servers]
        assert [line.split()[-1] for line in found] == [
            "target.vendor.test.",
            "target.vendor.test.",
            "old.vendor.test.",
        ]
    finally:
        for server in servers:
            server.stop()


def test_ipv6() -> None:
    try:
        free_port("::1")
    except OSError:
        pytest.skip("no IPv6 loopback here")
    with DnsServer({"example.test": "www A 192.0.2.1"}, host="::1") as server:
        assert answers(ask(server, "www.example.test"))
        assert answers(ask(server, "www.example.test", tcp=True))
        assert answers(ask(server, "ns1.example.test", "AAAA"))[0].endswith("::1")


def test_stop_and_start_on_the_same_port() -> None:
    server = DnsServer({"example.test": "www A 192.0.2.1"}).start()
    before = server.address
    server.stop()
    with pytest.raises((dns.exception.Timeout, OSError)):
        ask(server, "www.example.test", timeout=0.1)
    with server:
        assert server.address == before
        assert answers(ask(server, "www.example.test"))


def test_taken_port_is_an_error(server: DnsServer) -> None:
    with pytest.raises(OSError, match="in use"):
        DnsServer(port=server.port).start()

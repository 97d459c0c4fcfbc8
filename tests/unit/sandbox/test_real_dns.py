# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The launchers of the real DNS servers; and the sandbox's own server says what those say."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dns.exception
import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype
import dns.tsig
import dns.update
import pytest

from ansible_collections.mailops.email.tests.sandbox import real_dns
from ansible_collections.mailops.email.tests.sandbox.dns_server import DnsServer
from ansible_collections.mailops.email.tests.sandbox.real_dns import __main__ as real_command
from ansible_collections.mailops.email.tests.sandbox.real_dns import server as real_server

COMMAND = Path(real_server.__file__).resolve().parent
SECRET = base64.b64encode(b"a secret of thirty-two bytes ...").decode()
KEYS = {"mail-key": ("hmac-sha256", SECRET)}
KEY = dns.tsig.Key("mail-key", SECRET, "hmac-sha256")
ZONES = {
    "example.test": """
www      A     192.0.2.1
www      TXT   "a text"
track    CNAME target.vendor.test.
inside   CNAME www
gone     CNAME nowhere
*.wild   CNAME target.vendor.test.
a.deep.empty A 192.0.2.2
child    NS    ns.child
ns.child A     127.0.0.9
sub      NS    ns1.sub
ns1.sub  A     127.0.0.1
""",
    "sub.example.test": "",
}

Server = DnsServer | real_dns.RealServer


def start(kind: str, **options: Any) -> real_dns.RealServer:
    try:
        return real_dns.SERVERS[kind](ZONES, KEYS, **options)
    except real_dns.MissingProgramError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module", params=["knot", "bind"])
def server(request: pytest.FixtureRequest) -> Iterator[real_dns.RealServer]:
    with start(request.param) as running:
        yield running


@pytest.fixture(scope="module")
def ours() -> Iterator[DnsServer]:
    with DnsServer(ZONES, KEYS) as running:
        yield running


def ask(server: Server, name: str, rdtype: str, *, tcp: bool = False) -> dns.message.Message:
    host, port = server.address
    query = dns.message.make_query(name, rdtype, use_edns=0)
    send = dns.query.tcp if tcp else dns.query.udp
    return send(query, host, timeout=5, port=port)


def update(
    server: Server,
    build: Callable[[dns.update.UpdateMessage], None],
    *,
    key: dns.tsig.Key | None = KEY,
    zone: str = "example.test",
) -> str:
    host, port = server.address
    message = dns.update.UpdateMessage(zone, keyring=key)
    build(message)
    try:
        response = dns.query.tcp(message, host, timeout=5, port=port)
    except dns.tsig.PeerError as error:
        return type(error).__name__
    except dns.exception.FormError:
        # Knot 3.4 answers an unknown key without a TSIG record.
        return "unsigned"
    return dns.rcode.to_text(response.rcode())


# The launchers


@pytest.mark.parametrize("tcp", [False, True])
def test_serves_the_zones(server: real_dns.RealServer, tcp: bool) -> None:
    message = ask(server, "track.example.test", "CNAME", tcp=tcp)
    assert message.flags & dns.flags.AA
    assert str(message.answer[0][0]) == "target.vendor.test."
    assert ask(server, "sub.example.test", "SOA", tcp=tcp).flags & dns.flags.AA


def test_set_get_delete(server: real_dns.RealServer) -> None:
    before = len(server.updates)
    server.set("new.sub.example.test", "A", "192.0.2.1", "192.0.2.2")
    assert server.get("new.sub.example.test", "A") == ["192.0.2.1", "192.0.2.2"]
    server.set("new.sub.example.test", "CNAME", "target.vendor.test")
    assert server.get("new.sub.example.test", "CNAME") == ["target.vendor.test."]
    server.set("new.sub.example.test", "TXT", "text")
    assert server.get("new.sub.example.test", "CNAME") == []
    server.delete("new.sub.example.test", "TXT")
    assert ask(server, "new.sub.example.test", "TXT").rcode() == dns.rcode.NXDOMAIN
    server.delete("new.sub.example.test")
    assert len(server.updates) == before  # those of the test itself do not count
    with pytest.raises(KeyError, match=r"strange\.test"):
        server.set("www.strange.test", "A", "192.0.2.1")


def test_counts_the_updates_it_accepts(server: real_dns.RealServer) -> None:
    before = len(server.updates)
    wrong = dns.tsig.Key("mail-key", base64.b64encode(b"wrong").decode(), "hmac-sha256")
    strange = dns.tsig.Key("strange", SECRET, "hmac-sha256")
    assert update(server, lambda u: u.replace("up", 60, "A", "192.0.2.9")) == "NOERROR"
    assert update(server, lambda u: u.delete("up"), key=wrong) == "PeerBadSignature"
    assert update(server, lambda u: u.delete("up"), key=strange) in ("PeerBadKey", "unsigned")
    assert update(server, lambda u: u.delete("up"), key=None) in ("REFUSED", "NOTAUTH")
    assert server.get("up.example.test", "A") == ["192.0.2.9"]
    assert update(server, lambda u: u.delete("x"), zone="sub.example.test") == "NOERROR"
    assert update(server, lambda u: u.delete("up")) == "NOERROR"
    counted = [(entry.zone, entry.key) for entry in server.updates[before:]]
    assert counted == [
        ("example.test", "mail-key"),
        ("sub.example.test", "mail-key"),
        ("example.test", "mail-key"),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "[example.test.] ACL, allowed, action update, remote 127.0.0.1@4711, key 'mail-key.'",
        "[example.test.] ACL, allowed, action update, remote 127.0.0.1@4711 TCP, key mail-key.",
    ],
    ids=["Debian 12", "Debian 13"],
)
def test_updates_in_the_log_of_each_knot(line: str) -> None:
    failed = "[example.test.] TSIG, key 'mail-key.', verification failed 'BADSIG'"
    log = "".join(f"now debug: {text}\n" for text in (line, line, failed, "[other.test.] loaded"))
    [update] = real_dns.KnotServer.updates_in(log)
    assert (update.zone, update.key) == ("example.test", "mail-key")


@pytest.mark.parametrize("kind", ["knot", "bind"])
def test_stop_start_close(kind: str) -> None:
    server = start(kind).start()
    try:
        address, directory = server.address, server.directory
        server.set("kept.example.test", "A", "192.0.2.3")
        server.stop()
        with pytest.raises((OSError, EOFError, dns.exception.DNSException)):
            server.get("kept.example.test", "A")
        server.start()
        assert server.address == address
        assert server.get("kept.example.test", "A") == ["192.0.2.3"]
    finally:
        server.close()
    assert not directory.exists()


def test_other_loopback_addresses() -> None:
    with start("knot", host="127.0.0.2") as server:
        assert server.address[0] == "127.0.0.2"
        assert server.get("www.example.test", "A") == ["192.0.2.1"]
    with pytest.raises(ValueError, match=r"127\.0\.0\.1"):
        start("bind", host="127.0.0.2")


@pytest.mark.parametrize("kind", ["knot", "bind"])
def test_taken_port(kind: str, ours: DnsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(real_server, "START_SECONDS", 0.3)
    server = start(kind, port=ours.port)
    with pytest.raises(real_dns.StartError, match=str(ours.port)), server:
        pass
    assert not server.directory.exists()


@pytest.mark.parametrize(("kind", "package"), [("knot", "knot"), ("bind", "bind9")])
def test_missing_program(kind: str, package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(real_server, "PATH", "/nowhere")
    with pytest.raises(real_dns.MissingProgramError, match=f"the Debian package {package}$"):
        real_dns.SERVERS[kind](ZONES)


def run(*words: str | Path) -> None:
    done = subprocess.run(
        [sys.executable, COMMAND, *words], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("kind", ["knot"])
def test_command_line(tmp_path: Path, kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    def command(*words: str | Path) -> Any:
        real_command.main([str(word) for word in words])
        return json.loads(capsys.readouterr().out or "null")

    start(kind).close()  # skips where the program is missing
    ready, zone_file = tmp_path / "ready.json", tmp_path / "zone"
    zone_file.write_text("track CNAME target.vendor.test.")
    run(
        kind, "--ready-file", ready, "--background",
        "--zone", f"example.test={zone_file}", "--zone", "sub.example.test",
        "--key", "made-key", "--key", f"mail-key=hmac-sha256:{SECRET}",
    )  # fmt: skip
    try:
        facts = json.loads(ready.read_text())
        assert {"example.test", "sub.example.test", "sendcloud.net"} <= set(facts["zones"])
        assert [key["name"] for key in facts["keys"]] == ["made-key", "mail-key"]
        assert facts["keys"][1]["secret"] == SECRET
        assert ready.stat().st_mode & 0o077 == 0
        get = ("get", ready, "track.example.test", "CNAME")
        assert command(*get) == ["target.vendor.test."]
        command("set", ready, "track.example.test", "CNAME", "other.vendor.test")
        command("down", ready)
        with pytest.raises((OSError, EOFError)):
            command(*get)
        command("up", ready)
        assert command(*get) == ["other.vendor.test."]
        command("delete", ready, "track.example.test")
        assert command(*get) == []
        assert command("updates", ready) == []
    finally:
        run("stop", ready)
    assert not ready.exists()
    assert not Path(facts["log"]).exists()
    command("stop", ready)  # once more: nothing to do
    with pytest.raises(SystemExit, match="nothing runs"):
        command(*get)


# The sandbox's own server against the real ones


@pytest.mark.parametrize(
    ("name", "rdtype"),
    [
        ("www.example.test", "A"),
        ("WWW.Example.Test", "TXT"),
        ("www.example.test", "MX"),
        ("www.example.test", "ANY"),
        ("track.example.test", "A"),
        ("track.example.test", "CNAME"),
        ("inside.example.test", "A"),
        ("gone.example.test", "A"),
        ("nope.example.test", "A"),
        ("nope.www.example.test", "A"),
        ("empty.example.test", "A"),
        ("deep.empty.example.test", "A"),
        ("x.deep.empty.example.test", "A"),
        ("wild.example.test", "A"),
        ("any.wild.example.test", "A"),
        ("any.wild.example.test", "CNAME"),
        ("b.any.wild.example.test", "A"),
        ("*.wild.example.test", "CNAME"),
        ("child.example.test", "NS"),
        ("child.example.test", "DS"),
        ("www.child.example.test", "A"),
        ("sub.example.test", "SOA"),
        ("nope.sub.example.test", "A"),
        ("example.test", "SOA"),
        ("example.test", "NS"),
        ("strange.test", "A"),
    ],
)
def test_our_server_answers_alike(
    server: real_dns.RealServer, ours: DnsServer, name: str, rdtype: str
) -> None:
    def shape(message: dns.message.Message) -> dict[str, Any]:
        return {
            "rcode": dns.rcode.to_text(message.rcode()),
            "aa": bool(message.flags & dns.flags.AA),
            "answer": [(str(rrset.name), rrset.rdtype) for rrset in message.answer]
            if rdtype == "ANY"
            # The serial has moved with the updates of the tests.
            else sorted(rrset.to_text().lower() for rrset in message.answer if rdtype != "SOA"),
            "authority": sorted(
                (str(rrset.name), dns.rdatatype.to_text(rrset.rdtype), rrset.ttl)
                for rrset in message.authority
                # BIND tells the zone's servers with a positive answer as well; that is optional.
                if not (message.answer and rrset.rdtype == dns.rdatatype.NS)
            ),
        }

    assert shape(ask(ours, name, rdtype)) == shape(ask(server, name, rdtype))


UPDATES: list[Callable[[dns.update.UpdateMessage], Any]] = [
    lambda u: u.replace("one", 60, "CNAME", "target.vendor.test."),
    lambda u: u.replace("one", 60, "CNAME", "target.vendor.test."),
    lambda u: u.add("one", 60, "A", "192.0.2.1"),
    lambda u: u.add("one", 90, "CNAME", "other.vendor.test."),
    lambda u: u.delete("one", "A"),
    lambda u: (u.present("one", "CNAME"), u.delete("one", "CNAME")),
    lambda u: (u.present("one"), u.delete("one")),
    lambda u: (u.absent("www"), u.delete("www")),
    lambda u: (u.absent("www", "TXT"), u.delete("www")),
    lambda u: (u.present("www", "MX"), u.delete("www")),
    lambda u: (u.present("www", "A", "192.0.2.66"), u.delete("www")),
    lambda u: u.add("www", 60, "CNAME", "target.vendor.test."),
    lambda u: u.add("one", 60, "A", "192.0.2.1", "192.0.2.2"),
    lambda u: u.delete("one", "A", "192.0.2.1"),
    lambda u: u.delete("one"),
    lambda u: u.delete("@"),
    lambda u: u.delete("@", "NS"),
    lambda u: u.add("www.other.test.", 60, "A", "192.0.2.1"),
]


def test_our_server_updates_alike(server: real_dns.RealServer, ours: DnsServer) -> None:
    for number, build in enumerate(UPDATES):
        assert update(ours, build) == update(server, build), f"UPDATES[{number}]"
        for name, rdtype in [("one", "CNAME"), ("one", "A"), ("www", "A"), ("@", "NS")]:
            full = f"{name}.example.test".removeprefix("@.")
            assert sorted(ours.get(full, rdtype)) == server.get(full, rdtype), f"UPDATES[{number}]"

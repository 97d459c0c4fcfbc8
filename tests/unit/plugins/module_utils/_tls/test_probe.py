# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The TLS look against real servers on loopback, with certificates made for each test."""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID

from ansible_collections.mailops.email.plugins.module_utils._certificates import fields as _x509
from ansible_collections.mailops.email.plugins.module_utils._errors import TrackingError
from ansible_collections.mailops.email.plugins.module_utils._tls import diagnosis as _tls_diagnosis
from ansible_collections.mailops.email.plugins.module_utils._tls import probe as _tls
from ansible_collections.mailops.email.plugins.module_utils._tls.probe import (
    TlsFinding,
    TlsRequest,
)
from ansible_collections.mailops.email.plugins.module_utils._tracking_domain import Validity, iso
from ansible_collections.mailops.email.tests.support.certificates import (
    DAY,
    Authority,
    Issued,
    now,
    pem,
    self_signed,
)
from ansible_collections.mailops.email.tests.support.tls_server import (
    Address,
    closed_port,
    hang_up,
    plain_http,
    serve,
    silence,
    tls,
)

NAME = "track.example.com"
NOW = now()
ROOT = Authority.root()
MIDDLE = ROOT.intermediate()

CHAIN_SEEN = pytest.mark.skipif(
    sys.version_info < (3, 10), reason="Python tells the leaf alone before 3.10"
)


@pytest.fixture
def trusted(tmp_path: Path) -> str:
    """A file with the test's root, for ``ca_path``."""
    path = tmp_path / "root.pem"
    path.write_text(pem(ROOT.certificate))
    return str(path)


@pytest.fixture
def look(trusted: str) -> Callable[..., TlsFinding]:
    """Look at a server as if it were the tracking host."""

    def look(address: Address, name: str = NAME, **other: Any) -> TlsFinding:
        uploaded = other.pop("uploaded", None)
        arguments: dict[str, Any] = {
            "port": address.port,
            "timeout": 5,
            "ca_path": trusted,
            "addresses": lambda _name: [address.host],
            "now": NOW,
            **other,
        }
        found = _tls.probe_all(hosts=[TlsRequest(name, uploaded)], **arguments)
        assert list(found) == [name]
        json.dumps(found[name].as_result())
        return found[name]

    return look


@pytest.fixture
def look_at(look: Callable[..., TlsFinding]) -> Callable[..., TlsFinding]:
    """Look at a server that has this certificate, sent with these intermediates."""

    def look_at(issued: Issued, chain: str | None = None, **other: Any) -> TlsFinding:
        chain = issued.fullchain if chain is None else chain
        with serve(tls({"anything": (chain, issued.key)})) as address:
            return look(address, **other)

    return look_at


# Good


@pytest.mark.parametrize("kind", ["rsa", "ecdsa", "ed25519"])
def test_good(look_at: Callable[..., TlsFinding], kind: str) -> None:
    start, end = NOW - DAY, NOW + 40 * DAY
    issued = MIDDLE.issue(NAME, "www.example.com", kind=kind, not_before=start, not_after=end)
    assert look_at(issued).as_result() == {
        "status": "ok",
        "reason": f"The certificate is trusted, and valid until {iso(end)}.",
        "address": "127.0.0.1",
        "protocol": "TLSv1.3",
        "subject": f"CN={NAME}",
        "issuer": "CN=Test Intermediate",
        "names": [NAME, "www.example.com"],
        "not_before": iso(start),
        "not_after": iso(end),
        "days_left": 40,
        "chain_trusted": True,
        "name_matches": True,
        "matches_uploaded": None,
    }


def test_a_wildcard_is_good(look_at: Callable[..., TlsFinding]) -> None:
    assert look_at(MIDDLE.issue("*.example.com")).status == "ok"


def test_a_chain_in_any_order_and_with_its_root_is_good(
    look_at: Callable[..., TlsFinding],
) -> None:
    issued = ROOT.intermediate("Upper").intermediate("Lower").issue(NAME)
    chain = pem(issued.certificate, *reversed(issued.issuers))
    assert look_at(issued, chain).status == "ok"


def test_tls_1_2_is_good(look: Callable[..., TlsFinding]) -> None:
    issued = MIDDLE.issue(NAME)
    pems = {NAME: (issued.fullchain, issued.key)}
    with serve(tls(pems, version=ssl.TLSVersion.TLSv1_2)) as address:
        finding = look(address)
    assert (finding.status, finding.protocol) == ("ok", "TLSv1.2")


def test_a_self_signed_certificate_can_be_trusted(
    look_at: Callable[..., TlsFinding], tmp_path: Path
) -> None:
    issued = self_signed(NAME)
    path = tmp_path / "own.pem"
    path.write_text(issued.leaf)
    assert look_at(issued, ca_path=str(path)).status == "ok"


def test_trusted_roots_in_a_directory(look_at: Callable[..., TlsFinding], tmp_path: Path) -> None:
    folder = tmp_path / "roots"
    folder.mkdir()
    (folder / "root.pem").write_text(pem(ROOT.certificate))
    subprocess.run(["openssl", "rehash", str(folder)], check=True)
    assert look_at(MIDDLE.issue(NAME), ca_path=str(folder)).status == "ok"


# Whether it is the uploaded one


def test_the_uploaded_certificate(look_at: Callable[..., TlsFinding]) -> None:
    issued = MIDDLE.issue(NAME)
    window = _x509.validity(issued.certificate)
    assert look_at(issued, uploaded=window).matches_uploaded is True
    early = timedelta(hours=-8)
    read_as_utc = Validity(window.not_before + early, window.not_after + early, may_be_off=early)
    assert look_at(issued, uploaded=read_as_utc).matches_uploaded is True


def test_not_the_uploaded_certificate(look_at: Callable[..., TlsFinding]) -> None:
    finding = look_at(MIDDLE.issue(NAME), uploaded=Validity(NOW, NOW + 90 * DAY))
    assert finding.status == "ok"
    assert finding.matches_uploaded is False
    assert "not the certificate that was uploaded" in finding.reason


# Bad certificates


def test_expired(look_at: Callable[..., TlsFinding]) -> None:
    end = NOW - 3 * DAY
    finding = look_at(MIDDLE.issue(NAME, not_before=NOW - 90 * DAY, not_after=end))
    assert finding.status == "expired"
    assert finding.reason == f"The certificate expired at {iso(end)}. Upload a renewed one."
    assert finding.days_left == -3
    assert (finding.chain_trusted, finding.name_matches) == (True, True)


def test_not_yet_valid(look_at: Callable[..., TlsFinding]) -> None:
    start = NOW + DAY
    finding = look_at(MIDDLE.issue(NAME, not_before=start))
    assert finding.status == "not_yet_valid"
    assert finding.reason == f"The certificate is not yet valid: it starts at {iso(start)}."
    assert (finding.chain_trusted, finding.name_matches) == (True, True)


@CHAIN_SEEN
def test_an_expired_intermediate_is_named(look_at: Callable[..., TlsFinding]) -> None:
    old = ROOT.intermediate("Old", not_before=NOW - 9 * DAY, not_after=NOW - DAY)
    finding = look_at(old.issue(NAME))
    assert finding.status == "expired"
    assert "The issuer's certificate CN=Old expired at" in finding.reason
    assert finding.chain_trusted is False


def test_wrong_name(look_at: Callable[..., TlsFinding]) -> None:
    finding = look_at(MIDDLE.issue("a.example.net", "b.example.net"))
    assert finding.status == "wrong_name"
    assert finding.reason == (
        f"The certificate is for a.example.net, b.example.net. Upload one that covers {NAME}."
    )
    assert (finding.chain_trusted, finding.name_matches) == (True, False)


def test_the_common_name_is_not_enough(look_at: Callable[..., TlsFinding]) -> None:
    finding = look_at(MIDDLE.issue(subject=NAME))
    assert finding.status == "wrong_name"
    assert "no DNS name" in finding.reason


def test_a_wildcard_for_another_level(look_at: Callable[..., TlsFinding]) -> None:
    assert look_at(MIDDLE.issue("*.example.com"), name="a.b.example.com").status == "wrong_name"


def test_self_signed(look_at: Callable[..., TlsFinding]) -> None:
    finding = look_at(self_signed(NAME))
    assert finding.status == "self_signed"
    assert "self-signed" in finding.reason
    assert finding.subject == finding.issuer == f"CN={NAME}"
    assert (finding.chain_trusted, finding.name_matches) == (False, True)


@CHAIN_SEEN
@pytest.mark.parametrize("sent", ["leaf alone", "with the root", "with a stranger"])
def test_incomplete_chain(look_at: Callable[..., TlsFinding], sent: str) -> None:
    issued = MIDDLE.issue(NAME)
    more = {
        "leaf alone": "",
        "with the root": pem(ROOT.certificate),
        "with a stranger": pem(ROOT.intermediate("Stranger").certificate),
    }
    finding = look_at(issued, issued.leaf + more[sent])
    assert finding.status == "incomplete_chain"
    assert "does not send the certificate of the issuer CN=Test Intermediate" in finding.reason
    assert "fullchain.pem" in finding.reason
    assert (finding.chain_trusted, finding.name_matches) == (False, True)


@CHAIN_SEEN
def test_a_gap_higher_up(look_at: Callable[..., TlsFinding]) -> None:
    issued = ROOT.intermediate("Upper").intermediate("Lower").issue(NAME)
    finding = look_at(issued, pem(issued.certificate, issued.issuers[0]))
    assert finding.status == "untrusted"
    assert "ends at the issuer CN=Upper" in finding.reason


@CHAIN_SEEN
def test_untrusted_root_that_is_not_sent(look_at: Callable[..., TlsFinding]) -> None:
    finding = look_at(Authority.root("Private Root").intermediate().issue(NAME))
    assert finding.status == "untrusted"
    assert "ends at the issuer CN=Private Root" in finding.reason
    assert "ca_path" in finding.reason
    assert (finding.chain_trusted, finding.name_matches) == (False, True)


@CHAIN_SEEN
def test_untrusted_root_that_is_sent(look_at: Callable[..., TlsFinding]) -> None:
    issued = Authority.root("Private Root").intermediate().issue(NAME)
    finding = look_at(issued, issued.fullchain + issued.root)
    assert finding.status == "untrusted"
    assert "the root CN=Private Root, which is not trusted" in finding.reason


def test_the_test_root_is_trusted_by_ca_path_alone(look_at: Callable[..., TlsFinding]) -> None:
    issued = MIDDLE.issue(NAME)
    assert look_at(issued, issued.fullchain + issued.root, ca_path=None).status == "untrusted"


def test_every_fault_of_a_default_certificate_is_told(
    look_at: Callable[..., TlsFinding],
) -> None:
    issued = self_signed("localhost", not_before=NOW - 9 * DAY, not_after=NOW - DAY)
    finding = look_at(issued, uploaded=Validity(NOW, NOW + 90 * DAY))
    assert finding.status == "self_signed"
    assert "self-signed" in finding.reason
    assert "for localhost" in finding.reason
    assert "expired" in finding.reason
    assert "not the certificate that was uploaded" in finding.reason
    assert (finding.chain_trusted, finding.name_matches) == (False, False)


def test_a_wrong_name_that_expired_too(look_at: Callable[..., TlsFinding]) -> None:
    finding = look_at(MIDDLE.issue("a.test", not_before=NOW - 9 * DAY, not_after=NOW - DAY))
    assert finding.status == "wrong_name"
    assert "expired" in finding.reason
    assert finding.chain_trusted is True


def test_a_certificate_for_something_else(look_at: Callable[..., TlsFinding]) -> None:
    finding = look_at(MIDDLE.issue(NAME, usage=ExtendedKeyUsageOID.CLIENT_AUTH))
    assert finding.status == "untrusted"
    assert "purpose" in finding.reason
    assert (finding.chain_trusted, finding.name_matches) == (False, True)


def test_before_python_3_10_the_reason_leaves_both_open(
    look_at: Callable[..., TlsFinding], monkeypatch: pytest.MonkeyPatch
) -> None:
    def leaf_alone(session: ssl.SSLSocket) -> tuple[list[bytes], bool]:
        leaf = session.getpeercert(binary_form=True)
        assert leaf
        return [leaf], False

    monkeypatch.setattr(_tls, "_certificates", leaf_alone)
    issued = MIDDLE.issue(NAME)
    finding = look_at(issued, issued.leaf)
    assert finding.status == "untrusted"
    assert "private root" in finding.reason
    assert "does not send all intermediate" in finding.reason
    assert look_at(issued).status == "ok"


def test_a_certificate_that_cannot_be_read(
    look_at: Callable[..., TlsFinding], monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreadable(_der: bytes) -> Any:
        raise _x509.Unreadable

    monkeypatch.setattr(_x509, "load", unreadable)
    assert look_at(MIDDLE.issue(NAME)).status == "ok"
    finding = look_at(self_signed(NAME))
    assert finding.status == "self_signed"
    assert finding.reason in (  # OpenSSL 3 writes it with a hyphen
        "A client refuses: self-signed certificate.",
        "A client refuses: self signed certificate.",
    )
    assert (finding.subject, finding.chain_trusted, finding.name_matches) == (None, None, None)


# No certificate to be seen


def test_closed_port(look: Callable[..., TlsFinding]) -> None:
    with closed_port() as address:
        finding = look(address)
    assert finding.status == "refused"
    assert f"Nothing listens on port {address.port}" in finding.reason
    assert finding.as_result()["names"] == []
    assert finding.chain_trusted is None


def test_silence(look: Callable[..., TlsFinding]) -> None:
    with serve(silence) as address:
        finding = look(address, timeout=0.2)
    assert finding.status == "timeout"
    assert "accepts the connection and then does not answer" in finding.reason


def test_no_answer_at_all(look: Callable[..., TlsFinding], monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(_address: Any, timeout: float) -> socket.socket:
        raise TimeoutError("timed out")

    monkeypatch.setattr(socket, "create_connection", lost)
    finding = look(Address("192.0.2.1", 443))
    assert (finding.status, finding.address) == ("timeout", "192.0.2.1")


def test_no_way_there(look: Callable[..., TlsFinding], monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(_address: Any, timeout: float) -> socket.socket:
        raise OSError(101, "Network is unreachable")

    monkeypatch.setattr(socket, "create_connection", unreachable)
    finding = look(Address("192.0.2.1", 443))
    assert finding.status == "refused"
    assert "Network is unreachable" in finding.reason


def test_plain_http(look: Callable[..., TlsFinding]) -> None:
    with serve(plain_http) as address:
        finding = look(address)
    assert finding.status == "handshake_failed"
    assert "plain HTTP" in finding.reason


def test_hang_up(look: Callable[..., TlsFinding]) -> None:
    with serve(hang_up) as address:
        finding = look(address)
    assert finding.status == "handshake_failed"
    assert "aborts the handshake" in finding.reason


def test_no_certificate_for_this_name(look: Callable[..., TlsFinding]) -> None:
    issued = MIDDLE.issue("www.example.com")
    with serve(tls({"www.example.com": (issued.fullchain, issued.key)}, strict=True)) as address:
        finding = look(address)
    assert finding.status == "handshake_failed"
    assert "no certificate for this name" in finding.reason


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_an_old_version_of_tls(look: Callable[..., TlsFinding]) -> None:
    issued = MIDDLE.issue(NAME)
    pems = {NAME: (issued.fullchain, issued.key)}
    with serve(tls(pems, version=ssl.TLSVersion.TLSv1_1)) as address:
        finding = look(address)
    assert finding.status == "handshake_failed"
    assert "1.2 or later" in finding.reason


def test_without_an_address(look: Callable[..., TlsFinding]) -> None:
    finding = look(Address("", 443), addresses=lambda _name: [])
    assert (finding.status, finding.address) == ("unresolved", None)
    assert finding.reason == f"{NAME} has no address: check its DNS record first."


@pytest.mark.parametrize(
    ("failure", "says"),
    [
        (socket.gaierror(socket.EAI_AGAIN, "Temporary failure"), "(Temporary failure)"),
        (OSError(), "(OSError)"),
        (TrackingError("network", "asking 192.0.2.1: SERVFAIL"), "(asking 192.0.2.1: SERVFAIL)"),
    ],
)
def test_where_nobody_can_tell_its_address_the_record_is_not_blamed(
    look: Callable[..., TlsFinding], failure: Exception, says: str
) -> None:
    def nothing(_name: str) -> list[str]:
        raise failure

    finding = look(Address("", 443), addresses=nothing)
    assert (finding.status, finding.address) == ("unresolved", None)
    assert finding.reason.startswith(f"{NAME} could not be resolved")
    assert "the name servers gave no answer" in finding.reason
    assert says in finding.reason
    assert "has no address" not in finding.reason


@pytest.mark.parametrize(
    ("failure", "known"),
    [
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), True),
        (socket.gaierror(getattr(socket, "EAI_NODATA", socket.EAI_NONAME), "No address"), True),
        (UnicodeError("label too long"), True),
        (socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"), False),
        (socket.gaierror(socket.EAI_FAIL, "Non-recoverable failure"), False),
    ],
)
def test_what_the_systems_resolver_knows_of_no_address(
    look: Callable[..., TlsFinding],
    monkeypatch: pytest.MonkeyPatch,
    failure: Exception,
    known: bool,
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise failure

    monkeypatch.setattr(socket, "getaddrinfo", fails)
    finding = look(Address("", 443), addresses=_tls.system_addresses)
    assert finding.status == "unresolved"
    assert ("has no address" in finding.reason) is known
    assert ("gave no answer" in finding.reason) is not known


def test_a_server_that_goes_away_before_its_certificate_can_be_fetched(
    look: Callable[..., TlsFinding],
) -> None:
    issued = self_signed(NAME)
    speak = tls({NAME: (issued.leaf, issued.key)})
    connections: list[int] = []

    def once(connection: socket.socket) -> None:
        connections.append(1)
        if len(connections) == 1:
            speak(connection)

    with serve(once) as address:
        finding = look(address)
    assert finding.status == "self_signed"
    assert finding.address == address.host
    assert finding.subject is None


# Several addresses, several hosts


def test_an_address_that_refuses_is_passed_over(look: Callable[..., TlsFinding]) -> None:
    issued = MIDDLE.issue(NAME)
    with serve(tls({NAME: (issued.fullchain, issued.key)})) as address:
        # Nothing listens at that port of these other loopback addresses.
        tried = ["::1", "127.0.0.3", address.host]
        finding = look(address, addresses=lambda _name: tried)
    assert (finding.status, finding.address) == ("ok", address.host)


def test_a_silent_address_leaves_time_for_the_next(
    look: Callable[..., TlsFinding], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each address has its share: a broken IPv6 does not use up what IPv4 needs."""
    issued = MIDDLE.issue(NAME)
    connect = socket.create_connection
    shares = {}

    def lost(address: tuple[str, int], timeout: float) -> socket.socket:
        shares[address[0]] = timeout
        if address[0] == "2001:db8::1":
            raise TimeoutError("timed out")
        return connect(address, timeout=timeout)

    monkeypatch.setattr(socket, "create_connection", lost)
    with serve(tls({NAME: (issued.fullchain, issued.key)})) as address:
        tried = ["2001:db8::1", address.host]
        finding = look(address, addresses=lambda _name: tried, timeout=8)
    assert (finding.status, finding.address) == ("ok", address.host)
    assert shares["2001:db8::1"] <= 4


def test_many_hosts_each_by_its_own_name(trusted: str) -> None:
    """One server for all: only SNI tells them apart. One of them has no certificate."""
    names = [f"t{number}.example.com" for number in range(20)]
    key = MIDDLE.issue(NAME).private_key
    issued = {name: MIDDLE.issue(name, key=key) for name in names[1:]}
    pems = {name: (one.fullchain, one.key) for name, one in issued.items()}
    with serve(tls(pems)) as address:
        found = _tls.probe_all(
            hosts=[TlsRequest(name) for name in names],
            port=address.port,
            ca_path=trusted,
            addresses=lambda _name: [address.host],
            now=NOW,
        )
    assert list(found) == names
    assert found[names[0]].status == "wrong_name"
    assert {found[name].status for name in names[1:]} == {"ok"}
    assert all(found[name].names == (name,) for name in names[1:])


def test_no_hosts() -> None:
    assert _tls.probe_all(hosts=[], now=NOW) == {}


def test_the_systems_resolver(look: Callable[..., TlsFinding]) -> None:
    assert "127.0.0.1" in _tls.system_addresses("localhost")
    issued = MIDDLE.issue("localhost")
    with serve(tls({"localhost": (issued.fullchain, issued.key)})) as address:
        finding = look(address, "localhost", addresses=_tls.system_addresses)
    assert finding.status == "ok"


@pytest.mark.parametrize("content", [None, "no PEM"])
def test_a_ca_path_that_cannot_be_used(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "roots.pem"
    if content:
        path.write_text(content)
    with pytest.raises(TrackingError) as caught:
        _tls.probe_all(hosts=[TlsRequest(NAME)], ca_path=str(path), now=NOW)
    assert caught.value.code == "validation"
    assert f"ca_path {path} cannot be used" in str(caught.value)


def test_other_failures_of_a_handshake() -> None:
    failure = ssl.SSLError(1, "[SSL: BAD_SIGNATURE] bad signature")
    assert _tls_diagnosis.handshake_failure(failure) == "The handshake failed: SSLError."
    assert "closes the connection" in _tls_diagnosis.handshake_failure(ConnectionResetError())

# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one connection to a DNS server: what is signed, what is waited for, what is said of failures."""

from __future__ import annotations

import base64
import contextlib
import re
import socket
import struct
import threading
import time
from collections.abc import Iterator
from typing import Any
from unittest import mock

import dns.message
import dns.rcode
import pytest

from ansible_collections.mailops.email.plugins.module_utils._dns.primary import (
    Connection,
    PrimaryError,
    PrimaryServer,
    key_from,
)
from ansible_collections.mailops.email.plugins.module_utils._errors import TrackingError
from ansible_collections.mailops.email.tests.sandbox.dns_server import DnsServer

SECRET = base64.b64encode(b"a secret of thirty-two bytes ...").decode()
KEY = {"key_name": "mail-key", "key_secret": SECRET}
PROTOCOLS = ["tcp", "udp"]


@pytest.fixture
def server() -> Iterator[DnsServer]:
    zone = "\n".join(f"n{number} CNAME t{number}.test." for number in range(60))
    keys = {"mail-key": ("hmac-sha256", SECRET)}
    with DnsServer({"example.com": zone}, keys) as running:
        yield running


def connect_to(running: DnsServer, **more: Any) -> Connection:
    given = {"host": running.host, "port": running.port, "timeout": 20.0, **KEY, **more}
    return Connection(PrimaryServer(**given))


def question(number: int = 0) -> dns.message.Message:
    return dns.message.make_query(f"n{number}.example.com", "CNAME")


def ask(connection: Connection, *numbers: int) -> list[str]:
    with contextlib.closing(connection):
        answers = connection.exchange([question(number) for number in numbers or (0,)])
    return [str(answer.answer[0][0]) for answer in answers]


def failure(connection: Connection) -> PrimaryError:
    with contextlib.closing(connection), pytest.raises(PrimaryError) as caught:
        connection.exchange([question(0), question(1)])
    assert SECRET not in str(caught.value)
    return caught.value


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("key", [KEY, {"key_name": None, "key_secret": None}])
def test_each_answer_belongs_to_its_question(
    server: DnsServer, protocol: str, key: dict[str, Any]
) -> None:
    numbers = range(60)
    connection = connect_to(server, protocol=protocol, **key)
    assert ask(connection, *numbers) == [f"t{number}.test." for number in numbers]


def test_an_ipv6_address_and_a_host_name(server: DnsServer) -> None:
    with DnsServer({"example.com": "n0 CNAME t0.test."}, host="::1") as six:
        unsigned = {"key_name": None, "key_secret": None}
        assert ask(connect_to(six, **unsigned)) == ["t0.test."]
    assert ask(connect_to(server, host="localhost")) == ["t0.test."]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_the_addresses_of_a_host_name_are_tried_in_turn(server: DnsServer, protocol: str) -> None:
    """The first is a machine that says nothing; together they have one time-out."""
    with silent() as address:
        found = [(socket.AF_INET, 0, 0, "", each) for each in (address, server.address)]
        with mock.patch.object(socket, "getaddrinfo", return_value=found):
            start = time.monotonic()
            connection = connect_to(server, host="ns1.example.com", protocol=protocol, timeout=4.0)
            assert ask(connection, 1, 2) == ["t1.test.", "t2.test."]
            assert time.monotonic() - start < 4.0


@contextlib.contextmanager
def silent() -> Iterator[tuple[str, int]]:
    """A machine that takes connections and datagrams, and never answers."""
    with socket.socket() as tcp, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        tcp.bind(("127.0.0.1", 0))
        tcp.listen()
        udp.bind(tcp.getsockname())
        yield tcp.getsockname()


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_silence_costs_one_time_out(protocol: str) -> None:
    with silent() as (host, port):
        start = time.monotonic()
        connection = Connection(PrimaryServer(host, port, protocol, timeout=0.5))
        error = failure(connection)
        assert 0.4 < time.monotonic() - start < 5.0
    assert error.code == "network"
    assert f"{host} port {port} gave no answer by {protocol.upper()} within 0.5 s" in str(error)


def test_nobody_listens(server: DnsServer) -> None:
    server.stop()
    error = failure(connect_to(server))
    assert error.code == "network"
    assert "cannot be reached by TCP: Connection refused" in str(error)


def test_a_host_name_without_an_address() -> None:
    error = failure(Connection(PrimaryServer("no.such.host.invalid")))
    assert error.code in ("validation", "network")
    assert "'no.such.host.invalid' has no address" in str(error)


@contextlib.contextmanager
def relay(server: DnsServer, answers: int, wires: list[bytes]) -> Iterator[tuple[str, int]]:
    """Passes messages on, and closes each connection after so many answers."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()

        def serve() -> None:
            with contextlib.suppress(OSError, struct.error):
                while True:
                    connection, _address = listening.accept()
                    with connection, connection.makefile("rb") as reader:
                        for _answer in range(answers):
                            (length,) = struct.unpack("!H", reader.read(2))
                            wire = reader.read(length)
                            wires.append(wire)
                            answer = server.respond(wire, "tcp") or b""
                            connection.sendall(struct.pack("!H", len(answer)) + answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()
        listening.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def test_a_server_that_closes_the_connection_is_called_again(server: DnsServer) -> None:
    wires: list[bytes] = []
    with relay(server, 3, wires) as (host, port):
        connection = Connection(PrimaryServer(host, port, timeout=20.0, **KEY))
        assert ask(connection, *range(10)) == [f"t{number}.test." for number in range(10)]


def test_a_server_that_closes_it_at_once(server: DnsServer) -> None:
    with relay(server, 0, []) as (host, port):
        error = failure(Connection(PrimaryServer(host, port, timeout=20.0)))
    assert error.code == "network"
    assert "closed the connection" in str(error) or "reset" in str(error)


def test_a_truncated_answer_is_asked_for_by_tcp(server: DnsServer) -> None:
    server.behaviour["n1.example.com"] = "truncate_udp"
    connection = connect_to(server, protocol="udp")
    assert ask(connection, 0, 1, 2) == ["t0.test.", "t1.test.", "t2.test."]


def test_a_lost_datagram_is_sent_again(server: DnsServer) -> None:
    respond, lost = server.respond, [True]

    def lose(wire: bytes, transport: str) -> bytes | None:
        return None if lost and lost.pop() else respond(wire, transport)

    with mock.patch.object(server, "respond", lose):
        # Threads have the method that was there when they began.
        server.stop()
        server.start()
        assert ask(connect_to(server, protocol="udp", timeout=4.5)) == ["t0.test."]


# --- keys -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_wrong_name_and_a_wrong_secret_are_told_apart(server: DnsServer, protocol: str) -> None:
    wrong = base64.b64encode(b"wrong").decode()
    name = failure(connect_to(server, protocol=protocol, key_name="other-key"))
    assert name.code == "authentication"
    assert "does not know the key other-key with this algorithm (BADKEY)" in str(name)
    secret = failure(connect_to(server, protocol=protocol, key_secret=wrong))
    assert secret.code == "authentication"
    assert "the secret of the key mail-key is wrong (BADSIG)" in str(secret)
    assert wrong not in str(secret)


def test_clocks_that_differ(server: DnsServer) -> None:
    def too_late(wire: bytes, transport: str) -> bytes:
        request = dns.message.from_wire(wire, keyring=server.keys)
        answer = dns.message.make_response(request)
        answer.set_rcode(dns.rcode.NOTAUTH)
        ahead = int(time.time()) + 3600
        answer.use_tsig(
            request.keyring, tsig_error=dns.rcode.BADTIME, other_data=ahead.to_bytes(6, "big")
        )
        return answer.to_wire()

    with mock.patch.object(server, "respond", too_late):
        server.stop()
        server.start()
        error = failure(connect_to(server))
    assert error.code == "authentication"
    assert re.search(r"BADTIME\): its own is 3[56]\d\d s ahead of the one here", str(error))


@contextlib.contextmanager
def unsigned(server: DnsServer, code: dns.rcode.Rcode) -> Iterator[None]:
    """It answers so, and signs nothing: as somebody in between would."""

    def respond(wire: bytes, transport: str) -> bytes | None:
        answer = dns.message.make_response(dns.message.from_wire(wire, keyring=False))
        answer.set_rcode(code)
        return answer.to_wire()

    with mock.patch.object(server, "respond", respond):
        server.stop()
        server.start()
        yield


@pytest.mark.parametrize(
    ("code", "expected"),
    [(dns.rcode.NOERROR, "bad_response"), (dns.rcode.NOTAUTH, "authentication")],
)
def test_an_answer_that_nobody_signed_is_not_believed(
    server: DnsServer, code: dns.rcode.Rcode, expected: str
) -> None:
    with unsigned(server, code):
        assert failure(connect_to(server)).code == expected


def test_a_refusal_that_nobody_signed_is_given(server: DnsServer) -> None:
    with unsigned(server, dns.rcode.REFUSED), contextlib.closing(connect_to(server)) as connection:
        (answer,) = connection.exchange([question()])
    assert answer.rcode() == dns.rcode.REFUSED


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"key_name": "k"}, "key_name is given without key_secret"),
        ({"key_secret": SECRET}, "key_secret is given without key_name"),
        ({"key_name": "k", "key_secret": "???"}, "key_secret is not base64"),
        ({"key_name": "k", "key_secret": "abc"}, "key_secret is not base64"),
        ({"key_name": "k..k", "key_secret": SECRET}, "is not the name of a key"),
        ({**KEY, "key_algorithm": "hmac-md6"}, "key_algorithm must be one of"),
    ],
)
def test_a_key_that_is_none(options: dict[str, Any], words: str) -> None:
    with pytest.raises(TrackingError) as caught:
        key_from(PrimaryServer("192.0.2.1", **options))
    assert caught.value.code == "validation"
    assert words in str(caught.value)
    assert caught.value.__cause__ is None
    assert SECRET not in str(caught.value)
    assert SECRET not in repr(PrimaryServer("192.0.2.1", **options))


@pytest.mark.parametrize(
    ("algorithm", "name"),
    [
        ("HMAC-SHA512.", "hmac-sha512."),
        ("hmac-md5", "hmac-md5.sig-alg.reg.int."),
        ("HMAC-MD5.SIG-ALG.REG.INT", "hmac-md5.sig-alg.reg.int."),
    ],
)
def test_an_algorithm_by_any_of_its_names(algorithm: str, name: str) -> None:
    broken = SECRET[:10] + "\n " + SECRET[10:]
    key = key_from(
        PrimaryServer("192.0.2.1", key_name="k", key_secret=broken, key_algorithm=algorithm)
    )
    assert str(key.algorithm).lower() == name
    assert key.secret == base64.b64decode(SECRET)

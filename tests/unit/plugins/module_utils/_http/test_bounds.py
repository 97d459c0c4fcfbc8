# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Servers that trickle, never end or send bombs: a call ends in time, and its memory is bounded."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3

from ansible_collections.mailops.email.plugins.module_utils._errors import (
    TrackingError,
    UnclearOutcome,
)
from ansible_collections.mailops.email.plugins.module_utils._http import bounds
from ansible_collections.mailops.email.plugins.module_utils._http.client import HttpClient
from ansible_collections.mailops.email.tests.support.certificates import Authority

OPERATION = "add tracking domain t.example.com at SendCloud"
# Longer than anything takes here; what has to end by it is given up by the test: see ``given_up``.
TIMEOUT = 60.0
# How long a call then goes on.
MOMENT = 0.2
# What a busy machine may take at most.
SLACK = 30.0
OK = b"HTTP/1.1 200 OK\r\n"
Talk = Callable[["Peer"], None]


class Peer:
    """The server's end of one connection."""

    def __init__(
        self, connection: socket.socket, stop: threading.Event, came: threading.Semaphore
    ) -> None:
        self.connection = connection
        self._stop = stop
        self._came = came

    def has_come(self) -> None:
        """What the client sends has come, as far as the test goes."""
        self._came.release()

    def read_request(self) -> bytes:
        """The request's head and its body, ``a=b``."""
        received = b""
        while not received.endswith(b"a=b"):
            piece = self.connection.recv(65536)
            if not piece:
                raise OSError("it went away")
            received += piece
        self.has_come()
        return received

    def send(self, data: bytes) -> None:
        self.connection.sendall(data)

    def trickle(self, data: bytes) -> None:
        """Again and again, a byte at a time, and without end."""
        while True:
            for number in range(len(data)):
                if self._stop.wait(MOMENT / 10):
                    return
                self.send(data[number : number + 1])

    def repeat(self, data: bytes) -> None:
        while not self._stop.is_set():
            self.send(data)

    def wait(self) -> None:
        self._stop.wait(30)


class Server:
    """Talks to each connection in a thread of its own."""

    def __init__(self, talk: Talk, context: ssl.SSLContext | None = None) -> None:
        self._talk = talk
        self._context = context
        self.stop = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.came = threading.Semaphore(0)
        self.accepted = 0
        self._threads = [threading.Thread(target=self._accept, daemon=True)]

    def __enter__(self) -> Server:
        self._threads[0].start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.stop.set()
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for thread in self._threads:
            thread.join(SLACK)
            assert not thread.is_alive(), "the server is still sending"

    def _accept(self) -> None:
        while True:
            try:
                connection, _peer = self.listener.accept()
            except OSError:
                return
            self.accepted += 1
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            stack.enter_context(connection)
            if self._context:
                connection = stack.enter_context(
                    self._context.wrap_socket(connection, server_side=True)
                )
            self._talk(Peer(connection, self.stop, self.came))


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    with contextlib.ExitStack() as stack:
        yield lambda talk, context=None: stack.enter_context(Server(talk, context))


@pytest.fixture
def given_up(monkeypatch: pytest.MonkeyPatch) -> Callable[[Server], list[float]]:
    """Calls to a server from now on: their time is over a moment after they have come there.

    However busy the machine is. Returned are the seconds that each call was given.
    """

    def prepare(server: Server) -> list[float]:
        given: list[float] = []

        def wait(finished: threading.Event, seconds: float) -> None:
            given.append(seconds)
            assert server.came.acquire(timeout=SLACK)
            finished.wait(MOMENT)

        monkeypatch.setattr(bounds, "_wait", wait)
        return given

    return prepare


@pytest.fixture
def tls(tmp_path: Path) -> ssl.SSLContext:
    issued = Authority.root().issue("127.0.0.1")
    (tmp_path / "cert.pem").write_text(issued.leaf)
    (tmp_path / "key.pem").write_text(issued.key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    return context


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture(autouse=True)
def all_threads_end() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + SLACK
    while (left := set(threading.enumerate()) - before) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not left


@pytest.fixture
def open_() -> Iterator[Callable[..., HttpClient]]:
    with contextlib.ExitStack() as stack:

        def make(port: int, *, scheme: str = "http", **options: Any) -> HttpClient:
            settings: dict[str, Any] = {
                "timeout": TIMEOUT,
                "retries": 0,
                "verify": False,
                **options,
            }
            client = HttpClient(
                base_url=f"{scheme}://127.0.0.1:{port}",
                provider="sendcloud",
                title="SendCloud",
                sleep=lambda seconds: None,
                **settings,
            )
            stack.callback(client.close)
            return client

        yield make


def ask(client: HttpClient, *, write: bool = False) -> Any:
    return client.post(
        "x",
        operation=OPERATION,
        write=write,
        interpret=lambda answer: answer.body,
        form={"a": "b"},
    )


def refusal(client: HttpClient, *, write: bool = False) -> TrackingError:
    with pytest.raises(TrackingError) as caught:
        ask(client, write=write)
    return caught.value


def answering(work: Talk) -> Talk:
    """Once the request is there."""

    def talk(peer: Peer) -> None:
        peer.read_request()
        work(peer)

    return talk


def then(head: bytes, work: Talk) -> Talk:
    """Send something, then go on."""

    def talk(peer: Peer) -> None:
        peer.send(head)
        work(peer)

    return talk


SLOW: dict[str, Talk] = {
    "silence": lambda peer: peer.wait(),
    "status": lambda peer: peer.trickle(b"HTTP/1.1 200 " + b"x" * 1000),
    "headers": then(OK, lambda peer: peer.trickle(b"X-Header: some\r\n")),
    "continue": lambda peer: peer.repeat(b"HTTP/1.1 100 Continue\r\n\r\n"),
    "body": then(OK + b"Content-Length: 99999\r\n\r\n", lambda peer: peer.trickle(b"{ ")),
    "body without a length": then(OK + b"\r\n", lambda peer: peer.trickle(b"{}")),
    "chunks": then(
        OK + b"Transfer-Encoding: chunked\r\n\r\n", lambda peer: peer.trickle(b"1\r\n \r\n")
    ),
    "trailers": then(
        OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", lambda peer: peer.repeat(b"X: y\r\n")
    ),
    "gzip": then(
        OK + b"Content-Encoding: gzip\r\n\r\n",
        lambda peer: peer.repeat(gzip.compress(b"")),
    ),
}


def test_the_time_of_a_call_is_that_of_the_clock(serve: Any, open_: Any) -> None:
    started = time.monotonic()
    error = refusal(open_(serve(answering(SLOW["body"])).port, timeout=1.0))
    assert 1.0 <= time.monotonic() - started < 1.0 + SLACK
    assert "within 1 s" in str(error)


@pytest.mark.parametrize("talk", SLOW.values(), ids=list(SLOW))
def test_a_call_ends_in_time_however_its_answer_trickles(
    talk: Talk, serve: Any, open_: Any, given_up: Any, monkeypatch: Any
) -> None:
    # Empty gzip members come as fast as a machine can, and the size is not what ends them here.
    monkeypatch.setattr(bounds, "LARGEST", 1 << 40)
    server = serve(answering(talk))
    given = given_up(server)
    error = refusal(open_(server.port), write=True)
    assert given == [TIMEOUT]
    assert error.code == "network"
    assert isinstance(error, UnclearOutcome)
    assert "it was not complete within 60 s" in str(error)


@pytest.mark.parametrize(
    "talk", [SLOW["silence"], SLOW["headers"], SLOW["body"]], ids=["silence", "headers", "body"]
)
def test_and_so_it_does_within_tls(
    talk: Talk, serve: Any, tls: Any, open_: Any, given_up: Any
) -> None:
    server = serve(answering(talk), tls)
    given_up(server)
    error = refusal(open_(server.port, scheme="https"))
    assert error.code == "network"
    assert not isinstance(error, UnclearOutcome)
    assert "it was not complete within 60 s" in str(error)


@pytest.mark.parametrize("write", [False, True], ids=["read", "write"])
def test_what_came_too_late_may_be_asked_again(
    write: bool, serve: Any, open_: Any, given_up: Any
) -> None:
    server = serve(answering(SLOW["body"]))
    given = given_up(server)
    error = refusal(open_(server.port, retries=2), write=write)
    assert len(given) == (1 if write else 3)
    assert ("(tried 3 times)" in str(error)) == (not write)


@pytest.mark.parametrize("write", [False, True], ids=["read", "write"])
@pytest.mark.parametrize("how", ["TLS", "slow TLS", "proxy", "slow proxy"])
def test_a_connection_that_is_never_made_sends_nothing(
    how: str, write: bool, serve: Any, open_: Any, given_up: Any, monkeypatch: Any
) -> None:
    """So that a write is no doubtful one, and is sent again."""

    def talk(peer: Peer) -> None:
        peer.connection.recv(65536)
        peer.has_come()
        if how == "slow TLS":
            # A handshake record of 16 kB, which never gets whole.
            peer.send(b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc")
            peer.trickle(b"\x00")
        if how == "slow proxy":
            peer.trickle(b"HTTP/1.1 200 " + b"x" * 1000)
        peer.wait()

    server = serve(talk)
    given_up(server)
    if "proxy" in how:
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{server.port}")
    error = refusal(open_(server.port, scheme="https", retries=1), write=write)
    assert error.code == "network"
    assert not isinstance(error, UnclearOutcome)
    assert "no connection within 60 s (tried 2 times)" in str(error)
    assert server.accepted == 2


def test_what_was_given_up_is_not_sent_later(
    serve: Any, open_: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection that is there after the deadline: the call may have been made again by then."""
    came: list[bytes] = []
    ended = threading.Event()
    connect = urllib3.util.connection.create_connection

    def late(*args: Any, **more: Any) -> socket.socket:
        ended.wait(SLACK)
        return connect(*args, **more)

    def talk(peer: Peer) -> None:
        came.append(peer.connection.recv(65536))

    server = serve(talk)
    monkeypatch.setattr(urllib3.util.connection, "create_connection", late)
    assert "no connection within" in str(refusal(open_(server.port, timeout=MOMENT), write=True))
    ended.set()
    deadline = time.monotonic() + SLACK
    while not came and time.monotonic() < deadline:
        time.sleep(0.01)
    assert came == [b""]


def test_a_resolver_that_hangs_does_not_hold_the_call(
    open_: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = threading.Event()

    def hangs(*_args: Any, **_more: Any) -> Any:
        found.wait(SLACK)
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", hangs)
    try:
        assert "no connection within" in str(refusal(open_(1, timeout=MOMENT), write=True))
    finally:
        found.set()


# --- size ------------------------------------------------------------------------------------------

BOMB = gzip.compress(gzip.compress(b" " * (1 << 28), 9), 9)


def packed(peer: Peer, coding: str, body: bytes) -> None:
    head = f"Content-Encoding: {coding}\r\nContent-Length: {len(body)}\r\n\r\n"
    peer.send(OK + head.encode() + body)
    peer.wait()


HUGE: dict[str, Talk] = {
    "endless": then(OK + b"\r\n", lambda peer: peer.repeat(b" " * 65536)),
    "endless chunks": then(
        OK + b"Transfer-Encoding: chunked\r\n\r\n",
        lambda peer: peer.repeat(b"10000\r\n" + b" " * 65536 + b"\r\n"),
    ),
    "a long one": then(
        OK + b"Content-Length: 99999999999\r\n\r\n", lambda peer: peer.repeat(b" " * 65536)
    ),
    "a bomb": lambda peer: packed(peer, "gzip", gzip.compress(b" " * (1 << 25), 9)),
    "a bomb of many": lambda peer: packed(peer, "x-gzip", gzip.compress(b" " * (1 << 20), 9) * 40),
    "empty members": then(
        OK + b"Content-Encoding: gzip\r\n\r\n", lambda peer: peer.repeat(gzip.compress(b"") * 3000)
    ),
}


@pytest.mark.parametrize("talk", HUGE.values(), ids=list(HUGE))
@pytest.mark.parametrize("write", [False, True], ids=["read", "write"])
def test_an_answer_beyond_the_limit_is_not_read_on(
    talk: Talk, write: bool, serve: Any, open_: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(bounds, "LARGEST", 1 << 20)
    error = refusal(open_(serve(answering(talk)).port), write=write)
    assert error.code == "bad_response"
    assert isinstance(error, UnclearOutcome) == write
    assert "the answer cannot be read (HTTP 200): it is larger than 16 MiB" in str(error)


def test_a_line_without_end_takes_no_memory(serve: Any, open_: Any) -> None:
    """The size of a chunk, which urllib3 reads to the end of its line."""

    def talk(peer: Peer) -> None:
        peer.send(OK + b"Transfer-Encoding: chunked\r\n\r\n")
        peer.repeat(b"1" * 65536)

    error = refusal(open_(serve(answering(talk)).port))
    assert error.code == "network"
    assert "the answer broke off" in str(error)


@pytest.mark.parametrize(
    ("coding", "body", "says"),
    [
        ("gzip", gzip.compress(b"{}")[:-1], "its compressed data is incomplete"),
        ("gzip", b"{}", "its compressed data is damaged"),
        ("gzip", gzip.compress(b"{}") + b"{}", "its compressed data is damaged"),
        ("br", b"{}", "a compression that was not requested"),
        ("gzip, gzip", BOMB, "a compression that was not requested"),
        ("zstd", b"{}", "a compression that was not requested"),
    ],
    ids=["cut", "not packed", "more after it", "br", "packed twice", "zstd"],
)
def test_what_cannot_be_unpacked_is_no_answer(
    coding: str, body: bytes, says: str, serve: Any, open_: Any
) -> None:
    server = serve(answering(lambda peer: packed(peer, coding, body)))
    error = refusal(open_(server.port), write=True)
    assert error.code == "bad_response"
    assert isinstance(error, UnclearOutcome)
    assert says in str(error)


@pytest.mark.parametrize("split", [False, True])
def test_an_answer_within_the_limit_is_read_whole(split: bool, serve: Any, open_: Any) -> None:
    text = json.dumps({"of": "x" * (15 << 20)}).encode()
    half = len(text) // 2
    body = gzip.compress(text[:half]) + gzip.compress(text[half:]) if split else gzip.compress(text)
    server = serve(answering(lambda peer: packed(peer, "gzip", body)))
    assert len(ask(open_(server.port))["of"]) == 15 << 20


def test_the_limit_is_met_to_the_octet(serve: Any, open_: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(bounds, "LARGEST", 1000)
    for size, fits in ((1000, True), (1001, False)):
        body = zlib.compress(b"{}".ljust(size), wbits=31)
        server = serve(answering(lambda peer, body=body: packed(peer, "gzip", body)))
        client = open_(server.port)
        assert ask(client) == {} if fits else "larger than" in str(refusal(client))


def test_too_many_requests_is_said_however_large_the_answer(serve: Any, open_: Any) -> None:
    def talk(peer: Peer) -> None:
        peer.send(b"HTTP/1.1 429 Slow down\r\n\r\n")
        peer.repeat(b" " * 65536)

    error = refusal(open_(serve(answering(talk)).port), write=True)
    assert error.code == "rate_limited"


# --- what is good stays so --------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_calls_share_a_connection_and_leave_no_descriptor(
    scheme: str, serve: Any, tls: Any, open_: Any
) -> None:
    def talk(peer: Peer) -> None:
        while True:
            peer.read_request()
            peer.send(OK + b"Content-Length: 2\r\n\r\n{}")

    server = serve(talk, tls if scheme == "https" else None)
    before = len(os.listdir("/proc/self/fd"))
    client = open_(server.port, scheme=scheme)
    for _time in range(3):
        assert ask(client) == {}
    assert server.accepted == 1
    client.close()
    deadline = time.monotonic() + SLACK
    while len(os.listdir("/proc/self/fd")) > before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert len(os.listdir("/proc/self/fd")) <= before


def test_a_connection_that_the_server_closes_leaves_no_descriptor(serve: Any, open_: Any) -> None:
    def talk(peer: Peer) -> None:
        peer.read_request()
        peer.send(OK + b"Connection: close\r\n\r\n{}")

    client = open_(serve(talk).port)
    ask(client)
    before = len(os.listdir("/proc/self/fd"))
    for _time in range(5):
        assert ask(client) == {}
    assert len(os.listdir("/proc/self/fd")) <= before + 2


def test_an_interrupt_gives_the_call_up(serve: Any, open_: Any, monkeypatch: Any) -> None:
    server = serve(answering(lambda peer: peer.wait()))
    wait = threading.Event.wait

    def interrupted(self: Any, timeout: float | None = None) -> bool:
        if timeout == TIMEOUT:
            time.sleep(0.1)
            raise KeyboardInterrupt
        return wait(self, timeout)

    monkeypatch.setattr(threading.Event, "wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        ask(open_(server.port))

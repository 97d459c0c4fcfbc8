# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The bounds of one call: its whole time, and how large its answer may be. Private to this collection.

The time-outs of requests are for each wait for bytes: a server that sends one now and then never meets
them. So a call is made in a thread of its own, and given up when its time is over.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
import typing as t
import zlib
from dataclasses import dataclass

if t.TYPE_CHECKING:
    import requests
    import urllib3

    _Connection = urllib3.connection.HTTPConnection
else:
    _Connection = object

LARGEST_MIB = 16
LARGEST = LARGEST_MIB * 1024 * 1024
# What is asked for; more codings would need libraries, and tell of sizes in their own ways.
CODING = "gzip"
_PIECE = 64 * 1024
_Value = t.TypeVar("_Value")


class TooLate(Exception):
    """The time of a call is over."""


@dataclass(frozen=True)
class Received:
    """An answer as it came.

    :param body: unpacked; empty where ``fault`` says why it could not be read.
    """

    status: int
    headers: t.Mapping[str, str]
    body: bytes
    fault: str | None = None


def in_time(call: Call, seconds: float, work: t.Callable[[], _Value]) -> _Value:
    """What ``work``, a call over connections that are watched, returns or raises within so many seconds.

    :raises TooLate: it took longer. Its connection is cut, and nothing is sent from then on.
    """
    finished = threading.Event()
    outcome: list[_Value] = []
    failure: list[BaseException] = []

    def run() -> None:
        _this_thread.call = call
        try:
            outcome.append(work())
        except BaseException as exc:  # pylint: disable=broad-except
            failure.append(exc)
        call.end()
        finished.set()

    # A daemon: one that waits for a resolver, say, does not keep the module from ending.
    threading.Thread(target=run, daemon=True).start()
    started = time.monotonic()
    try:
        _wait(finished, seconds)
    finally:
        in_vain = call.give_up()
    # The time-out of its last wait for bytes may come first, by a hair.
    if in_vain or (failure and time.monotonic() - started >= seconds):
        raise TooLate
    if failure:
        raise failure[0]
    return outcome[0]


def _wait(finished: threading.Event, seconds: float) -> None:
    finished.wait(seconds)


def receive(response: requests.Response) -> Received:
    """An answer that was asked for as a stream, read to its end or to the limit."""
    body, fault = b"", None
    try:
        body = _read(response)
    except _Unreadable as exc:
        fault = str(exc)
    return Received(response.status_code, response.headers, body, fault)


class _Unreadable(Exception):
    pass


def _read(response: requests.Response) -> bytes:
    coding = response.headers.get("Content-Encoding", "").strip().lower()
    if coding not in ("", "identity", CODING, "x-gzip"):
        raise _Unreadable("it has a compression that was not requested")
    unpack = _Gunzip() if CODING in coding else None
    body = bytearray()
    came = 0
    while True:
        # Not as a stream of urllib3's: it unpacks what comes to any size, and so it reads chunks' sizes.
        piece = response.raw.read(_PIECE, decode_content=False)
        if not piece:
            break
        came += len(piece)
        body += unpack(piece, LARGEST + 1 - len(body)) if unpack else piece
        if max(came, len(body)) > LARGEST:
            raise _Unreadable(f"it is larger than {LARGEST_MIB} MiB")
    if unpack and not unpack.complete:
        raise _Unreadable("its compressed data is incomplete")
    return bytes(body)


class _Gunzip:
    """Unpacks gzip piece by piece (RFC 1952), never more than wanted."""

    def __init__(self) -> None:
        self._start()
        self.complete = True

    def _start(self) -> None:
        self._member = zlib.decompressobj(16 + zlib.MAX_WBITS)

    def __call__(self, piece: bytes, most: int) -> bytes:
        """What a piece holds, cut to ``most`` octets, after which there is no going on."""
        unpacked = bytearray()
        try:
            while piece and len(unpacked) < most:
                if self._member.eof:
                    self._start()
                unpacked += self._member.decompress(piece, most - len(unpacked))
                piece = self._member.unused_data
        except zlib.error:
            raise _Unreadable("its compressed data is damaged") from None
        self.complete = self._member.eof
        return bytes(unpacked)


# --- connections that can be cut from outside -------------------------------------------------------


class Call:
    """A call that one thread makes and another one may give up.

    ``sent``: whether a part of the request has left, so that it may have taken effect.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._over = False
        self._given_up = False
        self._handle: socket.socket | None = None
        self._is_ours = False
        self._was_seen = False
        self.sent = False

    @property
    def unsent(self) -> bool:
        """Whether a watched connection was made, or nearly so, and nothing of the request has left."""
        return self._was_seen and not self.sent

    def uses(self, handle: socket.socket | None, *, sends: bool = False) -> None:
        """It goes over this connection from now on.

        :raises TooLate: it was given up.
        """
        with self._lock:
            if self._given_up:
                raise TooLate
            self._handle = handle
            self._was_seen = True
            self.sent = self.sent or sends

    def keeps(self, handle: socket.socket) -> bool:
        """Whether the call closes a handle that a connection no longer needs: its answer may still come."""
        with self._lock:
            self._is_ours = handle is self._handle
            return self._is_ours

    def end(self) -> None:
        with self._lock:
            self._over = True
            handle, self._handle = self._handle, None
            if handle and self._is_ours:
                handle.close()

    def give_up(self) -> bool:
        """Cut the connection; False where the call has ended before."""
        with self._lock:
            if self._over:
                return False
            self._given_up = True
            if self._handle:
                with contextlib.suppress(OSError):
                    self._handle.shutdown(socket.SHUT_RDWR)
            return True


class _Current(threading.local):
    call: Call | None = None


_this_thread = _Current()


class _Watched(_Connection):
    """A connection with a second handle to its socket, whatever TLS and proxies make of the first."""

    _handle: socket.socket | None = None
    _connecting = False

    def _new_conn(self) -> socket.socket:
        made = super()._new_conn()
        self._handle = socket.socket(fileno=os.dup(made.fileno()))
        if _this_thread.call:
            try:
                _this_thread.call.uses(self._handle)
            except TooLate:
                made.close()
                raise
        return made

    def connect(self) -> None:
        self._connecting = True
        try:
            super().connect()
        finally:
            self._connecting = False

    def send(self, data: t.Any) -> None:
        # While it connects, a proxy is asked for a tunnel; that is no part of the request.
        if not self._connecting:
            if self.sock is None and self.auto_open:
                self.connect()
            if _this_thread.call:
                _this_thread.call.uses(self._handle, sends=True)
        super().send(data)

    def close(self) -> None:
        super().close()
        handle, self._handle = self._handle, None
        if handle and not (_this_thread.call and _this_thread.call.keeps(handle)):
            handle.close()


def watched(manager: t.Any) -> t.Any:
    """A PoolManager of urllib3's, whose connections can be cut by ``in_time`` from now on."""
    manager.pool_classes_by_scheme = {
        scheme: kind if issubclass(kind.ConnectionCls, _Watched) else _watched_pool(kind)
        for scheme, kind in manager.pool_classes_by_scheme.items()
    }
    return manager


def _watched_pool(kind: t.Any) -> t.Any:
    connection = kind.ConnectionCls
    watching = type(f"Watched{connection.__name__}", (_Watched, connection), {})
    return type(f"Watched{kind.__name__}", (kind,), {"ConnectionCls": watching})

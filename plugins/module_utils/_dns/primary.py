# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Signed messages to one DNS server and its answers, over one connection.

Private to this collection: no promise is made to others.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import socket
import struct
import time
import typing as t
from dataclasses import dataclass, replace

from ansible_collections.mailops.email.plugins.module_utils._errors import TrackingError

try:
    import dns.exception
    import dns.flags
    import dns.message
    import dns.name
    import dns.opcode
    import dns.rcode
    import dns.tsig
    import dns.update
except ImportError:
    pass  # whoever needs it says so first

ALGORITHMS = (
    "hmac-md5",
    "hmac-sha1",
    "hmac-sha224",
    "hmac-sha256",
    "hmac-sha384",
    "hmac-sha512",
)
_MD5 = "hmac-md5.sig-alg.reg.int"  # its name on the wire, RFC 8945, section 6
# How many messages are on their way at once.
_WINDOW = 25
# What fits into a datagram whole (RFC 9715), and how often one is sent.
UDP_SIZE = 1232
_UDP_TRIES = 3
# What a message over TCP may have, its signature included.
TCP_SIZE = 65535

Message = t.Any  # dns.message.Message: its library may be missing
_Address = t.Tuple[int, t.Any]  # the family, and what its sockets take


class PrimaryError(TrackingError):
    """This server cannot be used: it cannot be reached, or refuses the key."""


@dataclass(frozen=True)
class PrimaryServer:
    """Where and how to reach the server.

    :param host: an address or a host name.
    :param protocol: ``tcp`` or ``udp``.
    :param key_name: None: nothing is signed.
    :param key_secret: in base64.
    :param timeout: seconds for one exchange.
    """

    host: str
    port: int = 53
    protocol: str = "tcp"
    key_name: str | None = None
    key_secret: str | None = None
    key_algorithm: str = "hmac-sha256"
    timeout: float = 10.0

    def __repr__(self) -> str:
        return f"<{self.host} port {self.port}>"  # without the secret


def key_from(server: PrimaryServer) -> t.Any:
    """The ``dns.tsig.Key``, or None.

    :raises TrackingError: ``validation``; the secret is in no text.
    """
    if not server.key_name and not server.key_secret:
        return None
    for option in ("key_name", "key_secret"):
        if not getattr(server, option):
            other = "key_secret" if option == "key_name" else "key_name"
            raise TrackingError(
                "validation",
                f"{other} is given without {option}",
                hint="Give both, or neither if the server accepts unsigned updates.",
            )
    algorithm = server.key_algorithm.lower().rstrip(".")
    algorithm = "hmac-md5" if algorithm == _MD5 else algorithm
    if algorithm not in ALGORITHMS:
        raise TrackingError(
            "validation",
            f"key_algorithm must be one of {', '.join(ALGORITHMS)}, not {server.key_algorithm!r}",
        )
    try:
        secret = base64.b64decode("".join((server.key_secret or "").split()), validate=True)
    except (binascii.Error, ValueError):
        secret = b""
    if not secret:
        # Without the cause: its traceback would have the secret.
        raise TrackingError(
            "validation",
            "key_secret is not base64",
            hint="Give the secret as in the server's configuration, without quotes.",
        ) from None
    try:
        name = dns.name.from_text(server.key_name or "")
    except (dns.exception.DNSException, UnicodeError):
        raise TrackingError(
            "validation", f"key_name {server.key_name!r} is not the name of a key"
        ) from None
    return dns.tsig.Key(name, secret, _MD5 if algorithm == "hmac-md5" else algorithm)


class Connection:
    """Sends messages to the server and gives its answers.

    A host name's addresses are tried one after the other until one answers; together they have one
    time-out.

    :raises TrackingError: ``validation`` for an invalid key.
    """

    def __init__(
        self, server: PrimaryServer, *, clock: t.Callable[[], float] = time.monotonic
    ) -> None:
        self._server = server
        self._clock = clock
        self._key = key_from(server)
        self._addresses: list[_Address] | None = None
        self._answered = False
        self._socket: socket.socket | None = None

    # --- for messages ------------------------------------------------------------------

    @property
    def title(self) -> str:
        """The server, for a message."""
        return (
            self._server.host
            if self._server.port == 53
            else f"{self._server.host} port {self._server.port}"
        )

    @property
    def key(self) -> str:
        """The key, for a message."""
        if self._key is None:
            return "no key"
        return f"key {self._key.name.to_text(omit_final_dot=True)}"

    @property
    def signed(self) -> bool:
        return self._key is not None

    @property
    def max_message_size(self) -> int:
        """How many octets a message may have, its signature not included."""
        return (UDP_SIZE if self._server.protocol == "udp" else TCP_SIZE) - 400

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    # --- exchanging --------------------------------------------------------------------------

    def exchange(self, messages: t.Sequence[Message]) -> list[Message]:
        """The answer to each message, whatever its code; in the same order.

        :raises PrimaryError: no answer, or one that the key does not prove.
        """
        answers: list[Message] = []
        for start in range(0, len(messages), _WINDOW):
            answers += self._exchange_some(messages[start : start + _WINDOW])
        return answers

    def _exchange_some(self, messages: t.Sequence[Message]) -> list[Message]:
        pending: dict[int, Message] = {}
        for number, message in enumerate(messages):
            # Answers may come in any order.
            message.id = (message.id + number) % 65536
            while message.id in pending:
                message.id = (message.id + 1) % 65536
            if self._key is not None:
                message.use_tsig(self._key)
            pending[message.id] = message
        order = list(pending)
        answers: dict[int, Message] = {}
        deadline = self._clock() + self._server.timeout
        addresses = self._resolve()
        fruitless = 0
        while pending:
            family, where = addresses[0]
            # Those that are still to be tried have a share of the time.
            shares = 1 if self._answered else len(addresses)
            seconds = max((deadline - self._clock()) / shares, 0.0)
            before = len(pending)
            try:
                if self._server.protocol == "udp":
                    self._over_udp(family, where, pending, answers, seconds)
                else:
                    self._over_tcp(family, where, pending, answers, seconds)
            except (OSError, EOFError) as exc:
                self.close()
                # A server may close the connection after some answers.
                fruitless = fruitless + 1 if len(pending) == before else 0
                timed_out = isinstance(exc, (socket.timeout, TimeoutError))
                if not self._answered and len(addresses) > 1:
                    addresses.pop(0)
                elif timed_out or fruitless > 1 or not self._answered:
                    raise self._unreachable(exc) from None
        return [answers[each] for each in order]

    def _resolve(self) -> list[_Address]:
        if self._addresses is None:
            kind = socket.SOCK_DGRAM if self._server.protocol == "udp" else socket.SOCK_STREAM
            try:
                found = socket.getaddrinfo(self._server.host, self._server.port, type=kind)
            except (OSError, UnicodeError) as exc:
                why = getattr(exc, "strerror", None) or "no host name"
                raise PrimaryError(
                    "network" if getattr(exc, "errno", 0) == socket.EAI_AGAIN else "validation",
                    f"the server {self._server.host!r} has no address: {why}",
                    hint="Give the address or the host name of the server that accepts the "
                    "updates; the port has its own option.",
                ) from None
            self._addresses = list(dict.fromkeys((each[0], each[4]) for each in found))
        return self._addresses

    def _over_tcp(
        self,
        family: int,
        where: t.Any,
        pending: dict[int, Message],
        answers: dict[int, Message],
        seconds: float,
    ) -> None:
        end = self._clock() + seconds
        if self._socket is None:
            self._socket = socket.socket(family, socket.SOCK_STREAM)
            self._socket.settimeout(max(seconds, 0.001))
            self._socket.connect(where)
            with contextlib.suppress(OSError):
                self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        wires = [message.to_wire(max_size=TCP_SIZE) for message in pending.values()]
        self._socket.settimeout(max(end - self._clock(), 0.001))
        self._socket.sendall(b"".join(struct.pack("!H", len(wire)) + wire for wire in wires))
        while pending:
            (length,) = struct.unpack("!H", self._receive(self._socket, 2, end))
            self._accept(self._receive(self._socket, length, end), pending, answers)
            end = self._clock() + self._server.timeout

    def _receive(self, sock: socket.socket, size: int, end: float) -> bytes:
        data = b""
        while len(data) < size:
            sock.settimeout(max(end - self._clock(), 0.001))
            more = sock.recv(size - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    def _over_udp(
        self,
        family: int,
        where: t.Any,
        pending: dict[int, Message],
        answers: dict[int, Message],
        seconds: float,
    ) -> None:
        if self._socket is None:
            self._socket = socket.socket(family, socket.SOCK_DGRAM)
            self._socket.connect(where)
        truncated: dict[int, Message] = {}
        for _attempt in range(_UDP_TRIES):
            end = self._clock() + seconds / _UDP_TRIES
            for message in pending.values():
                self._socket.send(message.to_wire(max_size=TCP_SIZE))
            while pending:
                self._socket.settimeout(max(end - self._clock(), 0.001))
                try:
                    wire = self._socket.recv(TCP_SIZE)
                except (socket.timeout, TimeoutError):
                    break
                number = int.from_bytes(wire[:2], "big")
                if len(wire) > 2 and wire[2] & 0x02 and number in pending:
                    truncated[number] = pending.pop(number)
                else:
                    self._accept(wire, pending, answers)
            if not pending:
                break
        if pending:
            pending.update(truncated)
            raise socket.timeout
        if truncated:
            self._answered = True
            messages = list(truncated.values())
            over_tcp = Connection(replace(self._server, protocol="tcp"), clock=self._clock)
            try:
                found = over_tcp.exchange(messages)
            finally:
                over_tcp.close()
            answers.update(zip(truncated, found))

    def _accept(
        self, wire: bytes, pending: dict[int, Message], answers: dict[int, Message]
    ) -> None:
        """Note an answer; what answers nothing that was asked is dropped."""
        number = int.from_bytes(wire[:2], "big")
        message = pending.get(number)
        if message is None or len(wire) < 12:
            return
        answer = self._parse(message, wire)
        if answer is None:
            return
        self._answered = True
        del pending[number]
        answers[number] = answer

    def _parse(self, message: Message, wire: bytes) -> Message | None:
        code = wire[3] & 0x0F
        try:
            answer = dns.message.from_wire(
                wire,
                keyring=self._key,
                request_mac=message.mac if self.signed else b"",
                one_rr_per_rrset=True,
            )
        except (dns.tsig.PeerError, dns.tsig.BadTime) as exc:
            raise self._key_error(exc, wire) from None
        except dns.exception.DNSException as exc:
            if self.signed and code == dns.rcode.NOTAUTH:
                # Some do not sign the answer that says that they do not know the key.
                raise self._key_error(exc, wire) from None
            if self.signed and code not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
                return self._refusal(message, code)
            raise PrimaryError(
                "bad_response",
                f"the DNS server {self.title} gave an answer that cannot be read or is not "
                f"signed with the {self.key}",
                hint="Check that this is the server that knows the key, and that nothing on the "
                "way changes DNS messages.",
            ) from None
        if not message.is_response(answer):
            return None
        if self.signed and not answer.had_tsig:
            if code == dns.rcode.NOTAUTH:
                raise self._key_error(None, wire)
            if code in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
                raise PrimaryError(
                    "bad_response",
                    f"the DNS server {self.title} did not sign its answer with the {self.key}",
                    hint="Check that this is the server that knows the key.",
                )
        return answer

    @staticmethod
    def _refusal(message: Message, code: int) -> Message:
        """An answer with only a code, which is not signed: it can only stop us."""
        answer = dns.message.Message(id=message.id)
        answer.flags |= dns.flags.QR
        answer.set_rcode(dns.rcode.Rcode(code))
        return answer

    # --- what went wrong ---------------------------------------------------------------------

    def _unreachable(self, exc: Exception) -> PrimaryError:
        how = self._server.protocol.upper()
        if isinstance(exc, (socket.timeout, TimeoutError)):
            why = f"gave no answer by {how} within {self._server.timeout:g} s"
        elif isinstance(exc, EOFError):
            why = "closed the connection without an answer"
        else:
            why = f"cannot be reached by {how}: {getattr(exc, 'strerror', None) or exc}"
        done = (
            " It has answered before, so the last update may have taken effect."
            if self._answered
            else ""
        )
        return PrimaryError(
            "network",
            f"the DNS server {self.title} {why}",
            hint=f"Check server and port, that it runs, and that a firewall lets {how} through."
            + done,
        )

    def _key_error(self, exc: Exception | None, wire: bytes) -> PrimaryError:
        if isinstance(exc, dns.tsig.PeerBadSignature):
            what = f"says that the secret of the {self.key} is wrong (BADSIG)"
            hint = (
                "Compare key_secret and key_algorithm with the key in the server's configuration."
            )
        elif isinstance(exc, dns.tsig.PeerBadTime):
            away = int.from_bytes(wire[-6:], "big") - int(time.time())
            what = (
                f"says that the clocks differ (BADTIME): its own is {abs(away)} s "
                f"{'ahead of' if away > 0 else 'behind'} the one here"
            )
            hint = (
                "Set the clocks of both machines, with NTP for example; 5 minutes of difference "
                "are allowed."
            )
        elif isinstance(exc, dns.tsig.BadTime):
            what = "signed its answer at a time that differs by more than 5 minutes (BADTIME)"
            hint = "Set the clocks of both machines, with NTP for example."
        elif isinstance(exc, dns.tsig.PeerBadTruncation):
            what = f"wants a longer signature of the {self.key} (BADTRUNC)"
            hint = "Check key_algorithm."
        else:
            what = f"does not know the {self.key} with this algorithm (BADKEY)"
            hint = (
                "Compare key_name and key_algorithm with the key in the server's configuration. "
                "Key names are compared whole."
            )
        return PrimaryError("authentication", f"the DNS server {self.title} {what}", hint=hint)

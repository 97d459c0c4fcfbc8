# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults: what goes wrong between a client and a vendor, injected on purpose and counted down."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from typing import Any

from .names import fold
from .replies import CONNECTION_HEADER, Reply, html_reply, json_reply

# The kinds of a fault and, for each, what its `value` means.
KINDS = {
    "http_error": "an HTML page; value: the HTTP status (502)",
    "empty": "no body; value: the HTTP status (200)",
    "truncated_json": "the right answer without its second half, well framed",
    "cut": "the right answer, the connection closed in the middle of it",
    "invalid_utf8": "JSON whose message is not UTF-8",
    "wrong_shape": "JSON of another shape; value: any JSON value to send, or the word missing_info",
    "reset": "the connection is reset without an answer",
    "slow": "the right answer, late; value: seconds (1)",
    "late": "the right answer, late, and the effect as late; value: seconds (1)",
    "rate_limited": "HTTP 429; value: the seconds in Retry-After, or nothing for no such header",
    "rate_limited_date": "HTTP 429; Retry-After is a date, value seconds from now (1)",
    "vendor_error": "the vendor's own error; value: its code (SendCloud) or its kind (SendClean)",
    "redirect": "HTTP 302; value: where to (another name of this host)",
    "echo": "a vendor's error whose message repeats every parameter, secrets included",
}


def _http_error(value: Any) -> Reply:
    status = int(value or 502)
    return html_reply(status, f"{status} from a gateway")


def _wrong_shape(value: Any) -> Reply:
    if value == "missing_info":
        value = {"result": True, "statusCode": 200, "status": "success"}
    return json_reply(value)


def _too_many(error: Reply, retry_after: str | None) -> Reply:
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    return Reply(status=429, body=error.body, headers=headers)


_INSTEAD: dict[str, Callable[[Any], Reply]] = {
    "http_error": _http_error,
    "empty": lambda value: Reply(status=int(value or 200)),
    "invalid_utf8": lambda value: Reply(body=b'{"status": "success", "message": "\xff\xfe\x80"}'),
    "wrong_shape": _wrong_shape,
    "reset": lambda value: Reply(status=0, headers={CONNECTION_HEADER: "reset"}),
}
_NEED_THE_ANSWER: dict[str, Callable[[Reply], Reply]] = {
    "truncated_json": lambda right: Reply(body=right.body[: len(right.body) // 2]),
    "cut": lambda right: Reply(body=right.body, headers={CONNECTION_HEADER: "cut"}),
    "slow": lambda right: right,
    "late": lambda right: right,
}


@dataclass
class Fault:
    """One fault and the calls it befalls. An empty criterion fits every call."""

    kind: str
    value: Any = None
    vendor: str = ""
    account: str = ""
    action: str = ""  # the vendor's word or the operation
    name: str = ""  # one of the names that the call is about
    count: int = 1  # how many calls; 0: all from now on
    skip: int = 0  # how many calls that fit are let pass first
    after: bool = False  # the call takes effect, only the answer is spoilt
    message: str = ""  # of a vendor_error
    http_status: int = 200  # of a vendor_error
    hits: int = 0

    @classmethod
    def from_dict(cls, given: dict[str, Any]) -> Fault:
        unknown = set(given) - {f.name for f in fields(cls)} | set(given) & {"hits"}
        if unknown:
            raise ValueError(f"a fault has no {', '.join(sorted(unknown))}")
        if given.get("kind") not in KINDS:
            raise ValueError(f"kind is one of {', '.join(KINDS)}, not {given.get('kind')!r}")
        fault = cls(**given)
        fault.after = fault.after or fault.kind in _NEED_THE_ANSWER
        return fault

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def befalls(
        self, *, vendor: str, account: str | None, actions: Iterable[str], names: Iterable[str]
    ) -> bool:
        return (
            self.vendor in ("", vendor)
            and self.account in ("", account)
            and (not self.action or self.action in actions)
            and (not self.name or fold(self.name) in {fold(name) for name in names})
        )

    def spoil(self, right: Reply, error: Reply, elsewhere: str) -> Reply:
        """The answer under this fault.

        `right` is what the vendor would have said (empty where the call was not performed), `error`
        the vendor's error for the kinds that send one, `elsewhere` the default goal of a redirect.
        """
        value = self.value
        if self.kind in _INSTEAD:
            return _INSTEAD[self.kind](value)
        if self.kind in _NEED_THE_ANSWER:
            return _NEED_THE_ANSWER[self.kind](right)
        if self.kind == "rate_limited":
            return _too_many(error, None if value is None else str(value))
        if self.kind == "rate_limited_date":
            moment = datetime.now(timezone.utc) + timedelta(seconds=float(value or 1))
            return _too_many(error, format_datetime(moment, usegmt=True))
        if self.kind == "redirect":
            return Reply(status=302, headers={"Location": str(value or elsewhere)})
        return error  # vendor_error, echo


class FaultPlan:
    """The faults still to come."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._faults.append(fault)

    def take(self, **call: Any) -> Fault | None:
        """The first fault that befalls the call, counted down; see Fault.befalls."""
        with self._lock:
            for fault in self._faults:
                if fault.befalls(**call):
                    if fault.skip:
                        fault.skip -= 1
                        continue
                    fault.hits += 1
                    if fault.count and fault.hits >= fault.count:
                        self._faults.remove(fault)
                    return fault
            return None

    def pending(self, **wanted: str) -> list[Fault]:
        with self._lock:
            return [f for f in self._faults if all(getattr(f, k) == v for k, v in wanted.items())]

    def clear(self, **wanted: str) -> None:
        with self._lock:
            keep = [f for f in self._faults if any(getattr(f, k) != v for k, v in wanted.items())]
            self._faults = keep

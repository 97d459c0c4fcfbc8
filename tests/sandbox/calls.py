# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The call log: what each vendor was asked, so that tests can count it. It never holds a secret."""

from __future__ import annotations

import itertools
import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from typing import Any

WRITES = {"add", "update", "delete"}


@dataclass
class Call:
    """One call. `action` is the vendor's word, `operation` ours.

    Operations: list, add, update, check, delete, unknown.
    """

    vendor: str
    region: str
    account: str | None  # the label; none where the credentials name no account
    action: str
    operation: str
    method: str
    path: str
    names: list[str]
    ids: list[str]
    peer_port: int
    credentials_in_url: bool
    credentials_in_headers: bool
    in_flight: int = 1  # calls of this account being served when this one began, itself included
    http_status: int | None = (
        None  # none while it is being served, 0 where the connection was reset
    )
    vendor_code: int | str | None = None
    fault: str | None = None
    took_effect: bool = False  # a write that changed something, whatever the answer said
    number: int = 0
    time: str = field(default_factory=lambda: datetime.now(timezone.utc).isoformat())

    @property
    def write(self) -> bool:
        return self.operation in WRITES

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "write": self.write}


class CallLog:
    """All calls, oldest first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: list[Call] = []
        self._numbers = itertools.count(1)
        self._in_flight: Counter[tuple[str, str | None]] = Counter()

    def begin(self, call: Call) -> None:
        with self._lock:
            self._in_flight[call.vendor, call.account] += 1
            call.in_flight = self._in_flight[call.vendor, call.account]
            call.number = next(self._numbers)
            self._calls.append(call)

    def end(self, call: Call, http_status: int) -> None:
        with self._lock:
            self._in_flight[call.vendor, call.account] -= 1
            call.http_status = http_status

    def find(self, **wanted: str) -> list[Call]:
        """The calls whose fields have the given values, as text (true and false in lower case)."""
        with self._lock:
            return [call for call in self._calls if _matches(call, wanted)]

    def clear(self, **wanted: str) -> None:
        with self._lock:
            self._calls = [call for call in self._calls if not _matches(call, wanted)]


def _matches(call: Call, wanted: dict[str, str]) -> bool:
    for name, value in wanted.items():
        found = getattr(call, name)
        text = str(found).lower() if isinstance(found, bool) else str(found)
        if text != value:
            return False
    return True


def summary(calls: Iterable[Call]) -> dict[str, Any]:
    """Calls with their counts by the vendor's action and by operation."""
    calls = list(calls)
    return {
        "calls": [call.as_dict() for call in calls],
        "total": len(calls),
        "writes": sum(call.write for call in calls),
        "actions": dict(Counter(call.action for call in calls)),
        "operations": dict(Counter(call.operation for call in calls)),
        "most_in_flight": max((call.in_flight for call in calls), default=0),
        "connections": len({(call.vendor, call.peer_port) for call in calls}),
    }

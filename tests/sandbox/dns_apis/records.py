# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The records behind a double, and their way into the live DNS."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ..dns_server import DnsServer


class ConflictError(Exception):
    """A CNAME would stand beside another record; `existing` are those in the way."""

    def __init__(self, existing: list[Record]) -> None:
        super().__init__(", ".join(f"{record.name} {record.type}" for record in existing))
        self.existing = existing


@dataclass
class Record:
    """One record. `name` is whole, lower case and without a last dot; `extra` is the vendor's."""

    zone: str
    name: str
    type: str
    value: str
    ttl: int
    extra: dict[str, Any] = field(default_factory=dict)
    id: int = 0

    @property
    def prefix(self) -> str:
        """The name relative to the zone, `@` at the apex."""
        return "@" if self.name == self.zone else self.name.removesuffix(f".{self.zone}")


class Records:
    """All records of an account. What changes here changes in `dns` too, when there is one.

    Values are as the vendor writes them; `published` says what the DNS serves for a record.
    """

    def __init__(self, zones: Iterable[str], dns: DnsServer | None) -> None:
        self.zones = {zone: number for number, zone in enumerate(zones, start=1)}
        self.dns = dns
        self.lock = threading.RLock()
        self._records: dict[int, Record] = {}
        self._ids = itertools.count(1)

    def published(self, record: Record) -> tuple[str, str]:
        """Type and data in the DNS."""
        return record.type, record.value

    def zone_of(self, name: str) -> str:
        """The deepest zone that a name is in."""
        return max((zone for zone in self.zones if f".{name}".endswith(f".{zone}")), key=len)

    def find(self, **wanted: Any) -> list[Record]:
        """The records whose fields have all of the given values; None stands for any."""
        with self.lock:
            return [
                record
                for record in self._records.values()
                if all(
                    value is None or getattr(record, key) == value for key, value in wanted.items()
                )
            ]

    def get(self, number: int) -> Record | None:
        return self._records.get(number)

    def add(self, record: Record) -> Record:
        with self.lock:
            self._check(record)
            record.id = next(self._ids)
            self._records[record.id] = record
            self._publish(record)
        return record

    def replace(self, record: Record) -> Record:
        """Put a record in the place of the one with its id."""
        with self.lock:
            self._check(record)
            before = self._records[record.id]
            self._records[record.id] = record
            self._publish(before, record)
        return record

    def remove(self, *records: Record) -> None:
        with self.lock:
            for record in records:
                del self._records[record.id]
            self._publish(*records)

    def _check(self, record: Record) -> None:
        existing = [
            other
            for other in self.find(zone=record.zone, name=record.name)
            if other.id != record.id and "CNAME" in (record.type, other.type)
        ]
        if existing:
            raise ConflictError(existing)

    def _publish(self, *changed: Record) -> None:
        """Make the DNS show what is here now for the names of the changed records."""
        if self.dns is None:
            return
        for name in {record.name for record in changed}:
            served: dict[str, list[Record]] = {}
            for record in self.find(name=name):
                served.setdefault(self.published(record)[0], []).append(record)
            for rdtype in {self.published(record)[0] for record in changed} - served.keys():
                self.dns.delete(name, rdtype)
            for rdtype, records in served.items():
                values = [self.published(record)[1] for record in records]
                self.dns.set(name, rdtype, *values, ttl=records[0].ttl)

    def __iter__(self) -> Iterator[Record]:
        return iter(self.find())

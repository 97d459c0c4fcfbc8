# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tracking domains to DNS records, as data and in the forms of other tools. No I/O here.

Private to this collection: no promise is made to others.
"""

from __future__ import annotations

import json
import re
import typing as t
from dataclasses import dataclass

from ansible_collections.mailops.email.plugins.module_utils._model import normalise_name

Domain = t.Mapping[str, t.Any]

DEFAULT_TTL = 300


class RecordError(ValueError):
    """The domains cannot be turned into records; the text says why."""


@dataclass(frozen=True)
class Record:
    """A CNAME record.

    :param name: the whole name, in lower case, without the final dot.
    :param value: the target, likewise.
    :param ttl: seconds.
    :param zone: the zone to publish it in; None where nobody knows it.
    """

    name: str
    value: str
    ttl: int
    zone: str | None

    @property
    def relative(self) -> str | None:
        """The name within the zone; None where the zone is not known."""
        if self.zone is None:
            return None
        return "@" if self.name == self.zone else self.name[: -len(self.zone) - 1]

    def as_dict(self) -> dict[str, t.Any]:
        """The record as data; what the role hands its back ends has these keys too."""
        return {
            "name": self.name,
            "type": "CNAME",
            "value": self.value,
            "ttl": self.ttl,
            "zone": self.zone,
            "record": self.relative,
            "line": str(self),
        }

    def __str__(self) -> str:
        """One line of a zone file; whole names, so that it is right in any zone's file."""
        return f"{self.name}. {self.ttl} IN CNAME {self.value}."


def domains_of(value: t.Any) -> list[Domain]:
    """The tracking domains in a result of the role, of a module, or in a list of either.

    :raises RecordError: there are none in it.
    """
    if isinstance(value, t.Mapping):
        if "cname" in value:
            return [value]
        for key in ("tracking_domains", "tracking_domain"):
            if key in value:
                return domains_of(value[key])
    elif value is None:
        # The tracking domain that is no more.
        return []
    elif isinstance(value, t.Iterable) and not isinstance(value, (str, bytes)):
        return [domain for item in value for domain in domains_of(item)]
    raise RecordError(
        "expected are tracking domains as the modules of mailops.email return them, or a result that has them"
    )


def zone_of(domain: Domain, zones: t.Mapping[str, str], default: str | None = None) -> str | None:
    """The zone that a domain's record belongs in.

    :param zones: zones by name.
    :param default: for those of the others that are within it; else the live DNS says it.
    :raises RecordError: the name is not within the zone that ``zones`` has for it.
    """
    name = domain["name"]
    if name in zones:
        given = _plain(zones[name])
        if not _within(name, given):
            raise RecordError(f"{name} is not within the zone {given}")
        return given
    found = (domain.get("dns") or {}).get("zone")
    for zone in (default, found):
        if zone and _within(name, _plain(zone)):
            return _plain(zone)
    return None


def records_of(
    domains: t.Iterable[Domain], *, zone: str | None = None, ttl: int = DEFAULT_TTL
) -> list[Record]:
    """The record of each domain; with ``zone``, of those that belong in it.

    :raises RecordError: a domain's target is not known.
    """
    wanted = _plain(zone) if zone else None
    records = []
    for domain in domains:
        own = zone_of(domain, {})
        if wanted:
            # What the live DNS has in a zone of its own below this one belongs there.
            if not _within(domain["name"], wanted) or (own and len(own) > len(wanted)):
                continue
            own = wanted
        target = domain["cname"]["target"]
        if not target:
            raise RecordError(
                f"the target of {domain['name']} is not known: SendClean's API does not say it, so set "
                "cname_target"
            )
        records.append(Record(domain["name"], target, ttl, own))
    return records


def as_zone_file(records: t.Iterable[Record]) -> str:
    """A fragment of a zone file, to be included in any."""
    return "".join(f"{record}\n" for record in records)


def as_octodns(records: t.Sequence[Record]) -> str:
    """octoDNS YAML: the file of one zone.

    :raises RecordError: there is more than one zone, or the zone is not known.
    """
    zones = sorted({_known_zone(record) for record in records})
    if len(zones) > 1:
        raise RecordError(
            f"octoDNS has a file for each zone, and these are records of {', '.join(zones)}: give one of them "
            "as zone"
        )
    if not records:
        return "--- {}\n"
    lines = ["---"]
    for record in sorted(records, key=lambda record: _natural(record.relative or "")):
        lines += [
            f"{json.dumps(record.relative)}:",
            f"  ttl: {record.ttl}",
            "  type: CNAME",
            f"  value: {record.value}.",
        ]
    return "\n".join(lines) + "\n"


def as_dnscontrol(records: t.Sequence[Record]) -> str:
    """DNSControl JavaScript: an addition to each zone that the rest of the configuration declares."""
    blocks = []
    for zone in sorted({_known_zone(record) for record in records}):
        lines = [f"D_EXTEND({json.dumps(zone)}"]
        lines += [
            f"  CNAME({json.dumps(record.relative)}, {json.dumps(record.value + '.')}, TTL({record.ttl}))"
            for record in records
            if record.zone == zone
        ]
        blocks.append(",\n".join(lines) + "\n);\n")
    return "\n".join(blocks)


def _known_zone(record: Record) -> str:
    if record.zone is None:
        raise RecordError(
            f"the zone of {record.name} is not known: give it as zone, or look at the live DNS "
            "(dns_check: authoritative)"
        )
    return record.zone


def _within(name: str, zone: str) -> bool:
    return name == zone or name.endswith(f".{zone}")


def _plain(zone: str) -> str:
    """As names are normalised; unlike a tracking domain, a zone may be a single label."""
    return normalise_name(f"x.{zone}")[2:]


def _natural(text: str) -> list[tuple[int, int, str]]:
    """A sort key that takes digits as numbers: octoDNS insists on that order."""
    parts = re.split(r"(\d+)", text)
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts if part]

# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tracking domains, or the role's records, to DNS records, as data and in the forms of other tools. No I/O here.

Private to this collection: no promise is made to others.
"""

from __future__ import annotations

import json
import re
import typing as t
from dataclasses import dataclass

from ansible_collections.mailops.email.plugins.module_utils._names import normalise_name, quoted
from ansible_collections.mailops.email.plugins.module_utils._providers.registry import PROVIDERS

Domain = t.Mapping[str, t.Any]

DEFAULT_TTL = 300
LONGEST_TTL = 2**31 - 1


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


def sources_of(value: t.Any) -> list[Domain]:
    """What a result has to make records of: the role's own records, else tracking domains.

    :param value: a result of the role or of a module, what is in one, or a list of any of these.
    :return: of the role's records those that are to be there; tracking domains as the modules give them.
    :raises RecordError: there is nothing of the kind in it.
    """
    if isinstance(value, t.Mapping):
        if isinstance(value.get("cname"), t.Mapping):
            return [value]
        if "type" in value and "value" in value:
            # What is being removed, and what stood in the way of a CNAME, is no record to have.
            wanted = value["type"] == "CNAME" and value.get("state", "present") == "present"
            return [value] if wanted else []
        for key in ("records", "tracking_domains", "tracking_domain"):
            if key in value:
                return sources_of(value[key])
    elif value is None:
        # The tracking domain that is no more.
        return []
    elif isinstance(value, t.Iterable) and not isinstance(value, (str, bytes)):
        return [source for item in value for source in sources_of(item)]
    raise RecordError(
        "expected are tracking domains as the modules of mailops.email return them, records as its role does, "
        "or a result that has them"
    )


def zone_of(domain: Domain, zones: t.Mapping[str, str], default: str | None = None) -> str | None:
    """The zone that a domain's record belongs in: of those that are known, the longest that holds it.

    A record in a zone above one that is delegated is seen by nobody.

    :param zones: zones by name, as declared.
    :param default: for names within it; the live DNS says another.
    :raises RecordError: the name is not within the zone that ``zones`` has for it.
    """
    name = domain["name"]
    stated = _plain(zones[name]) if name in zones else None
    if stated and not _within(name, stated):
        raise RecordError(f"{name} is not within the zone {stated}")
    found = (domain.get("dns") or {}).get("zone")
    known = [_plain(zone) for zone in (stated, default, found) if zone]
    return max((zone for zone in known if _within(name, zone)), key=len, default=None)


def records_of(
    sources: t.Iterable[Domain], *, zone: str | None = None, ttl: t.Any = None
) -> list[Record]:
    """The record of each source, each name once; with ``zone``, of those that belong in it.

    A domain that its provider does not have yet, in check mode, has no record as long as nobody can
    know the target.

    :param sources: from ``sources_of``.
    :param ttl: seconds, for all; else a record has its own, and that of a domain ``DEFAULT_TTL``.
    :raises RecordError: a target is not known, a time to live is none, a name has two targets.
    :raises TrackingError: a name is none.
    """
    wanted = _plain(zone) if zone else None
    for_all = None if ttl is None else _seconds(ttl)
    records: dict[str, Record] = {}
    for source in sources:
        name = normalise_name(source.get("name", ""))
        stated = {name: source["zone"]} if source.get("zone") else {}
        own = zone_of({**source, "name": name}, stated)
        if wanted:
            # What is in a zone of its own below this one belongs there.
            if not _within(name, wanted) or (own and len(own) > len(wanted)):
                continue
            own = wanted
        target = source["value"] if "value" in source else source["cname"].get("target")
        if not target:
            if _not_added_yet(source):
                continue
            raise RecordError(f"the target of {name} is not known. {_target_hint(source)}")
        target = normalise_name(target)
        own_ttl = _seconds(source.get("ttl", DEFAULT_TTL)) if for_all is None else for_all
        known = records.setdefault(name, Record(name, target, own_ttl, own))
        if known.value != target:
            raise RecordError(
                f"{name} can have one CNAME only, and two are wanted: to {known.value} and to {target}"
            )
    return list(records.values())


def _seconds(ttl: t.Any) -> int:
    """A time to live; as text too, which templates make of numbers (the limit: RFC 2181, section 8).

    :raises RecordError: it is none.
    """
    text = str(ttl).strip()
    if not re.fullmatch("[0-9]{1,10}", text) or int(text) > LONGEST_TTL:
        raise RecordError(
            f"ttl must be a whole number of seconds from 0 to {LONGEST_TTL}, not {quoted(ttl)}"
        )
    return int(text)


def _not_added_yet(domain: Domain) -> bool:
    """Whether the provider, which numbers what it has, has no number for it."""
    provider = PROVIDERS.get(domain.get("provider", ""))
    return bool(provider and provider.facts.has_ids and domain.get("id") is None)


def _target_hint(domain: Domain) -> str:
    provider = PROVIDERS.get(domain.get("provider", ""))
    return provider.facts.target_hint if provider else "Say it as target of its cname."


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
    # octoDNS writes the zone's own name, where it refuses a CNAME, as an empty one.
    names = {"" if record.relative == "@" else record.relative or "": record for record in records}
    for name, record in sorted(names.items(), key=lambda named: _natural(named[0])):
        lines += [
            f"{json.dumps(name)}:",
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
    text = str(zone)
    return normalise_name(text) if "." in text[:-1] else normalise_name(f"x.{text}")[2:]


def _natural(text: str) -> list[tuple[int, int, str]]:
    """A sort key that takes digits as numbers: octoDNS insists on that order."""
    parts = re.split(r"(\d+)", text)
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts if part]

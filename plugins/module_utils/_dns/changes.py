# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A record to publish or to remove, and whether the records at its name permit that. No I/O here.

The rule for every DNS back end: an addition needs nothing at the name, a removal needs this very
record; only ``overwrite`` permits replacing, and never a zone's own records, a delegation or a DNAME.

Private to this collection: no promise is made to others.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.mailops.email.plugins.module_utils._errors import TrackingError
from ansible_collections.mailops.email.plugins.module_utils._names import (
    normalise_name,
    quoted,
    same_name,
)

PRESENT, ABSENT = "present", "absent"
DEFAULT_TTL = 300
_LONGEST_TTL = 2**31 - 1  # RFC 2181, section 8

# What a decision says.
CHANGE = "change"
UNCHANGED = "unchanged"
REFUSED = "refused"

# They stand beside a CNAME in a signed zone, and its server looks after them.
DNSSEC_TYPES = frozenset({"RRSIG", "NSEC", "NSEC3", "KEY", "SIG", "NXT"})
# They make the name a zone's own, or another zone's: never replaced.
_CUTS = ("SOA", "NS")
# It redirects all names below: never replaced.
_REDIRECT = "DNAME"
_TRUE, _FALSE = ("true", "yes", "on", "1"), ("false", "no", "off", "0")


@dataclass(frozen=True)
class Record:
    """A CNAME that is to be there or not. Names in the form of ``normalise_name``.

    :param value: what the CNAME points to.
    :param ttl: in seconds; None: that of the record that stands there, or ``DEFAULT_TTL``.
    :param zone: None: to be found.
    :param overwrite: replace whatever stands in the way.
    """

    name: str
    value: str
    ttl: int | None = None
    zone: str | None = None
    state: str = PRESENT
    overwrite: bool = False

    @property
    def line(self) -> str:
        """As in a zone file."""
        return (
            f"{self.name}. {DEFAULT_TTL if self.ttl is None else self.ttl} IN CNAME {self.value}."
        )


@dataclass(frozen=True)
class FoundRecord:
    """A record that a name has; ``value`` of a CNAME is a name without its final dot."""

    type: str
    value: str
    ttl: int | None = None

    def __str__(self) -> str:
        return f"{self.type} {self.value.rstrip('.')}"

    def as_result(self) -> dict[str, t.Any]:
        return {"type": self.type, "value": self.value, "ttl": self.ttl}


@dataclass(frozen=True)
class Decision:
    """``CHANGE``, ``UNCHANGED`` or ``REFUSED``; why, as a clause; and what to do about it."""

    verdict: str
    why: str
    hint: str | None = None


def decide(record: Record, found: t.Sequence[FoundRecord], *, wildcard: bool = False) -> Decision:
    """Whether the record may be changed.

    :param found: all that the server shows at the name.
    :param wildcard: the answer comes from a wildcard: the name itself has no record.
    """
    there = [each for each in found if each.type not in DNSSEC_TYPES]
    ours = [each for each in there if each.type == "CNAME" and same_name(each.value, record.value)]
    if record.state == ABSENT:
        return _decide_removal(record, there, ours, wildcard=wildcard)
    if ours and len(there) == 1:
        return Decision(UNCHANGED, "it is there already")
    if not there or wildcard:
        return Decision(CHANGE, "the name has no record")
    shown = listed(there)
    if any(each.type in _CUTS for each in there):
        return Decision(
            REFUSED,
            f"the name has {shown}: it is a zone of its own, where a CNAME is not possible",
            "Choose a name below it, or remove the delegation yourself.",
        )
    if any(each.type == _REDIRECT for each in there):
        return Decision(
            REFUSED,
            f"the name has {shown}, which redirects all names below it",
            "Choose another name, or remove the DNAME yourself.",
        )
    if record.overwrite:
        return Decision(CHANGE, f"the name has {shown}, to be replaced")
    return Decision(
        REFUSED,
        f"the name has {shown}, and a CNAME is not possible beside other records",
        "Remove the records that are no longer needed, or allow replacing them with overwrite: "
        "true.",
    )


def _decide_removal(
    record: Record, there: t.Sequence[FoundRecord], ours: t.Sequence[FoundRecord], *, wildcard: bool
) -> Decision:
    if wildcard:
        return Decision(UNCHANGED, "the name has no record, a wildcard answers for it")
    if ours:
        return Decision(CHANGE, "it is there")
    if there:
        return Decision(UNCHANGED, f"the name has {listed(there)}, which is left alone")
    return Decision(UNCHANGED, "the name has no record")


def listed(found: t.Iterable[FoundRecord], most: int = 4) -> str:
    """What stands somewhere, for a message."""
    shown = [str(each) for each in found]
    more = len(shown) - most
    return " and ".join(shown[:most]) + (f" and {more} more" if more > 0 else "")


def record_from(given: t.Mapping[str, t.Any]) -> Record:
    """A record as a user or the role gives it; keys that are not ours are ignored.

    :raises TrackingError: ``validation``.
    """
    if not isinstance(given, t.Mapping):
        raise _invalid("a record must be a dictionary", "Give name and value at least.")
    values = {key: value for key, value in given.items() if value is not None and value != ""}
    for key in ("name", "value"):
        if key not in values:
            raise _invalid(f"a record has no {key}" + _of(values), f"Give {key}.")
    name = normalise_name(values["name"])
    kind = str(values.get("type", "CNAME")).upper()
    if kind != "CNAME":
        raise _invalid(f"{name}: records of type {quoted(kind)} are not supported", "Use CNAME.")
    state = values.get("state", PRESENT)
    if state not in (PRESENT, ABSENT):
        raise _invalid(f"{name}: state must be present or absent, not {quoted(state)}")
    zone = _zone_name(values["zone"]) if "zone" in values else None
    if zone is not None and name != zone and not name.endswith(f".{zone}"):
        raise _invalid(f"{name} is not in the zone {zone}", "Correct the zone, or leave it out.")
    return Record(
        name=name,
        value=normalise_name(values["value"]),
        ttl=_ttl(name, values["ttl"]) if "ttl" in values else None,
        zone=zone,
        state=state,
        overwrite=_boolean(name, values.get("overwrite", False)),
    )


def records_from(given: t.Sequence[t.Mapping[str, t.Any]]) -> list[Record]:
    """All records of a task, in its order, each name once or each time the same.

    :raises TrackingError: ``validation``.
    """
    records = [record_from(each) for each in given]
    first: dict[str, Record] = {}
    for record in records:
        if first.setdefault(record.name, record) != record:
            raise _invalid(
                f"{record.name} is given twice with different values",
                "Give each name once; to replace a record, give the new one with overwrite: true.",
            )
    return records


def _invalid(message: str, hint: str | None = None) -> TrackingError:
    return TrackingError("validation", message, hint=hint)


def _of(values: t.Mapping[str, t.Any]) -> str:
    return f" (that of {quoted(values['name'])})" if "name" in values else ""


def _zone_name(zone: t.Any) -> str:
    text = str(zone).strip().rstrip(".").lower()
    # A private zone may have a single label.
    return (
        normalise_name(f"{text}.example")[: -len(".example")]
        if "." not in text
        else (normalise_name(text))
    )


def _ttl(name: str, given: t.Any) -> int:
    try:
        ttl = int(str(given))
    except ValueError:
        ttl = -1
    if not 0 <= ttl <= _LONGEST_TTL:
        raise _invalid(f"{name}: ttl must be a number of seconds, not {quoted(given)}")
    return ttl


def _boolean(name: str, given: t.Any) -> bool:
    text = str(given).strip().lower()
    if text not in _TRUE + _FALSE:
        raise _invalid(f"{name}: overwrite must be true or false, not {quoted(given)}")
    return text in _TRUE

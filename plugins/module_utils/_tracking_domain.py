# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A tracking domain as a provider has it. Private to this collection: no promise is made to others. No I/O here."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone

# A provider may round or cut the seconds of the times that it shows.
_ROUNDING = timedelta(seconds=60)


def iso(moment: datetime | None) -> str | None:
    """A moment as RFC 3339 text in UTC, e.g. ``2026-01-01T00:00:00Z``."""
    if moment is None:
        return None
    # Not by strftime, which writes a year before 1000 with fewer digits.
    return moment.astimezone(timezone.utc).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


@dataclass(frozen=True)
class Validity:
    """A certificate's validity, both ends as aware datetimes (RFC 5280, 4.1.2.5).

    :param may_be_off: by how much both ends may be wrong alike, where a provider writes times without
        their zone.
    """

    not_before: datetime
    not_after: datetime
    may_be_off: timedelta = field(default=timedelta(0), compare=False)

    def is_of(self, certificate: Validity) -> bool:
        """Whether this, as a provider shows it, is the validity of a certificate.

        Both ends agree to the minute; or both are off alike by as much as the provider's may be. So one
        that was issued that much after the other, to the minute, with the same lifetime, passes for it:
        ``certificate_update: always`` is for that.
        """
        off = (self.not_before - certificate.not_before, self.not_after - certificate.not_after)
        return any(
            all(abs(end - shift) <= _ROUNDING for end in off)
            for shift in (timedelta(0), self.may_be_off)
        )

    def days_left(self, now: datetime) -> int:
        """Whole days until ``not_after``, rounded down; negative once it has expired."""
        return (self.not_after - now).days

    def as_result(self, now: datetime) -> dict[str, t.Any]:
        return {
            "not_before": iso(self.not_before),
            "not_after": iso(self.not_after),
            "days_left": self.days_left(now),
        }


@dataclass(frozen=True)
class Sender:
    """Who sends mail: the tracking domain in its links, and what else it is set to.

    :param domain: the tracking domain's name in our form; it need not be one of the account's.
    :param settings: all else, as the provider words it.
    """

    name: str
    domain: str | None
    settings: dict[str, t.Any] = field(default_factory=dict)


@dataclass(frozen=True)
class TrackingDomain:
    """A tracking domain as a provider has it; what the provider does not know is None.

    :param name: in our form; a provider may have several entries that become the same name.
    :param vendor: the provider's own object, unchanged; empty where it answered with none.
    :param senders: who sends mail with it, by name; None where that was not read.
    :param spelling: the name as the provider writes it, where it answered with one.
    """

    provider: str
    name: str
    id: int | None = None
    verified: bool = False
    target: str | None = None
    https: bool | None = None
    certificate: Validity | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    vendor: dict[str, t.Any] = field(default_factory=dict)
    senders: tuple[str, ...] | None = None
    spelling: str | None = field(default=None, compare=False)

    @property
    def key(self) -> int | str:
        """What tells this entry from the account's others, which may have the same name."""
        return self.spelling or self.name if self.id is None else self.id

    def shows(self, certificate: Validity) -> bool:
        """Whether the provider shows a certificate's validity for it; see ``Validity.is_of``."""
        return self.certificate is not None and self.certificate.is_of(certificate)

    @property
    def hides_certificate(self) -> bool:
        """HTTPS is served, with a certificate of which the provider does not show the validity."""
        return bool(self.https) and self.certificate is None

    def but(self, **changes: t.Any) -> TrackingDomain:
        """A copy with some fields changed."""
        return replace(self, **changes)

    def as_result(self, now: datetime, dns: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """The return value: see "A tracking domain as returned" in the modules' documentation."""
        result: dict[str, t.Any] = {
            "provider": self.provider,
            "name": self.name,
            "id": self.id,
            "verified": self.verified,
            "cname": {"name": self.name, "target": self.target},
            "https": self.https,
            "certificate": self.certificate.as_result(now) if self.certificate else None,
            "created_at": iso(self.created_at),
            "updated_at": iso(self.updated_at),
            "senders": None if self.senders is None else list(self.senders),
            "vendor": self.vendor,
        }
        if dns is not None:
            result["dns"] = dns
        return result

    def as_diff(self) -> dict[str, t.Any]:
        """The side of a diff: only what this collection can change or a user would look for."""
        return {
            "name": self.name,
            "state": "present",
            "id": self.id,
            "verified": self.verified,
            "cname": self.target,
            "https": self.https,
            "certificate": {
                "not_before": iso(self.certificate.not_before),
                "not_after": iso(self.certificate.not_after),
            }
            if self.certificate
            else None,
            **({} if self.senders is None else {"senders": list(self.senders)}),
        }

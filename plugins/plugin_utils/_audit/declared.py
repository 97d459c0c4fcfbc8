# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the hosts declare, as far as an audit has to know it. No I/O here.

Private to this collection: no promise is made to others.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field
from datetime import date

from ansible_collections.mailops.email.plugins.module_utils._errors import TrackingError
from ansible_collections.mailops.email.plugins.module_utils._names import normalise_name, quoted


@dataclass(frozen=True)
class Declared:
    """One name in ``tracking_domain_domains``.

    :param leaving: it is declared absent, or its day has come, or it is the old name of a rename.
    :param retire_on: the day on which it goes, as RFC 3339 text; None where none is declared.
    """

    name: str
    leaving: bool = False
    retire_on: str | None = None


@dataclass
class Declaration:
    """:param names: by name; None where the host declares nothing at all."""

    names: dict[str, Declared] | None = None
    problems: list[str] = field(default_factory=list)

    def find(self, name: str) -> Declared | None:
        return (self.names or {}).get(name)


def declaration(value: t.Any, today: date) -> Declaration:
    """The names that ``tracking_domain_domains`` has.

    :param value: entries that are names or dictionaries, or text with a name a line; blank: nothing is declared.
    :return: what cannot be understood is in ``problems``, and the rest counts all the same.
    """
    if value is None or (isinstance(value, str) and not value.strip()):
        return Declaration()
    if isinstance(value, str):
        value = [line for line in value.replace(",", "\n").split("\n") if line.strip()]
    elif isinstance(value, t.Mapping) or not isinstance(value, t.Iterable):
        return Declaration(problems=["tracking_domain_domains is not a list."])
    names: dict[str, Declared] = {}
    found = Declaration(names)
    for number, given in enumerate(value, start=1):
        entry = {"name": given.strip()} if isinstance(given, str) else given
        try:
            if not isinstance(entry, t.Mapping):
                raise ValueError(f"{quoted(given)} is not a domain")
            for one in _names_of(entry, today):
                # A name that is wanted stays wanted, whatever another entry says of it.
                if one.name not in names or not one.leaving:
                    names[one.name] = one
        except (TrackingError, ValueError) as exc:
            found.problems.append(f"Entry {number} of tracking_domain_domains: {exc}")
    return found


def _names_of(entry: t.Mapping[str, t.Any], today: date) -> list[Declared]:
    name = normalise_name(entry.get("name") or entry.get("domain") or "")
    day = _day(entry.get("retire_on"))
    gone = entry.get("state") == "absent" and (day is None or day <= today)
    found = [
        Declared(
            name,
            leaving=gone or (day is not None and day <= today),
            retire_on=str(day) if day else None,
        )
    ]
    if entry.get("rename_from"):
        found.append(Declared(normalise_name(entry["rename_from"]), leaving=True))
    return found


def _day(value: t.Any) -> date | None:
    """A date as YAML reads it (unquoted it is one already) or as text.

    :raises ValueError: it is none.
    """
    if value is None or str(value).strip() == "":
        return None
    if isinstance(value, date):
        return date(value.year, value.month, value.day)
    try:
        return date.fromisoformat(str(value).strip())
    except ValueError:
        raise ValueError(
            f"retire_on is {quoted(value)}, which is no date; write it like 2026-12-31"
        ) from None

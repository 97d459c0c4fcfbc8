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

from ansible_collections.mailops.email.plugins.plugin_utils._declared import (
    NoEntries,
    blank,
    read_entries,
)


@dataclass(frozen=True)
class Declared:
    """One name in ``tracking_domain_domains``.

    :param absent: it is to be gone by now: declared absent, past its day, or the old name of a rename.
    :param retire_on: the day on which it goes, as RFC 3339 text; None where none is declared.
    """

    name: str
    absent: bool = False
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

    :param value: see ``read_entries``; blank: nothing is declared.
    :return: what cannot be understood is in ``problems``, and the rest counts all the same.
    """
    if blank(value):
        return Declaration()
    try:
        entries, problems = read_entries(value)
    except NoEntries as exc:
        return Declaration(problems=[str(exc)])
    names: dict[str, Declared] = {}
    for entry in entries:
        day = str(entry.retire_on) if entry.retire_on else None
        found = [Declared(entry.name, absent=entry.is_absent(today), retire_on=day)]
        if entry.rename_from:
            found.append(Declared(entry.rename_from, absent=True))
        for one in found:
            # A name that is wanted stays wanted, whatever another entry says of it.
            if one.name not in names or not one.absent:
                names[one.name] = one
    return Declaration(names, problems)

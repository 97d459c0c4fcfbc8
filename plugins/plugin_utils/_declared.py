# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The entries of ``tracking_domain_domains`` as they were meant, for the role and the audit. No I/O here.

Private to this collection: no promise is made to others.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass
from datetime import date

from ansible_collections.mailops.email.plugins.module_utils._ansible.options import kind_of
from ansible_collections.mailops.email.plugins.module_utils._errors import TrackingError
from ansible_collections.mailops.email.plugins.module_utils._names import (
    has_pem,
    normalise_name,
    quoted,
)

Data = t.Dict[str, t.Any]

VARIABLE = "tracking_domain_domains"


class NoEntries(ValueError):
    """What is declared is no list of entries; the text says so."""


@dataclass(frozen=True)
class Entry:
    """One tracking domain that is declared.

    :param options: what was given, without blanks.
    :param retire_on: from this day on it counts as absent.
    :param replaced_by: names that must be verified before it goes.
    :param rename_from: the name that it had.
    """

    name: str
    options: Data
    retire_on: date | None = None
    replaced_by: tuple[str, ...] = ()
    rename_from: str | None = None

    @property
    def state(self) -> t.Any:
        return self.options.get("state", "present")

    def retires_later(self, today: date) -> bool:
        """Whether it goes on a day to come; until then it is left as it is."""
        return self.retire_on is not None and self.retire_on > today

    def is_absent(self, today: date) -> bool:
        """Whether it is to be gone by today."""
        if self.retire_on is not None:
            return self.retire_on <= today
        return bool(self.state == "absent")


def read_entries(raw: t.Any) -> tuple[list[Entry], list[str]]:
    """The entries, one after the other, and what cannot be understood, a line each.

    :param raw: names, or dictionaries with a name each; or text with names, as a survey sends it, a name
        a line (or commas between), where ``#`` begins a comment.
    :raises NoEntries: it is none of these.
    """
    found: list[Entry] = []
    problems: list[str] = []
    for number, item in enumerate(_items(raw), start=1):
        options = _options(item)
        if options is None:
            problems.append(
                f"Entry {number} of {VARIABLE} must be a name or a dictionary, not {quoted(item)}."
            )
        elif options:
            try:
                found.append(_entry(options))
            except (TrackingError, ValueError) as exc:
                problems.append(f"Entry {number} of {VARIABLE}: {exc}")
    return found, problems


def blank(value: t.Any) -> bool:
    """Whether it counts as not set."""
    return value is None or (isinstance(value, str) and value.strip() == "")


def _items(raw: t.Any) -> list[t.Any]:
    if blank(raw):
        return []
    if _has_pem_for_names(raw):
        # The lines of a key are no names, and nothing of them may be shown.
        raise NoEntries(
            f"{VARIABLE} has PEM text where names are: a certificate or a private key. In an entry they are "
            "certificate and private_key. Nothing of it is shown here."
        )
    if isinstance(raw, str):
        lines = [line.split("#")[0] for line in raw.splitlines()]
        return [name for line in lines for name in line.split(",") if name.strip()]
    if isinstance(raw, t.Mapping) or not isinstance(raw, t.Iterable):
        raise NoEntries(
            f"{VARIABLE} must be a list of names, or of entries with a name each, not {kind_of(raw)}."
        )
    return list(raw)


def _has_pem_for_names(raw: t.Any) -> bool:
    """Whether somebody pasted a key or a certificate where names are, as text or line by line."""
    items = raw if isinstance(raw, t.Sequence) and not isinstance(raw, str) else [raw]
    names = [
        name
        for item in items
        for name in (
            (item.get("name"), item.get("domain")) if isinstance(item, t.Mapping) else (item,)
        )
    ]
    return any(isinstance(name, str) and has_pem(name) for name in names)


def _options(item: t.Any) -> Data | None:
    """What an entry says, without blanks; None where it is no entry."""
    if blank(item):
        return {}
    if isinstance(item, str):
        return {"name": item.split("#")[0].strip()}
    if isinstance(item, t.Mapping):
        return {key: value for key, value in item.items() if not blank(value)}
    return None


def _entry(options: Data) -> Entry:
    """:raises TrackingError: a name is none. :raises ValueError: a date is none."""
    return Entry(
        name=normalise_name(options.get("name") or options.get("domain") or ""),
        options=options,
        retire_on=_date(options["retire_on"]) if "retire_on" in options else None,
        replaced_by=_names(options.get("replaced_by")),
        rename_from=normalise_name(options["rename_from"]) if "rename_from" in options else None,
    )


def _names(value: t.Any) -> tuple[str, ...]:
    """One name or several, as a list or as text with blanks, commas or line ends between."""
    if value is None:
        return ()
    items = value.replace(",", " ").split() if isinstance(value, str) else value
    return tuple(normalise_name(item) for item in items)


def _date(value: t.Any) -> date:
    """A date as YAML reads it (unquoted it is one already) or as text.

    :raises ValueError: it is none.
    """
    if isinstance(value, date):
        return date(value.year, value.month, value.day)
    try:
        return date.fromisoformat(str(value).strip())
    except ValueError:
        raise ValueError(
            f"retire_on is {quoted(value)}, which is not a date; write it like 2026-12-31"
        ) from None

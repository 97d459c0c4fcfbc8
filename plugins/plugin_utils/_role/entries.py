# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The entries of ``tracking_domain_domains``, sorted by what is to become of them. Private; no I/O here."""

from __future__ import annotations

import difflib
import typing as t
from dataclasses import dataclass, field
from datetime import date

from ansible_collections.mailops.email.plugins.module_utils._ansible.options import entry_spec
from ansible_collections.mailops.email.plugins.module_utils._engine.plan import check_entry
from ansible_collections.mailops.email.plugins.module_utils._engine.wanted import Wanted
from ansible_collections.mailops.email.plugins.module_utils._errors import TrackingError
from ansible_collections.mailops.email.plugins.module_utils._names import quoted
from ansible_collections.mailops.email.plugins.plugin_utils._declared import (
    VARIABLE,
    Entry,
    NoEntries,
    blank,
    read_entries,
)
from ansible_collections.mailops.email.plugins.plugin_utils._records import RecordError, zone_of
from ansible_collections.mailops.email.plugins.plugin_utils._role.variables import Settings
from ansible_collections.mailops.email.plugins.plugin_utils._values import switch, texts, typed

Data = t.Dict[str, t.Any]

# Keys of an entry that are the role's; the others are options of tracking_domains.
_ROLE_KEYS = ("zone", "retire_on", "replaced_by")
_WAIT = "wait"


@dataclass(frozen=True)
class Absent:
    """A domain that is to go now.

    :param options: its options as ``tracking_domains`` takes them, besides name and state.
    :param replaced_by: names that must be verified first.
    """

    name: str
    options: Data
    replaced_by: tuple[str, ...] = ()


@dataclass
class Declared:
    """What is declared.

    :param present: entries as ``tracking_domains`` takes them.
    :param absent: those that are to go now; ``absent_later``: names of absent ones whose day has not come.
    :param verify: names to verify, and of them those to ``wait`` for; of these, those to wait for
        although somebody else publishes the record, in ``insist``.
    :param zones: zones by name, as declared; ``dangling``: likewise, of absent ones.
    :param former: old names of renames, by the new one.
    :param retiring: days until an entry goes, by name, and the day as text.
    """

    present: list[Data] = field(default_factory=list)
    absent: list[Absent] = field(default_factory=list)
    absent_later: list[str] = field(default_factory=list)
    verify: list[str] = field(default_factory=list)
    wait: list[str] = field(default_factory=list)
    insist: list[str] = field(default_factory=list)
    zones: dict[str, str] = field(default_factory=dict)
    dangling: dict[str, str] = field(default_factory=dict)
    former: dict[str, str] = field(default_factory=dict)
    retiring: dict[str, tuple[int, str]] = field(default_factory=dict)

    @property
    def present_names(self) -> list[str]:
        return [entry["name"] for entry in self.present]

    @property
    def names(self) -> list[str]:
        """All that are declared, once each."""
        return [*self.present_names, *self.absent_later, *(entry.name for entry in self.absent)]


def read(raw: t.Any, settings: Settings, *, today: date) -> tuple[Declared, list[str]]:
    """Sort the entries.

    :param raw: see ``read_entries``.
    :param today: an entry whose ``retire_on`` has come counts as absent.
    :return: what is declared; and what is wrong with it, a line each.
    """
    if blank(raw):
        return Declared(), [
            f"{VARIABLE} must be set: a list of names, or of entries with a name each."
        ]
    declared = Declared()
    try:
        entries, problems = read_entries(raw)
    except NoEntries as exc:
        return declared, [str(exc)]
    seen: set[str] = set()
    for entry in entries:
        problems += _check_keys(entry)
        if entry.name in seen:
            problems.append(f"{entry.name} is declared more than once: keep one entry for it.")
        seen.add(entry.name)
        problems += _zone(declared, entry)
        wrong = _check_values(entry)
        problems += wrong or _sort(declared, entry, settings, today)
    problems += [
        f"{entry.name}: rename_from is {entry.rename_from}, which has an entry of its own: keep one of them."
        for entry in entries
        if entry.rename_from in seen and entry.rename_from != entry.name
    ]
    problems += _check_replacements(declared, entries)
    if settings.purge and not declared.present:
        problems.append(
            "tracking_domain_purge with no domain that stays would delete every tracking domain of the "
            "account. Declare those that stay; to delete all, declare each with state: absent."
        )
    return declared, problems


def _check_keys(entry: Entry) -> list[str]:
    known = [*entry_spec(), *_ROLE_KEYS, "domain"]
    problems = []
    for key in entry.options:
        if key not in known:
            near = difflib.get_close_matches(str(key), known, n=1, cutoff=0.5)
            meant = f" Did you mean {near[0]}?" if near else ""
            problems.append(f"{entry.name}: an entry has no key {quoted(key)}.{meant}")
    if "name" in entry.options and "domain" in entry.options:
        problems.append(f"{entry.name}: name and domain are the same: keep one of them.")
    return problems


def _check_values(entry: Entry) -> list[str]:
    """What the modules would refuse, before anything is done."""
    problems = []
    for key, option in entry_spec().items():
        # Its own message, and the reader has checked the names.
        if key in ("name", "state", "rename_from"):
            continue
        try:
            typed(entry.options.get(key), option)
        except ValueError as exc:
            shown = "" if option.get("no_log") else f", not {quoted(entry.options[key])}"
            problems.append(f"{entry.name}: {key} must be {exc}{shown}.")
    return problems


def _zone(declared: Declared, entry: Entry) -> list[str]:
    if "zone" not in entry.options:
        return []
    declared.zones[entry.name] = str(entry.options["zone"])
    try:
        zone_of({"name": entry.name}, declared.zones)
    except RecordError as exc:
        return [f"{exc}."]
    except TrackingError:
        zone = quoted(entry.options["zone"])
        return [f"{entry.name}: its zone is {zone}, which is not a zone."]
    return []


def _sort(declared: Declared, entry: Entry, settings: Settings, today: date) -> list[str]:
    """Put one entry where it belongs; what is wrong with it, a line each."""
    name = entry.name
    if entry.state not in ("present", "absent"):
        return [f"{name}: state must be present or absent, not {quoted(entry.state)}."]
    if entry.retires_later(today) and entry.retire_on:
        declared.retiring[name] = ((entry.retire_on - today).days, str(entry.retire_on))
        if entry.state == "absent":
            declared.absent_later.append(name)
            return _refused(entry, settings)
    if entry.is_absent(today):
        options: Data = {
            key: value for key, value in entry.options.items() if key in ("id", "dangling")
        }
        declared.absent.append(Absent(name, options, entry.replaced_by))
        if "dangling" in options:
            declared.dangling[name] = str(options["dangling"])
        return _refused(entry, settings)
    return _add_present(declared, entry, settings)


def _refused(entry: Entry, settings: Settings) -> list[str]:
    """What the module would refuse of an absent entry: it is given those that stay before anything is done."""
    number = entry.options.get("id")
    wanted = Wanted(entry.name, state="absent", id=None if number is None else int(number))
    try:
        check_entry(wanted, settings.facts)
    except TrackingError as exc:
        return [str(exc)]
    return []


def _add_present(declared: Declared, entry: Entry, settings: Settings) -> list[str]:
    name = entry.name
    options = {
        key: value
        for key, value in entry.options.items()
        if key not in (*_ROLE_KEYS, _WAIT, "domain")
    }
    options["name"] = name
    if "senders" in options:
        options["senders"] = texts(options["senders"])
    if entry.rename_from:
        declared.former[name] = entry.rename_from
    verifies = switch(entry.options.get("verify"), settings.verify)
    explicit = switch(entry.options.get(_WAIT), None)
    if "verify" in options:
        # Without a look at the DNS the provider would be asked too early: the role does that later.
        options["verify"] = verifies and settings.looks
    declared.present.append(options)
    if verifies:
        declared.verify.append(name)
        if settings.waits if explicit is None else explicit and settings.wait_timeout > 0:
            declared.wait.append(name)
            if explicit or settings.waits_for_others:
                declared.insist.append(name)
    return []


def _check_replacements(declared: Declared, entries: t.Iterable[Entry]) -> list[str]:
    present = set(declared.present_names)
    problems = []
    for entry in entries:
        for other in entry.replaced_by:
            if other == entry.name:
                problems.append(f"{entry.name}: replaced_by is its own name.")
            elif other not in present:
                problems.append(
                    f"{entry.name}: replaced_by is {other}, which is not declared as present: add an "
                    "entry for it."
                )
            elif other not in declared.verify:
                problems.append(
                    f"{entry.name}: replaced_by is {other}, which is not to be verified, so "
                    f"{entry.name} would never go."
                )
    return problems

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
from ansible_collections.mailops.email.plugins.module_utils._errors import TrackingError
from ansible_collections.mailops.email.plugins.module_utils._names import normalise_name, quoted
from ansible_collections.mailops.email.plugins.plugin_utils._records import RecordError, zone_of
from ansible_collections.mailops.email.plugins.plugin_utils._role.variables import (
    Settings,
    blank,
    switch,
)

Data = t.Dict[str, t.Any]

# Keys of an entry that are the role's; the others are options of tracking_domains.
_ROLE_KEYS = ("zone", "retire_on", "replaced_by")
_WAIT = "wait"


@dataclass(frozen=True)
class Leaving:
    """A domain that is to go.

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
    :param absent: those that are to go now.
    :param verify: names to verify, and of them those to ``wait`` for; of these, those to wait for
        although somebody else publishes the record, in ``insist``.
    :param zones: zones by name, as declared.
    :param former: old names of renames, by the new one.
    :param retiring: days until an entry goes, by name, and the day as text.
    :param staying: names of absent ones whose day has not come.
    """

    present: list[Data] = field(default_factory=list)
    absent: list[Leaving] = field(default_factory=list)
    verify: list[str] = field(default_factory=list)
    wait: list[str] = field(default_factory=list)
    insist: list[str] = field(default_factory=list)
    zones: dict[str, str] = field(default_factory=dict)
    former: dict[str, str] = field(default_factory=dict)
    retiring: dict[str, tuple[int, str]] = field(default_factory=dict)
    staying: list[str] = field(default_factory=list)

    @property
    def present_names(self) -> list[str]:
        return [entry["name"] for entry in self.present]

    @property
    def names(self) -> list[str]:
        """All that are declared, once each."""
        return [*self.present_names, *self.staying, *(entry.name for entry in self.absent)]


def read(raw: t.Any, settings: Settings, *, today: date) -> tuple[Declared, list[str]]:
    """Sort the entries.

    :param raw: a list of names and of options; or text with a name a line, as a survey sends it.
    :param today: an entry whose ``retire_on`` has come counts as absent.
    :return: what is declared; and what is wrong with it, a line each.
    """
    declared = Declared()
    problems: list[str] = []
    items = _items(raw, problems)
    seen: set[str] = set()
    replacements: dict[str, tuple[str, ...]] = {}
    for number, item in enumerate(items, start=1):
        entry = _entry(item)
        if entry is None:
            problems.append(
                f"Entry {number} of tracking_domain_domains must be a name or a dictionary, not {quoted(item)}."
            )
            continue
        if not entry:
            continue
        try:
            name = normalise_name(entry.get("name") or entry.get("domain") or "")
            found = _check_keys(name, entry)
            retire_on = _date(entry["retire_on"]) if "retire_on" in entry else None
            replaced_by = _names(entry.get("replaced_by"))
            former = normalise_name(entry["rename_from"]) if "rename_from" in entry else None
        except (TrackingError, ValueError) as exc:
            problems.append(f"Entry {number} of tracking_domain_domains: {exc}")
            continue
        problems += found
        if name in seen:
            problems.append(f"{name} is declared more than once: keep one entry for it.")
        seen.add(name)
        problems += _zone(declared, name, entry)
        if replaced_by:
            replacements[name] = replaced_by
        _sort(declared, name, entry, retire_on, replaced_by, former, settings, today, problems)
    problems += _check_replacements(declared, replacements)
    if settings.purge and not declared.present:
        problems.append(
            "tracking_domain_purge with no domain that stays would delete every tracking domain of the "
            "account. Declare those that stay; to delete all, declare each with state: absent."
        )
    return declared, problems


def _items(raw: t.Any, problems: list[str]) -> list[t.Any]:
    if raw is None or raw == "":
        problems.append(
            "tracking_domain_domains must be set: a list of names, or of entries with a name each."
        )
        return []
    if isinstance(raw, str):
        return [line for line in raw.splitlines() if line.split("#")[0].strip()]
    if isinstance(raw, t.Mapping) or not isinstance(raw, t.Iterable):
        problems.append(
            "tracking_domain_domains must be a list of names, or of entries with a name each, "
            f"not {quoted(type(raw).__name__)}."
        )
        return []
    return list(raw)


def _entry(item: t.Any) -> Data | None:
    """An entry without its blanks; None where it is none."""
    if blank(item):
        return {}
    if isinstance(item, str):
        return {"name": item.split("#")[0].strip()}
    if isinstance(item, t.Mapping):
        return {key: value for key, value in item.items() if not blank(value)}
    return None


def _check_keys(name: str, entry: Data) -> list[str]:
    known = [*entry_spec(), *_ROLE_KEYS, "domain"]
    problems = []
    for key in entry:
        if key not in known:
            near = difflib.get_close_matches(str(key), known, n=1, cutoff=0.5)
            meant = f" Did you mean {near[0]}?" if near else ""
            problems.append(f"{name}: an entry has no key {quoted(key)}.{meant}")
    if "name" in entry and "domain" in entry:
        problems.append(f"{name}: name and domain are the same: keep one of them.")
    return problems


def _zone(declared: Declared, name: str, entry: Data) -> list[str]:
    if "zone" not in entry:
        return []
    declared.zones[name] = str(entry["zone"])
    try:
        zone_of({"name": name}, declared.zones)
    except RecordError as exc:
        return [f"{exc}."]
    except TrackingError:
        return [f"{name}: its zone is {quoted(entry['zone'])}, which is not a zone."]
    return []


def _sort(
    declared: Declared,
    name: str,
    entry: Data,
    retire_on: date | None,
    replaced_by: tuple[str, ...],
    former: str | None,
    settings: Settings,
    today: date,
    problems: list[str],
) -> None:
    options = {key: value for key, value in entry.items() if key not in (*_ROLE_KEYS, _WAIT)}
    options.pop("domain", None)
    options["name"] = name
    state = options.get("state", "present")
    if state not in ("present", "absent"):
        problems.append(f"{name}: state must be present or absent, not {quoted(state)}.")
        return
    if retire_on and retire_on > today:
        declared.retiring[name] = ((retire_on - today).days, str(retire_on))
        if state == "absent":
            # It goes on that day; until then it is left as it is.
            declared.staying.append(name)
            return
    if state == "absent" or (retire_on and retire_on <= today):
        kept: Data = {key: options[key] for key in ("id", "dangling") if key in options}
        declared.absent.append(Leaving(name, kept, replaced_by))
        return
    if former:
        declared.former[name] = former
        # The role itself sees to it that the old record goes once the new name is right.
        options.setdefault("dangling", "ignore")
    try:
        verifies = switch(entry.get("verify"), settings.verify)
        explicit = switch(entry.get(_WAIT), None)
    except ValueError:
        problems.append(f"{name}: verify and wait must be true or false.")
        return
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


def _check_replacements(
    declared: Declared, replacements: t.Mapping[str, tuple[str, ...]]
) -> list[str]:
    present = set(declared.present_names)
    problems = []
    for name, replaced_by in replacements.items():
        for other in replaced_by:
            if other == name:
                problems.append(f"{name}: replaced_by is its own name.")
            elif other not in present:
                problems.append(
                    f"{name}: replaced_by is {other}, which is not declared as present: add an entry for it."
                )
            elif other not in declared.verify:
                problems.append(
                    f"{name}: replaced_by is {other}, which is not to be verified, so {name} would never go."
                )
    return problems


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

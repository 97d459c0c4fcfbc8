# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role's variables declare. No I/O here.

Private to this collection: no promise is made to others.
"""

from __future__ import annotations

import typing as t
from datetime import date

from ansible_collections.mailops.email.plugins.module_utils._errors import TrackingError
from ansible_collections.mailops.email.plugins.module_utils._names import normalise_name, quoted
from ansible_collections.mailops.email.plugins.plugin_utils._records import RecordError, zone_of

Data = t.Dict[str, t.Any]

# Variables without the role's prefix, with their defaults; None where it depends.
_SWITCHES: dict[str, t.Any] = {
    "verify": True,
    "purge": False,
    "dns_overwrite": False,
    "wait": None,
}
_NUMBERS: dict[str, t.Any] = {
    "dns_ttl": 300,
    "wait_timeout": 600,
    "wait_interval": 10,
    "removal_timeout": 900,
}
# As ansible.builtin.bool takes them.
_ON = ("yes", "on", "1", "true", "y", "t")
_OFF = ("no", "off", "0", "false", "n", "f")
# Keys of an entry that are the role's, or that it passes on in its own way.
_ROLE_KEYS = ("zone", "retire_on", "wait")


def settings(given: t.Mapping[str, t.Any]) -> Data:
    """The role's variables as they are meant: what is null or blank is not set, AWX sends such.

    :param given: by name, without the role's prefix.
    :return: those of ``given``, switches as booleans and numbers (seconds) as numbers; ``waits``,
        whether to wait for verifications, and ``waits_for_others``, whether also for records that
        somebody else publishes; ``problems``, as text.
    """
    result: Data = {"problems": []}

    def complain(name: str, what: str) -> None:
        result["problems"].append(f"tracking_domain_{name} must be {what}.")

    meant: t.Any
    for defaults, meant, what in (
        (_SWITCHES, switch, "true or false"),
        (_NUMBERS, _number, "a number, 0 or more"),
    ):
        for name, default in defaults.items():
            try:
                result[name] = meant(given[name], default)
            except ValueError:
                complain(name, what)
                result[name] = default
    result["dns_ttl"] = int(result["dns_ttl"])
    may_wait = result["wait_timeout"] > 0
    wait = result.pop("wait")
    result["waits"] = may_wait and wait is not False
    result["waits_for_others"] = may_wait and wait is True
    if not _blank(given["dns_zone"]) and not _is_zone(given["dns_zone"]):
        complain("dns_zone", f"a zone such as example.com, and not {quoted(given['dns_zone'])}")
    excluded = given["purge_exclude"]
    if isinstance(excluded, str):
        excluded = [pattern.strip() for pattern in excluded.split(",")]
    result["purge_exclude"] = [pattern for pattern in excluded or () if pattern]
    # YAML reads `off` as false.
    check = given["dns_check"]
    result["dns_check"] = "off" if check is False else "authoritative" if _blank(check) else check
    provider = given["dns_provider"]
    result["dns_provider"] = "none" if _blank(provider) else provider
    return result


def _blank(value: t.Any) -> bool:
    return value is None or str(value).strip() == ""


def switch(value: t.Any, default: t.Any) -> t.Any:
    """A boolean, as text too; ``default`` where it is not set.

    :raises ValueError: it is no boolean.
    """
    word = str(value).strip().lower()
    if _blank(value):
        return default
    if word not in (*_ON, *_OFF):
        raise ValueError(word)
    return word in _ON


def _is_zone(zone: t.Any) -> bool:
    try:
        # A zone may be a single label, which a host name may not.
        normalise_name(f"x.{zone}")
    except TrackingError:
        return False
    return True


def _number(value: t.Any, default: float) -> float:
    if _blank(value):
        return default
    number = float(value)
    if isinstance(value, bool) or not 0 <= number < float("inf"):
        raise ValueError(value)
    return number


def declared(
    entries: t.Iterable[t.Mapping[str, t.Any]], *, today: date, verify: bool, wait: bool
) -> Data:
    """Sort the entries of ``tracking_domain_domains`` by what is to become of them.

    :param today: an entry whose ``retire_on`` has come counts as absent.
    :param verify: for entries that do not say it themselves; so is ``wait``.
    :return: ``present`` and ``absent``, entries as ``tracking_domains`` takes them; ``names`` of those
        that are present, and of them what to ``verify`` and to ``wait`` for; ``zones``, by name;
        ``former``, the names that domains are ``renamed`` from; ``retiring``, ``{name, on, days, text}``;
        ``staying``, names of absent ones whose day has not come; ``kept``, names that no purge may touch;
        ``problems``, what is wrong with the entries, as text.
    """
    result: Data = {
        "present": [],
        "absent": [],
        "names": [],
        "verify": [],
        "wait": [],
        "zones": {},
        "former": [],
        "renamed": [],
        "retiring": [],
        "staying": [],
        "kept": [],
        "problems": [],
    }
    seen: set[str] = set()
    for number, entry in enumerate(entries, start=1):
        entry = {key: value for key, value in entry.items() if value is not None and value != ""}
        try:
            name = normalise_name(entry.get("name", entry.get("domain", "")))
            former = normalise_name(entry["rename_from"]) if "rename_from" in entry else None
            retire_on = _date(entry["retire_on"]) if "retire_on" in entry else None
        except (TrackingError, ValueError) as exc:
            result["problems"].append(f"Entry {number} of tracking_domain_domains: {exc}")
            continue
        if name in seen:
            result["problems"].append(f"{name} is declared more than once: keep one entry for it.")
        seen.add(name)
        if "zone" in entry:
            result["zones"][name] = entry["zone"]
            try:
                zone_of({"name": name}, result["zones"])
            except RecordError as exc:
                result["problems"].append(f"{exc}.")
            except TrackingError:
                result["problems"].append(
                    f"{name}: its zone is {quoted(entry['zone'])}, which is none."
                )
        options = {key: value for key, value in entry.items() if key not in _ROLE_KEYS}
        state = options.get("state", "present")
        if state not in ("present", "absent"):
            result["problems"].append(f"{name}: state is {quoted(state)}, not present or absent.")
        if retire_on and retire_on > today:
            days = (retire_on - today).days
            text = f"{name} retires on {retire_on}, in {days} day{'s' if days > 1 else ''}"
            result["retiring"].append(
                {"name": name, "on": str(retire_on), "days": days, "text": text}
            )
            if state == "absent":
                # It goes on that day; until then it is left as it is.
                result["kept"].append(name)
                result["staying"].append(name)
                continue
        if state == "absent" or (retire_on and retire_on <= today):
            options = {key: options[key] for key in ("id", "dangling") if key in options}
            result["absent"].append({"name": name, "state": "absent", **options})
            result["kept"].append(name)
            continue
        result["present"].append(options)
        result["names"].append(name)
        if former:
            result["former"].append(former)
            result["renamed"].append(name)
        try:
            verifies = switch(entry.get("verify"), verify)
            waits = switch(entry.get("wait"), wait)
        except ValueError:
            result["problems"].append(f"{name}: verify and wait must be true or false.")
            continue
        if verifies:
            result["verify"].append(name)
            if waits:
                result["wait"].append(name)
    return result


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
            f"retire_on is {quoted(value)}, which is no date; write it like 2026-12-31"
        ) from None

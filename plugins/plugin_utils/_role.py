# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role has to reckon out between its tasks. No I/O here.

Private to this collection: no promise is made to others.
"""

from __future__ import annotations

import re
import typing as t
from datetime import date

from ansible_collections.mailops.email.plugins.module_utils._errors import TrackingError
from ansible_collections.mailops.email.plugins.module_utils._model import normalise_name
from ansible_collections.mailops.email.plugins.module_utils._results import told_once
from ansible_collections.mailops.email.plugins.plugin_utils._records import (
    Domain,
    Record,
    RecordError,
    zone_of,
)

Data = t.Dict[str, t.Any]
Zones = t.Mapping[str, str]

# Keys of an entry that are the role's, or that it passes on in its own way.
_ROLE_KEYS = ("zone", "retire_on", "wait")
# The live DNS has something at the name that publishing would replace or that hides the record.
_IN_THE_WAY = ("mismatch", "conflict", "proxied", "loop")
# What may stand in the way of a CNAME and can be removed by its type alone.
_REPLACED_TYPES = ("A", "AAAA", "MX", "TXT")
_DONE = ("created", "updated", "renamed", "verified")
_OCCUPIED = (
    "the DNS back end has another CNAME there, or this one with another time to live. "
    "The live DNS, which would tell, was not looked at or did not answer."
)
_OVERWRITE = "\nThe role replaces what stands there only with tracking_domain_dns_overwrite: true."
_NO_TARGET = (
    "nobody said what its CNAME has to point to. Where the provider's panel shows it and its API does not "
    "(SendClean), set tracking_domain_cname_target."
)


# --- what is declared ----------------------------------------------------------------------------


def declared(
    entries: t.Iterable[t.Mapping[str, t.Any]], *, today: date, verify: bool, wait: bool
) -> Data:
    """Sort the entries of ``tracking_domain_domains`` by what is to become of them.

    :param today: an entry whose ``retire_on`` has come counts as absent.
    :param verify: for entries that do not say it themselves; so is ``wait``.
    :return: ``present`` and ``absent``, entries as ``tracking_domains`` takes them; ``names`` of those
        that are present, and of them what to ``verify`` and to ``wait`` for; ``zones``, by name;
        ``former``, the names that renamed domains had; ``retiring``, ``{name, on, days, text}``;
        ``kept``, names that no purge may touch; ``problems``, what is wrong with the entries, as text.
    """
    result: Data = {
        "present": [],
        "absent": [],
        "names": [],
        "verify": [],
        "wait": [],
        "zones": {},
        "former": [],
        "retiring": [],
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
        options = {key: value for key, value in entry.items() if key not in _ROLE_KEYS}
        state = options.get("state", "present")
        if retire_on and retire_on > today:
            days = (retire_on - today).days
            text = f"{name} retires on {retire_on}, in {days} day{'s' if days > 1 else ''}"
            result["retiring"].append(
                {"name": name, "on": str(retire_on), "days": days, "text": text}
            )
            if state == "absent":
                # It goes on that day; until then it is left as it is.
                result["kept"].append(name)
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
        if _flag(entry.get("verify"), verify):
            result["verify"].append(name)
            if _flag(entry.get("wait"), wait):
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
            f"retire_on is {value!r}, which is no date; write it like 2026-12-31"
        ) from None


def _flag(value: t.Any, default: bool) -> bool:
    if value is None:
        return default
    if isinstance(value, str):
        return value.strip().lower() in ("yes", "on", "1", "true", "y", "t")
    return bool(value)


# --- what became of it ---------------------------------------------------------------------------


def merged(results: t.Iterable[t.Mapping[str, t.Any]]) -> Data:
    """Results of ``tracking_domains``, one after the other, as one.

    :return: ``tracking_domains`` and ``actions`` as of that module; ``unverified``, ``{name, reason}``
        of those that are not verified yet; ``hopeless``, the names among them for which waiting
        cannot help; ``problems``, what failed, as text.
    """
    domains: dict[str, Domain] = {}
    actions: dict[str, Data] = {}
    for result in results:
        for domain in result.get("tracking_domains") or ():
            # A later look may have been without one at the DNS.
            dns = domain.get("dns") or domains.get(domain["name"], {}).get("dns")
            domains[domain["name"]] = {**domain, "dns": dns} if dns else dict(domain)
        for action in result.get("actions") or ():
            actions[action["name"]] = _later(actions.get(action["name"]), action)
            if action["action"] == "deleted":
                domains.pop(action["name"], None)
    unverified = [domain for domain in domains.values() if not domain["verified"]]
    return {
        "tracking_domains": list(domains.values()),
        "actions": list(actions.values()),
        "unverified": [
            {"name": domain["name"], "reason": _why_unverified(domain)} for domain in unverified
        ],
        "hopeless": [
            domain["name"]
            for domain in unverified
            if domain["name"] in actions and actions[domain["name"]]["final"]
        ],
        "problems": told_once(
            (action["name"], action["failure"]["operation"], action["reason"])
            for action in actions.values()
            if action["failure"]
        ),
    }


def _later(before: Data | None, action: t.Mapping[str, t.Any]) -> Data:
    """An earlier and a later action on one domain as one."""
    after = dict(action)
    if before is None:
        return after
    if after["action"] == "failed" and (done := _done(before)) and done != _done(after):
        # As the module says it of what happens within one task.
        after["reason"] = f"{done}, but {after['reason']}"
    if before["action"] in ("unchanged", "failed"):
        after["changed"] = after["changed"] or before["changed"]
        return after
    if after["action"] in ("unchanged", "verified"):
        after["action"], after["renamed_from"] = before["action"], before["renamed_from"]
    after["changed"] = after["changed"] or before["changed"]
    return after


def _done(action: t.Mapping[str, t.Any]) -> str | None:
    """What was done before something failed, or without a failure; None where nothing was."""
    words = (action["reason"] or "").split(", but ")
    done = words[0] if action["action"] == "failed" and len(words) > 1 else action["action"]
    return done if done in _DONE else None


def _why_unverified(domain: Domain) -> str:
    dns = domain.get("dns")
    if dns and dns["status"] != "ok":
        return str(dns["reason"])
    if dns:
        return "the record is right, the provider has not seen it yet"
    return "the provider has not seen the record yet"


# --- DNS -----------------------------------------------------------------------------------------


def publication(
    domains: t.Iterable[Domain],
    *,
    zones: Zones,
    zone: str | None = None,
    ttl: int,
    overwrite: bool = False,
    to_be_added: t.Collection[str] = (),
    occupied: t.Collection[str] = (),
) -> Data:
    """What has to be published so that each domain's CNAME is right.

    :param to_be_added: in check mode, the names that the provider does not have yet.
    :param occupied: names where the live DNS could not be seen, and the back end has another CNAME.
    :return: ``changes``, in the order to be made, each a record with its ``state``; ``records``, one
        for each domain whose target is known, with its ``status`` and an ``action``, ``unchanged``
        or ``publish``; ``blocked``, ``{name, reason}`` of those that cannot be published; ``later``,
        names whose target will be known only once the provider has them.
    """
    result: Data = {"changes": [], "records": [], "blocked": [], "later": []}
    for domain in domains:
        dns = domain.get("dns") or {"status": "unchecked", "found": [], "reason": "", "fix": None}
        target = domain["cname"]["target"]
        if not target:
            if dns["status"] in ("apex", *_IN_THE_WAY):
                result["blocked"].append({"name": domain["name"], "reason": _blocked(dns)})
            elif domain["name"] in to_be_added:
                result["later"].append(domain["name"])
            else:
                result["blocked"].append({"name": domain["name"], "reason": _NO_TARGET})
            continue
        try:
            record = Record(domain["name"], target, ttl, zone_of(domain, zones, zone))
        except (RecordError, TrackingError) as exc:
            result["blocked"].append({"name": domain["name"], "reason": str(exc)})
            continue
        status = dns["status"]
        fact = {**record.as_dict(), "state": "present", "status": status, "action": "unchanged"}
        result["records"].append(fact)
        if status in ("ok", "dangling_target") or (status == "unknown" and domain["verified"]):
            continue
        if domain["name"] in occupied:
            fact["action"] = "blocked"
            result["blocked"].append({"name": domain["name"], "reason": _OCCUPIED + _OVERWRITE})
            continue
        # Where some servers have the right record already, the others only lag behind.
        in_the_way = status in _IN_THE_WAY and not served_by(domain)
        if status == "apex" or (in_the_way and not overwrite):
            fact["action"] = "blocked"
            result["blocked"].append({"name": domain["name"], "reason": _blocked(dns)})
            continue
        fact["action"] = "publish"
        if in_the_way and status == "conflict":
            result["changes"] += [
                _change(record, "absent", type=kind, value=None, line=f"{record.name}. IN {kind}")
                for kind in _REPLACED_TYPES
            ]
        seen = status not in ("unknown", "unchecked")
        result["changes"].append(_change(record, "present", seen=seen))
    return result


def _change(record: Record, state: str, *, seen: bool = True, **other: t.Any) -> Data:
    """A record as a back end is given it; ``seen``: the live DNS told what stands at the name."""
    return {**record.as_dict(), "state": state, "seen": seen, **other}


def _blocked(dns: t.Mapping[str, t.Any]) -> str:
    text = str(dns["reason"])
    if dns["fix"]:
        text += f" To do: {dns['fix']}"
    if dns["status"] != "apex":
        text += _OVERWRITE
    return text


def removal(
    domains: t.Iterable[Domain], *, zones: Zones, zone: str | None = None, ttl: int
) -> Data:
    """What has to be removed before these domains may go.

    :return: ``changes``, records with ``state`` absent; ``served``, ``{name, servers}`` of those that
        name servers still lead to the provider; ``ttl``, for how many seconds caches may
        still hold what is, or until lately may have been, served; ``problems``, as text.
    """
    result: Data = {"changes": [], "served": [], "ttl": 0, "problems": []}
    for domain in domains:
        dns = domain.get("dns") or {"status": "unknown", "found": []}
        serving = _serving(domain)
        target = domain["cname"]["target"]
        if serving:
            result["served"].append({"name": domain["name"], "servers": served_by(domain)})
            result["ttl"] = max(result["ttl"], *(answer["ttl"] or 0 for answer in serving))
        elif dns["status"] == "missing":
            # The provider has seen a record, and nobody remembers when it went.
            if domain["verified"]:
                result["ttl"] = max(result["ttl"], ttl)
            continue
        elif dns["status"] != "unknown" or not target:
            # What stands there is not this domain's.
            continue
        else:
            result["ttl"] = max(result["ttl"], ttl)
        try:
            record = Record(domain["name"], target, ttl, zone_of(domain, zones, zone))
        except (RecordError, TrackingError) as exc:
            result["problems"].append(f"{domain['name']}: {exc}")
            continue
        result["changes"].append(_change(record, "absent", seen=bool(serving)))
    return result


def served_by(domain: Domain) -> list[str]:
    """The name servers that lead a domain's name to its target."""
    return [answer["server"] for answer in _serving(domain)]


def _serving(domain: Domain) -> list[Data]:
    target = domain["cname"]["target"]
    found = (domain.get("dns") or {}).get("found") or ()
    return [answer for answer in found if target and target in answer["cname"]]


# --- back ends -----------------------------------------------------------------------------------


def collections_in(tasks: str) -> list[str]:
    """The collections whose modules a tasks file uses, without those of ansible-core.

    >>> collections_in("- name: Publish\\n  community.general.nsupdate:\\n")
    ['community.general']
    """
    found = re.findall(r"^[ -]+([a-z_][a-z0-9_]*\.[a-z_][a-z0-9_]*)\.[a-z0-9_.]+:", tasks, re.M)
    return sorted(set(found) - {"ansible.builtin", "ansible.legacy", "mailops.email"})

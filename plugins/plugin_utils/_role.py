# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What became of it, and what DNS records it takes: what the role reckons out between tasks. No I/O here.

Private to this collection: no promise is made to others.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.mailops.email.plugins.module_utils._ansible.results import told_once
from ansible_collections.mailops.email.plugins.module_utils._errors import TrackingError
from ansible_collections.mailops.email.plugins.plugin_utils._records import (
    Domain,
    Record,
    RecordError,
    zone_of,
)

Data = t.Dict[str, t.Any]
Zones = t.Mapping[str, str]

# The live DNS has something at the name that publishing would replace or that hides the record.
_IN_THE_WAY = ("mismatch", "conflict", "proxied", "loop")
_DONE = ("created", "updated", "renamed", "verified")
_OCCUPIED = (
    "the DNS back end has another CNAME there, or this one with another time to live. "
    "The live DNS, which would tell, was not looked at or did not answer."
)
_OVERWRITE = "\nThe role replaces what stands there only with tracking_domain_dns_overwrite: true."
_NOT_LOOKED_AT_SINCE: Data = {
    "status": "unknown",
    "reason": "the record was published, and nobody has looked at it since",
    "found": [],
    "fix": None,
}
_NO_ZONE = "nobody knows its zone: set tracking_domain_dns_zone, or zone in its entry."
_NO_TARGET = (
    "nobody said what its CNAME has to point to. Where the provider's panel shows it and its API does not "
    "(SendClean), set tracking_domain_cname_target."
)


# --- what became of it ---------------------------------------------------------------------------


def merged(
    results: t.Iterable[t.Mapping[str, t.Any]], *, published: t.Collection[str] = ()
) -> Data:
    """Results of ``tracking_domains``, one after the other, as one.

    :param published: names whose records were published since: what was seen before is void.
    :return: ``tracking_domains`` and ``actions`` as of that module; ``unverified``, ``{name, reason}``
        of those that are not verified yet; ``hopeless``, the names among them for which waiting
        cannot help; ``unsure``, names of which the live DNS is not known to be right; ``problems``,
        what failed, as text.
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
    for name in published:
        dns = domains.get(name, {}).get("dns")
        if dns:
            domains[name] = {**domains[name], "dns": {**dns, **_NOT_LOOKED_AT_SINCE}}
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
        "unsure": [name for name, domain in domains.items() if not _is_right(domain)],
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


def _is_right(domain: Domain) -> bool:
    """Whether its name leads to the provider, as far as anybody can tell.

    Where the live DNS says nothing, the provider's word counts; else it may be of another time, or of
    the name that the domain had.
    """
    dns = domain.get("dns")
    if dns is None or dns["status"] == "unknown":
        return bool(domain["verified"])
    return bool(dns["status"] == "ok")


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
    needs_zone: bool = False,
    overwrite: bool = False,
    to_be_added: t.Collection[str] = (),
    occupied: t.Collection[str] = (),
) -> Data:
    """What has to be published so that each domain's CNAME is right.

    :param needs_zone: the back end cannot change a record without its zone.
    :param to_be_added: in check mode, the names that the provider does not have yet.
    :param occupied: names where the live DNS could not be seen, and the back end has another CNAME.
    :return: ``changes``, in the order to be made, each a record with its ``state``; ``records``, one
        for each domain whose target is known, with its ``status`` and an ``action``, ``unchanged``
        or ``publish``; ``blocked``, ``{name, reason}`` of those that cannot be published; ``later``,
        ``{name, reason}`` of those whose target will be known only once the provider has them. A
        record that is right but for its time to live is left alone.
    """
    result: Data = {"changes": [], "records": [], "blocked": [], "later": []}
    for domain in domains:
        dns = domain.get("dns") or {"status": "unchecked", "found": [], "reason": "", "fix": None}
        target = domain["cname"]["target"]
        if not target:
            if dns["status"] in ("apex", *_IN_THE_WAY):
                result["blocked"].append({"name": domain["name"], "reason": _blocked(dns)})
            elif domain["name"] in to_be_added:
                text = "the record to publish is known once the provider has the domain"
                if any(answer["cname"] or answer["a"] for answer in dns["found"]):
                    text += f". What stands there now: {dns['reason']}"
                result["later"].append({"name": domain["name"], "reason": text})
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
        if needs_zone and record.zone is None:
            fact["action"] = "blocked"
            result["blocked"].append({"name": domain["name"], "reason": _NO_ZONE})
            continue
        fact["action"] = "publish"
        if in_the_way and status == "conflict":
            result["changes"] += [
                _change(record, "absent", type=kind, value=None, line=f"{record.name}. IN {kind}")
                for kind in _types_at(dns)
            ]
        seen = status not in ("unknown", "unchecked")
        result["changes"].append(_change(record, "present", seen=seen))
    return result


def _types_at(dns: t.Mapping[str, t.Any]) -> list[str]:
    """The types of the records that stand at a name, of whichever server."""
    types: dict[str, None] = {}
    for answer in dns["found"]:
        types.update(("AAAA" if ":" in address else "A", None) for address in answer["a"])
        types.update(dict.fromkeys(answer["types"]))
        # Beside the one to be published no other may stand.
        types.update({"CNAME": None} if answer["cname"] else {})
    return list(types)


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
    domains: t.Iterable[Domain],
    *,
    zones: Zones,
    zone: str | None = None,
    ttl: int,
    needs_zone: bool = False,
) -> Data:
    """What has to be removed before these domains may go.

    :return: ``changes``, records with ``state`` absent; ``served``, ``{name, servers}`` of those that
        name servers still lead to the provider; ``ttl``, for how many seconds caches may
        still hold what is, or until lately may have been, served, ``gone_ttl`` without what is;
        ``blocked``, ``{name, reason}`` of
        those that cannot be removed. What a wildcard serves is no record of the name's own.
    """
    result: Data = {"changes": [], "served": [], "ttl": 0, "gone_ttl": 0, "blocked": []}
    for domain in domains:
        dns = domain.get("dns") or {"status": "unknown", "found": []}
        serving = [answer for answer in _serving(domain) if not answer["wildcard"]]
        target = domain["cname"]["target"]
        if serving:
            result["served"].append({"name": domain["name"], "servers": served_by(domain)})
            result["ttl"] = max(result["ttl"], *(answer["ttl"] or 0 for answer in serving))
        elif _serving(domain):
            continue
        elif dns["status"] == "missing":
            # The provider has seen a record, and nobody remembers when it went.
            if domain["verified"]:
                result["gone_ttl"] = max(result["gone_ttl"], ttl)
            continue
        elif dns["status"] != "unknown" or not target:
            # What stands there is not this domain's.
            continue
        else:
            result["gone_ttl"] = max(result["gone_ttl"], ttl)
        try:
            record = Record(domain["name"], target, ttl, zone_of(domain, zones, zone))
        except (RecordError, TrackingError) as exc:
            result["blocked"].append({"name": domain["name"], "reason": str(exc)})
            continue
        if needs_zone and record.zone is None:
            result["blocked"].append({"name": domain["name"], "reason": _NO_ZONE})
            continue
        result["changes"].append(_change(record, "absent", seen=bool(serving)))
    result["ttl"] = max(result["ttl"], result["gone_ttl"])
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

# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which DNS records to publish and to remove, and what became of them. Private; no I/O here.

What the live DNS shows decides what is worth trying. Whether a record may be changed decides the back
end, at the moment of change: it is given the exact record, and whether it may overwrite.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.mailops.email.plugins.module_utils._ansible.option_names import prefixed
from ansible_collections.mailops.email.plugins.module_utils._errors import TrackingError
from ansible_collections.mailops.email.plugins.plugin_utils._records import (
    Domain,
    Record,
    RecordError,
    zone_of,
)
from ansible_collections.mailops.email.plugins.plugin_utils._role.variables import PREFIX, Settings

Data = t.Dict[str, t.Any]
Zones = t.Mapping[str, str]

# The live DNS has something at the name that publishing would replace or that hides the record.
_IN_THE_WAY = ("mismatch", "conflict", "proxied", "loop")
_UNSEEN = ("unknown", "unchecked")
# The name does not lead to the provider, and that is sure.
DEAD = (
    "missing",
    "mismatch",
    "conflict",
    "apex",
    "doubled_zone",
    "wildcard",
    "loop",
    "dangling_target",
)
_OVERWRITE = "The role replaces what stands there only with tracking_domain_dns_overwrite: true."
_NO_ZONE = "its zone is not known: set tracking_domain_dns_zone, or zone in its entry."


def dns_of(domain: Domain) -> Data:
    """What the live DNS says of a domain, also where it was not looked up."""
    unchecked: Data = {"status": "unchecked", "found": [], "reason": "", "fix": None, "zone": None}
    return domain.get("dns") or unchecked


def publication(
    domains: t.Iterable[Domain],
    settings: Settings,
    zones: Zones,
    *,
    to_be_added: t.Collection[str] = (),
) -> Data:
    """What has to be published so that each domain's CNAME is right.

    :param zones: as declared, by name.
    :param to_be_added: in check mode, the names that the provider does not have yet.
    :return: ``changes``, records for the back end; ``records``, one for each domain whose target is
        known, with its ``status`` and an ``action``, ``unchanged``, ``blocked`` or ``publish``;
        ``blocked``, reasons by name of those that cannot be published; ``later``, reasons by name of
        those whose target will be known only once the provider has them. A record that is right but
        for its time to live is left alone.
    """
    result: Data = {"changes": [], "records": [], "blocked": {}, "later": {}}
    for domain in domains:
        name, dns = domain["name"], dns_of(domain)
        target = domain["cname"]["target"]
        if not target:
            _without_target(domain, dns, name in to_be_added, settings, result)
            continue
        try:
            record = Record(
                name, target, settings.dns_ttl, zone_of(domain, zones, settings.dns_zone)
            )
        except (RecordError, TrackingError) as exc:
            result["blocked"][name] = str(exc)
            continue
        fact = {
            **record.as_dict(),
            "state": "present",
            "status": dns["status"],
            "action": "unchanged",
        }
        result["records"].append(fact)
        if dns["status"] in ("ok", "dangling_target"):
            continue
        if dns["status"] == "unknown" and domain["verified"]:
            continue
        reason = _blocked(record, dns, domain, settings)
        if reason:
            fact["action"] = "blocked"
            result["blocked"][name] = reason
        else:
            fact["action"] = "publish"
            result["changes"].append(
                _change(record, state="present", overwrite=settings.dns_overwrite)
            )
    return result


def _without_target(
    domain: Domain, dns: Data, to_be_added: bool, settings: Settings, result: Data
) -> None:
    name = domain["name"]
    hint = prefixed(settings.facts.target_hint, PREFIX, ["cname_target"])
    unknown = f"what its CNAME has to point to is not known. {hint}"
    if dns["status"] in ("apex", *_IN_THE_WAY):
        result["blocked"][name] = _in_the_way(dns)
    elif to_be_added:
        text = "the record to publish is known once the provider has the domain"
        if any(answer["cname"] or answer["a"] for answer in dns["found"]):
            text += f". What stands there now: {dns['reason']}"
        result["later"][name] = text
    elif domain["verified"]:
        # The provider has seen its record. What is not known makes nothing wrong.
        pass
    elif settings.back_end.publishes:
        result["blocked"][name] = unknown
    else:
        result["later"][name] = unknown


def _blocked(record: Record, dns: Data, domain: Domain, settings: Settings) -> str | None:
    # Where some servers have the right record already, the others may only lag behind: the server
    # that takes the change knows.
    in_the_way = dns["status"] in _IN_THE_WAY and not served_by(domain)
    if dns["status"] == "apex" or (in_the_way and not settings.dns_overwrite):
        return _in_the_way(dns)
    if settings.back_end.needs_zone and record.zone is None:
        return _NO_ZONE
    return None


def _in_the_way(dns: Data) -> str:
    text = str(dns["reason"])
    if dns["fix"]:
        text += f" To do: {dns['fix']}"
    if dns["status"] != "apex":
        text += f"\n{_OVERWRITE}"
    return text


def _change(record: Record, *, state: str, overwrite: bool) -> Data:
    """A record as a back end is given it."""
    return {**record.as_dict(), "state": state, "overwrite": overwrite}


def removal(domains: t.Iterable[Domain], settings: Settings, zones: Zones) -> Data:
    """What has to be removed before these domains may go.

    :return: ``changes``, records for the back end; ``served``, names that name servers still lead to
        the provider; ``ttl``, by name, for how many seconds caches may still hold what is, or until
        lately may have been, served; ``blocked``, reasons by name of those whose record cannot be
        removed. What a wildcard serves is no record of the name's own.
    """
    result: Data = {"changes": [], "served": [], "ttl": {}, "blocked": {}}
    for domain in domains:
        name, dns = domain["name"], dns_of(domain)
        all_serving = _serving(domain)
        serving = [answer for answer in all_serving if not answer["wildcard"]]
        target = domain["cname"]["target"]
        if serving:
            result["served"].append(name)
            seen = max(answer["ttl"] or 0 for answer in serving)
            # A resolver shows what is left of it, and what the user names may be one.
            of_zone = settings.dns["dns_check"] == "authoritative" and not settings.dns.get(
                "dns_servers"
            )
            result["ttl"][name] = seen if of_zone else max(seen, settings.dns_ttl)
        elif all_serving:
            continue
        elif dns["status"] in _UNSEEN and target:
            result["ttl"][name] = settings.dns_ttl
        else:
            # The provider has seen a record, and nothing tells when it went.
            if domain["verified"]:
                result["ttl"][name] = settings.dns_ttl
            # The server that takes changes may have it still. A back end that might remove another
            # record in its place is not asked to.
            asks = settings.back_end.publishes and (
                dns["status"] == "missing" or settings.back_end.exact
            )
            if not target or not asks:
                continue
        try:
            record = Record(
                name, target, settings.dns_ttl, zone_of(domain, zones, settings.dns_zone)
            )
        except (RecordError, TrackingError) as exc:
            result["blocked"][name] = str(exc)
            continue
        if settings.back_end.needs_zone and record.zone is None:
            result["blocked"][name] = _NO_ZONE
            continue
        result["changes"].append(_change(record, state="absent", overwrite=False))
    return result


def served_by(domain: Domain, *, wildcards: bool = True) -> list[str]:
    """The name servers that lead a domain's name to its target.

    :param wildcards: also by a wildcard, which is no record of the name's own.
    """
    return [answer["server"] for answer in _serving(domain) if wildcards or not answer["wildcard"]]


def answered(domain: Domain) -> list[str]:
    """The name servers that were asked about a domain's name, and gave an answer."""
    return [answer["server"] for answer in dns_of(domain)["found"]]


def _serving(domain: Domain) -> list[Data]:
    target = domain["cname"]["target"]
    return [answer for answer in dns_of(domain)["found"] if target and target in answer["cname"]]


# --- what a back end made of it ------------------------------------------------------------------


def failures_of(changes: t.Sequence[Data], sent: t.Any, back_end: str) -> dict[str, str]:
    """Which records could not be changed, by name, and why.

    :param changes: what the back end was given.
    :param sent: what its tasks registered: the result of a module with ``records``, or that of a loop
        with ``tracking_domain_record``. What is not in it was not done.
    """
    answers = {_key(record): _why_not(result) for record, result in _answers(changes, sent)}
    whole = _why_not(sent) if isinstance(sent, t.Mapping) and sent else None
    failures: dict[str, str] = {}
    for change in changes:
        missing = whole or f"the tasks of the back end {back_end} did not say what became of it"
        why = answers.get(_key(change), missing)
        if why:
            failures.setdefault(change["name"], why)
    return failures


def unchanged(changes: t.Sequence[Data], sent: t.Any) -> set[str]:
    """Names whose records the back end found to be as wanted already, so that it changed nothing."""
    return {
        change["name"]
        for change, (_record, result) in zip(changes, _answers(changes, sent))
        if result.get("status") == "unchanged"
    }


def left_alone(changes: t.Sequence[Data], sent: t.Any) -> dict[str, str]:
    """Names at which the back end found another CNAME in the place of the record that was to go, and what it
    said of it."""
    return {
        change["name"]: str(result.get("msg"))
        for change, (_record, result) in zip(changes, _answers(changes, sent))
        if result.get("status") == "unchanged"
        and any(each.get("type") == "CNAME" for each in result.get("found") or ())
    }


def seen_ttl(changes: t.Sequence[Data], sent: t.Any) -> dict[str, int]:
    """For how many seconds caches may hold what the back end has removed, by name, where it says so."""
    found = {}
    for change, (_record, result) in zip(changes, _answers(changes, sent)):
        before = [each for each in result.get("before") or () if each.get("type") == "CNAME"]
        if before:
            found[change["name"]] = max(int(each.get("ttl") or 0) for each in before)
    return found


def _answers(changes: t.Sequence[Data], sent: t.Any) -> t.Iterator[tuple[Data, Data]]:
    if not isinstance(sent, t.Mapping):
        return
    if "records" in sent:
        # In the order given.
        yield from zip(changes, sent["records"])
    for result in sent.get("results") or ():
        record = result.get("tracking_domain_record")
        if isinstance(record, t.Mapping):
            yield dict(record), result


def _key(record: t.Mapping[str, t.Any]) -> tuple[t.Any, ...]:
    return record["name"], record.get("type"), record.get("state")


def _why_not(result: t.Mapping[str, t.Any]) -> str | None:
    failed = result.get("failed") or result.get("status") == "failed"
    if not failed:
        return None
    if result.get("censored"):
        return "what it said is hidden by no_log"
    said = [str(result.get(key) or "").strip() for key in ("msg", "module_stderr", "stderr")]
    text = next((text for text in said if text), "it failed without a word")
    # An option of a record there is a variable of the role's.
    return re.sub(r"(?<!\w)overwrite: true", "tracking_domain_dns_overwrite: true", text)

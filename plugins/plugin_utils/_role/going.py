# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is to be deleted now, what has to wait, and which records go first. Private to this collection.

There are two rounds. In the first, what is declared absent goes. In the second, once all that is
declared is right, what a purge finds and the records of the old names of renames.
"""

from __future__ import annotations

import typing as t
from types import MappingProxyType

from ansible_collections.mailops.email.plugins.module_utils._errors import TrackingError
from ansible_collections.mailops.email.plugins.module_utils._names import (
    few,
    normalise_name,
    quoted,
)
from ansible_collections.mailops.email.plugins.plugin_utils._role import records
from ansible_collections.mailops.email.plugins.plugin_utils._role.context import (
    Context,
    nothing_done,
    why_nothing_done,
)
from ansible_collections.mailops.email.plugins.plugin_utils._role.senders import (
    keep_used,
    may_be_used,
    move_from_replaced,
    moved_by_then,
    of_senders,
)
from ansible_collections.mailops.email.plugins.plugin_utils._role.verify import (
    not_right,
    will_be_right,
)
from ansible_collections.mailops.email.plugins.plugin_utils._waiting import names_of

Data = t.Dict[str, t.Any]

_FULL = "The account is full"


def find_absent(context: Context) -> None:
    """Find what of the declared may be deleted in this run, and the records to remove before."""
    run, declared = context.run, context.declared
    _wait_for_replacements(context)
    move_from_replaced(context)
    absent = [entry.name for entry in declared.absent]
    senders = may_be_used(context, absent)
    look = _look(context, [*absent, *declared.absent_later], senders=senders)
    if look is None:
        return
    present, led_by = look
    keep_used(context, present, absent)
    going = [name for name in absent if name not in run.waiting and name not in run.stuck]
    options = {entry.name: entry.options for entry in declared.absent}
    regardless = [
        name
        for name in going
        if options[name].get("dangling", context.settings.dangling) == "ignore"
    ]
    for name in going:
        if name in led_by and name not in regardless:
            run.leftover[name] = _why_left(context, led_by[name], "state absent")
    _plan_round(
        context,
        [present[name] for name in going if name in present],
        [led_by[name] for name in regardless if name in led_by],
        options,
    )
    _note_those_still_there(context, list(present.values()), list(led_by.values()))


def find_rest(context: Context) -> None:
    """Find what nobody declared and what is left of renames, if all that is declared is right."""
    run = context.run
    _find_former(context)
    _find_purged(context)
    run.remove, run.to_delete, run.served, run.ttl = [], [], [], {}
    senders = may_be_used(context, run.purged)
    look = _look(context, [*run.former, *run.purged], senders=senders)
    if look is None:
        return
    present, led_by = look
    renamed = [action["renamed_from"] for action in run.actions if action.get("renamed_from")]
    if run.check_mode:
        # One that would be renamed is there still, and would be gone: only its record is left.
        led_by = {**led_by, **{name: present[name] for name in renamed if name in present}}
        present = {name: domain for name, domain in present.items() if name not in renamed}
    led_by = {**_left_by_this_run(context, present), **led_by}
    for name in run.former:
        if name not in present and name not in led_by:
            # There is nothing left of it.
            run.waiting.pop(name, None)
        elif name not in run.waiting and name in led_by and not _is_left_by_this_run(context, name):
            run.leftover[name] = _why_left(context, led_by[name], "rename_from")
    _let_purge_wait(context, [name for name in run.former if name in present or name in led_by])
    going = [name for name in (*run.former, *run.purged) if name not in run.waiting]
    keep_used(context, present, going)
    going = [name for name in going if name not in run.stuck]
    _plan_round(
        context,
        [present[name] for name in going if name in present],
        [led_by[name] for name in going if name in led_by and name not in run.leftover],
    )
    _note_those_still_there(context, list(present.values()), list(led_by.values()))


def as_domain(context: Context, name: str, dns: Data | None) -> Data:
    """A name that the account does not have, and whose record still leads to the provider, as a domain."""
    found = _without_lookup(context, name, (dns or {}).get("expected"))
    return {**found, **({"dns": dns} if dns else {})}


def _without_lookup(context: Context, name: str, target: str | None) -> Data:
    return {
        "provider": context.settings.connection["provider"],
        "name": name,
        "verified": True,
        "cname": {"name": name, "target": target},
    }


def _look(
    context: Context, names: t.Sequence[str], *, senders: bool
) -> tuple[dict[str, Data], dict[str, Data]] | None:
    """The domains of these names that the account has; and, as domains, those that it does not have
    and whose records lead to the provider. None where nothing is to be known, or could be."""
    run = context.run
    if not names:
        return None
    if _refused(context):
        run.stuck.update(dict.fromkeys(names, f"{context.settings.title} refuses the credentials"))
        return None
    look = context.info(names, senders=senders)
    if senders:
        context.warn_of(look)
    if "tracking_domains" not in look:
        why = str(look.get("msg"))
        run.stuck.update(dict.fromkeys(names, f"it could not be looked up: {why}"))
        return None
    deleted = [action["name"] for action in run.actions if action["action"] == "deleted"]
    present = {
        domain["name"]: domain
        for domain in look["tracking_domains"]
        if domain["name"] not in deleted
    }
    missing_dns = look.get("missing_dns") or {}
    led_by = {
        name: as_domain(context, name, missing_dns.get(name))
        for name in look.get("dangling") or ()
        if name not in deleted
    }
    return present, led_by


def _plan_round(
    context: Context,
    going: t.Sequence[Data],
    records_only: t.Sequence[Data],
    options: t.Mapping[str, t.Mapping[str, t.Any]] = MappingProxyType({}),
) -> None:
    """Which records go before these, and which of them may not go at all.

    :param records_only: those that the account does not have, and whose records go all the same.
    """
    run, settings = context.run, context.settings
    removal = records.removal([*going, *records_only], settings, context.declared.zones)
    run.remove, run.served, run.ttl = removal["changes"], removal["served"], removal["ttl"]
    run.stuck.update(removal["blocked"])
    run.to_delete = [{"name": name, **options.get(name, {})} for name in names_of(going)]
    removing = names_of(run.remove) if settings.back_end.publishes else []
    for domain in going:
        why = _why_not_provable(context, domain) if domain["name"] in removing else None
        if why and options.get(domain["name"], {}).get("dangling", settings.dangling) == "fail":
            run.stuck.setdefault(domain["name"], why)
    _rehearse(context, removing)
    run.remove = [each for each in run.remove if not run.is_stuck(each["name"])]
    run.to_delete = [each for each in run.to_delete if not run.is_stuck(each["name"])]


def _why_not_provable(context: Context, domain: Data) -> str | None:
    """Why a deletion would be refused once the record is gone: no name server says so."""
    dns = records.dns_of(domain)
    if dns["status"] != "unknown" or records.served_by(domain) or not context.settings.looks:
        return None
    return f"the live DNS gives no answer, so that a deletion would be refused. {dns['reason']}"


def _rehearse(context: Context, removing: t.Container[str]) -> None:
    """Find out what the provider's side has against a deletion before its record is removed.

    Without a look at the DNS: that the record is there still is what is about to change.

    :param removing: names whose records the back end is to remove.
    """
    run = context.run
    domains = [
        {**each, "state": "absent"}
        for each in run.to_delete
        if each["name"] in removing and not run.is_stuck(each["name"])
    ]
    if not domains and not run.to_delete and run.unmanaged is None:
        # Nothing has told yet what else the account has, nor will.
        absent = [entry.name for entry in context.declared.absent]
        left = [name for name in absent if name not in run.waiting and not run.is_stuck(name)]
        domains = [{"name": name, "state": "absent"} for name in left]
    if not domains:
        return
    result = context.rehearse(
        {
            "domains": domains,
            "dangling": context.settings.dangling,
            "dns_check": "off",
            **moved_by_then(context),
        }
    )
    if nothing_done(result):
        why = why_nothing_done(result)
        run.stuck.update(dict.fromkeys(names_of(domains), f"it could not be looked up: {why}"))
        return
    context.note_others(result)
    refused = [action for action in result["actions"] if action["failure"]]
    run.take({"actions": refused})
    run.stuck.update({action["name"]: str(action["reason"]) for action in refused})


def _refused(context: Context) -> bool:
    """Whether the provider refuses the credentials: then nothing can be asked."""
    failures = [action["failure"] for action in context.run.actions if action["failure"]]
    return any(
        failure["code"] == "authentication" and not of_senders(context, failure)
        for failure in failures
    )


def _is_left_by_this_run(context: Context, old: str) -> bool:
    """Whether the old name of a rename has only now been replaced: later it may be another account's.

    It has where this run renamed the domain, or has first got it verified since.
    """
    run = context.run
    if any(action.get("renamed_from") == old for action in run.actions):
        return True
    new = _new_name(context, old)
    return run.is_verified(new) and not run.was_verified_before(new)


def _new_name(context: Context, old: str) -> str:
    """What a domain of this old name is called now."""
    run = context.run
    names = {former: name for name, former in context.declared.former.items()}
    names.update({a["renamed_from"]: a["name"] for a in run.actions if a.get("renamed_from")})
    return names[old]


def _left_by_this_run(context: Context, present: t.Container[str]) -> dict[str, Data]:
    """Old names whose records the back end is to remove whatever the live DNS shows, or if it shows nothing."""
    run = context.run
    found = {}
    for name in run.former:
        new = run.by_name.get(_new_name(context, name), {})
        target = (new.get("cname") or {}).get("target")
        if target and name not in present and _is_left_by_this_run(context, name):
            found[name] = _without_lookup(context, name, target)
    return found


def _why_left(context: Context, domain: Data, because_of: str) -> str:
    """
    :param because_of: what of an entry has the role look at it.
    """
    title = context.settings.title
    remedy = "set dangling: ignore in its entry"
    if because_of == "rename_from":
        remedy = "take rename_from out, and declare the name as absent with dangling: ignore"
    if not records.served_by(domain, wildcards=False):
        return (
            f"this account at {title} does not have it, and a wildcard leads its name there, so that anyone "
            "could claim the name. Point the wildcard elsewhere, or give the name another record of its own; "
            f"and take {because_of} out of tracking_domain_domains."
        )
    return (
        f"this account at {title} does not have it, and its record still leads there: "
        f"{domain['name']}. IN CNAME {domain['cname']['target']}. It may be another account's: then take "
        f"{because_of} out of tracking_domain_domains here. If it is nobody's, anyone could claim the name: "
        f"remove the record, or have it removed: {remedy}."
    )


def _wait_for_replacements(context: Context) -> None:
    run = context.run
    for entry in context.declared.absent:
        not_yet = [name for name in entry.replaced_by if not will_be_right(context, name)]
        if not_yet:
            text = f"it stays until this is verified: {few(not_yet)}"
            if _is_full(context, not_yet):
                text += (
                    f". {_FULL}: take replaced_by out of this entry to let it go first, or have the "
                    "quota raised"
                )
            run.waiting[entry.name] = text


def _is_host_name(name: str) -> bool:
    try:
        return normalise_name(name) == name
    except TrackingError:
        return False


def _is_full(context: Context, names: t.Sequence[str]) -> bool:
    """Whether the account has no room for one of these."""
    failures = [context.run.action_of.get(name, {}).get("failure") or {} for name in names]
    return any(failure.get("code") == "quota" for failure in failures)


def _find_former(context: Context) -> None:
    """Old names of renames: their records go once all that is declared is right."""
    run, declared = context.run, context.declared
    former = dict(declared.former)
    for action in run.actions:
        if action.get("renamed_from"):
            former[action["name"]] = action["renamed_from"]
    run.former = [name for name in dict.fromkeys(former.values()) if name not in declared.names]
    wrong = not_right(context)
    if wrong:
        why = f"its record stays until this is right: {few(wrong)}"
        run.waiting.update(dict.fromkeys(run.former, why))


def _find_purged(context: Context) -> None:
    """What is not declared and goes, if all that is declared is right, and it is not too much."""
    run, settings = context.run, context.settings
    if not settings.purge or run.unmanaged is None:
        return
    purged = [
        name
        for name in dict.fromkeys(run.unmanaged)
        if not any(pattern.matches(name) for pattern in settings.purge_exclude)
    ]
    for name in [name for name in purged if not _is_host_name(name)]:
        purged.remove(name)
        run.problems.append(
            f"{quoted(name)} at {settings.title} is no host name, and the purge left it alone: delete it in "
            "the provider's panel, or name it in tracking_domain_purge_exclude."
        )
    if len(purged) > settings.purge_limit:
        run.problems.append(
            f"The purge would delete {len(purged)} tracking domains at {settings.title}, more than "
            f"tracking_domain_purge_limit ({settings.purge_limit}): {few(purged)}. None was "
            "deleted. Raise the limit if all of them are to go, declare those that stay, or name "
            "them in tracking_domain_purge_exclude."
        )
        return
    run.purged = purged
    _let_purge_wait(context, not_right(context))


def _let_purge_wait(context: Context, wrong: t.Sequence[str]) -> None:
    """Leave what a purge found for another run.

    :param wrong: what is not right, or not done, yet.
    """
    run = context.run
    if not wrong or not run.purged:
        return
    why = f"the purge waits until this is right: {few(wrong)}"
    if _is_full(context, wrong):
        why += f". {_FULL}: declare {run.purged[0]} as absent to let it go first, or have the quota raised"
    for name in run.purged:
        run.waiting.setdefault(name, why)


def _note_those_still_there(
    context: Context, present: t.Sequence[Data], led_by: t.Sequence[Data]
) -> None:
    """Show the domains and records that are to go, and are there for now."""
    run = context.run
    still_there = [domain for domain in present if domain["name"] not in run.by_name]
    run.domains = [*run.domains, *still_there]
    of_these = records.publication(
        [*still_there, *led_by], context.settings, context.declared.zones
    )
    run.records += [
        {**record, "action": "unchanged"}
        for record in of_these["records"]
        if record["status"] in ("ok", "unknown", "unchecked")
    ]

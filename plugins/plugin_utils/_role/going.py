# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is to be deleted now, what has to wait, and which records go first. Private to this collection.

To be deleted are the absent entries, what a purge finds, and the old names of renames (of which only
the record is left).
"""

from __future__ import annotations

import typing as t

from ansible_collections.mailops.email.plugins.module_utils._names import few
from ansible_collections.mailops.email.plugins.plugin_utils._role import records
from ansible_collections.mailops.email.plugins.plugin_utils._role.context import Context
from ansible_collections.mailops.email.plugins.plugin_utils._role.verify import (
    not_right,
    will_be_right,
)

Data = t.Dict[str, t.Any]


def find_going(context: Context) -> None:
    """Find what may be deleted in this run, and the records to remove before."""
    run, settings, declared = context.run, context.settings, context.declared
    _wait_for_replacements(context)
    _find_former(context)
    _find_purged(context)
    absent = [entry.name for entry in declared.absent]
    candidates = [*absent, *run.former, *run.purged, *declared.absent_later]
    if not candidates or _refused(context):
        return
    look = context.info(candidates)
    if "tracking_domains" not in look:
        run.problems.append(str(look.get("msg")))
        run.stuck.update(dict.fromkeys(run.going, "it could not be looked up"))
        return
    deleted = [a["name"] for a in run.actions if a["action"] == "deleted"]
    present = {d["name"]: d for d in look["tracking_domains"] if d["name"] not in deleted}
    leftovers = [
        as_domain(name, (look.get("missing_dns") or {}).get(name), settings.connection)
        for name in look.get("dangling") or ()
    ]
    run.going = [name for name in (*absent, *run.former, *run.purged) if name not in run.waiting]
    going = [present[name] for name in run.going if name in present]
    going += [domain for domain in leftovers if domain["name"] in run.going]
    removal = records.removal(going, settings, declared.zones)
    run.remove, run.served, run.ttl = removal["changes"], removal["served"], removal["ttl"]
    run.stuck.update(removal["blocked"])
    options = {entry.name: entry.options for entry in declared.absent}
    run.to_delete = [
        {"name": name, **options.get(name, {})} for name in run.going if name in present
    ]
    _note_those_still_there(context, present, leftovers)


def as_domain(name: str, dns: Data | None, connection: t.Mapping[str, t.Any]) -> Data:
    """A name that the provider does not have, and whose record still leads there, as a domain."""
    return {
        "provider": connection["provider"],
        "name": name,
        "verified": True,
        "cname": {"name": name, "target": (dns or {}).get("expected")},
        **({"dns": dns} if dns else {}),
    }


def _refused(context: Context) -> bool:
    """Whether the provider refuses the credentials: then nothing can be asked."""
    actions = context.run.actions
    return any((action["failure"] or {}).get("code") == "authentication" for action in actions)


def _wait_for_replacements(context: Context) -> None:
    run = context.run
    for entry in context.declared.absent:
        not_yet = [name for name in entry.replaced_by if not will_be_right(context, name)]
        if not_yet:
            text = f"it stays until this is verified: {few(not_yet)}"
            failures = [run.action_of.get(name, {}).get("failure") or {} for name in not_yet]
            if any(failure.get("code") == "quota" for failure in failures):
                text += (
                    ". The account is full: take replaced_by out of this entry to let it go first, "
                    "or have the quota raised"
                )
            run.waiting[entry.name] = text


def _find_former(context: Context) -> None:
    """Old names of renames: their records go once all that is declared is right."""
    run, declared = context.run, context.declared
    former = dict(declared.former)
    for action in run.actions:
        if action.get("renamed_from"):
            former[action["name"]] = action["renamed_from"]
    run.former = [name for name in former.values() if name not in declared.names]
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
        for name in run.unmanaged
        if not any(pattern.matches(name) for pattern in settings.purge_exclude)
    ]
    if len(purged) > settings.purge_limit:
        run.problems.append(
            f"The purge would delete {len(purged)} tracking domains at {settings.title}, more than "
            f"tracking_domain_purge_limit ({settings.purge_limit}): {few(purged)}. None was "
            "deleted. Raise the limit if all of them are to go, declare those that stay, or name "
            "them in tracking_domain_purge_exclude."
        )
        return
    run.purged = purged
    wrong = not_right(context)
    # The declared ones that are to go come first as well.
    wrong += [name for name in run.waiting if name not in wrong]
    if wrong:
        why = f"the purge waits until this is right: {few(wrong)}"
        run.waiting.update(dict.fromkeys(purged, why))


def _note_those_still_there(
    context: Context, present: t.Mapping[str, Data], leftovers: t.Sequence[Data]
) -> None:
    """Show the domains and records that are to go, and are there for now."""
    run = context.run
    # In check mode one that would be renamed is still there by its old name.
    renamed = run.former if run.check_mode else ()
    still_there = [
        domain
        for name, domain in present.items()
        if name not in run.by_name and name not in renamed
    ]
    run.domains = [*run.domains, *still_there]
    of_these = records.publication(
        [*still_there, *leftovers], context.settings, context.declared.zones
    )
    run.records += [
        {**record, "action": "unchanged"}
        for record in of_these["records"]
        if record["status"] in ("ok", "unknown", "unchecked")
    ]

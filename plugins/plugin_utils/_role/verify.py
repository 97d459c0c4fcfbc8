# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role's second step: what was published, and waiting until it is verified. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible_collections.mailops.email.plugins.plugin_utils import _results
from ansible_collections.mailops.email.plugins.plugin_utils._role import records
from ansible_collections.mailops.email.plugins.plugin_utils._role.context import (
    Context,
    nothing_done,
    why_nothing_done,
)
from ansible_collections.mailops.email.plugins.plugin_utils._role.run import Run
from ansible_collections.mailops.email.plugins.plugin_utils._waiting import (
    PASSING,
    Progress,
    names_of,
    wait_in_slices,
)


def take_published(context: Context, sent: t.Any) -> None:
    """Take in what the back end made of the records to publish.

    :param sent: what its tasks registered.
    """
    run, back_end = context.run, context.settings.back_end
    if not run.publish or not back_end.publishes:
        return
    run.unpublished = context.back_end_failures(run.publish, sent)
    run.published = [name for name in names_of(run.publish) if name not in run.unpublished]
    right_before = records.unchanged(run.publish, sent)
    run.already = [name for name in run.published if name in right_before]
    context.note_changes(sent, [name for name in run.published if name not in right_before])
    if run.check_mode:
        return
    run.mended = [name for name in run.published if run.is_verified(name) and run.is_dead(name)]
    run.domains = _results.published(run.domains, run.published)
    asked = set(_to_verify(context))
    context.look_up(name for name in run.published if name not in asked)


def wait_until_verified(context: Context) -> None:
    """Have verified what is not, and wait for what is to be waited for."""
    run, settings, declared = context.run, context.settings, context.declared
    to_verify = _to_verify(context)
    if run.check_mode or not to_verify:
        return
    waited_for = [name for name in to_verify if _is_waited_for(context, name)]
    # Verified, and in need of an answer that says so again.
    doubtful = set(run.mended)
    trouble: list[str] = []

    def is_settled(name: str) -> bool:
        return name not in doubtful and _is_settled(context, name)

    def step(seconds: float) -> Progress:
        outstanding = [name for name in to_verify if not is_settled(name)]
        result = context.converge(
            {
                "domains": [{"name": name, "wait": name in waited_for} for name in outstanding],
                "verify": True,
                "wait_timeout": seconds,
                "wait_interval": settings.wait_interval,
                # A wait itself tries again, and says so.
                **({"retries": 0} if waited_for else {}),
            },
            recheck="all",
            adds=False,
        )
        run.take(result)
        if not nothing_done(result):
            final = [action["name"] for action in run.actions if action.get("final")]
            doubtful.intersection_update(set(run.failed()) - set(final))
        trouble[:] = [why_nothing_done(result)] if nothing_done(result) else []
        waiting = [name for name in waited_for if not is_settled(name)]
        passes = (result.get("failure") or {}).get("code") in PASSING
        return Progress(
            verified=sum(run.is_right(name) and name not in doubtful for name in declared.verify),
            total=len(declared.verify),
            waiting=[] if trouble else [(name, _why_unverified(context, name)) for name in waiting],
            trouble=trouble[0] if trouble and waiting and passes else None,
        )

    run.waited = wait_in_slices(
        step,
        timeout=settings.wait_timeout if waited_for else 0.0,
        interval=settings.wait_interval,
        say=context.say,
        clock=context.clock,
        sleep=context.sleep,
    )
    run.problems += trouble


def find_dead(context: Context) -> None:
    """Declared domains that were verified, and whose names lead to the provider no more."""
    run, declared = context.run, context.declared
    waiting = [entry.name for entry in declared.absent if entry.name in run.waiting]
    for name in (*declared.present_names, *declared.absent_later, *waiting):
        mended = run.check_mode and name in run.published
        named = name in run.failed() or name in run.blocked or name in run.unpublished
        if run.was_verified(name) and run.is_dead(name) and not mended and not named:
            run.dead[name] = _why_dead(run, name)


def _why_dead(run: Run, name: str) -> str:
    dns = records.dns_of(run.by_name[name])
    if name in run.published:
        return f"its record was published just now, and is not seen yet. {dns['reason']}"
    todo = f" To do: {dns['fix']}" if dns["fix"] else ""
    return f"it was verified, and its name is not right any more. {dns['reason']}{todo}"


def will_be_right(context: Context, name: str) -> bool:
    """Whether it is right; in check mode, whether it would be."""
    run = context.run
    if run.is_right(name):
        return True
    later = name in run.later and context.settings.back_end.publishes
    expected = run.check_mode and (name in run.published or later)
    return expected and name not in run.failed()


def not_right(context: Context) -> list[str]:
    """Declared names that are not as declared, for which whatever goes last has to wait."""
    run, declared = context.run, context.declared
    wrong = [name for name in declared.verify if not will_be_right(context, name)]
    others = [*run.failed(), *run.blocked, *run.unpublished, *run.dead]
    others += [*run.waiting, *run.stuck, *run.unremoved, *run.leftover]
    # A domain whose renaming failed has no record to look at, a failed one may have no name.
    missing = [name for name in declared.present_names if name not in run.by_name]
    return list(dict.fromkeys([*wrong, *others, *missing]))


def _to_verify(context: Context) -> list[str]:
    """Names that the provider may be asked about, those that are waited for and others."""
    run = context.run
    action_of = run.action_of
    names = []
    for name in context.declared.verify:
        domain = run.by_name.get(name)
        cannot_be_right = name in run.blocked or name in run.unpublished
        if domain is None or cannot_be_right:
            continue
        if domain["verified"] and name not in run.mended:
            continue
        if action_of.get(name, {}).get("final") and name not in run.published:
            continue
        # What has not changed since the first look is asked about again only by a wait.
        asks = not context.settings.looks
        if _is_waited_for(context, name) or name in run.published or asks:
            names.append(name)
    return names


def _is_waited_for(context: Context, name: str) -> bool:
    declared = context.declared
    if name not in declared.wait:
        return False
    if context.settings.back_end.publishes or name in declared.insist:
        return True
    # Somebody else publishes it: only what is right already is waited for.
    domain = context.run.by_name.get(name)
    return bool(domain and records.dns_of(domain)["status"] == "ok")


def _is_settled(context: Context, name: str) -> bool:
    """Whether it is verified, or waiting longer cannot help."""
    run = context.run
    domain, action = run.by_name.get(name), run.action_of.get(name, {})
    return domain is None or bool(domain["verified"] or action.get("final"))


def _why_unverified(context: Context, name: str) -> str:
    run, title = context.run, context.settings.title
    dns = records.dns_of(run.by_name[name])
    failure = run.action_of.get(name, {}).get("failure") or {}
    if failure.get("vendor_message") or failure.get("http_status"):
        return str(run.action_of[name]["reason"])
    if dns["status"] == "ok":
        return f"the record is right, {title} has not seen it yet"
    if dns["status"] == "unchecked":
        return f"{title} has not seen the record yet"
    return str(dns["reason"])

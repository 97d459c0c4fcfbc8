# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role's first step: the account as declared, and the records to publish. Private to this collection."""

from __future__ import annotations

from ansible_collections.mailops.email.plugins.plugin_utils import _results
from ansible_collections.mailops.email.plugins.plugin_utils._role import records
from ansible_collections.mailops.email.plugins.plugin_utils._role.context import (
    Context,
    nothing_done,
    why_nothing_done,
)


def ensure(context: Context) -> None:
    """Add, rename and upload what is declared; look at the DNS; find which records to publish."""
    run, settings, declared = context.run, context.settings, context.declared
    if not declared.present:
        return
    result = context.converge(
        {
            "domains": declared.present,
            # Without a look at the DNS the provider would be asked too early.
            "verify": settings.verify and settings.looks,
            "dangling": settings.dangling,
        }
    )
    run.take(result)
    if any(action.get("renamed_from") for action in result.get("actions") or ()):
        # With `dangling: warn`, who uses the old name.
        context.warn_of(result)
    if nothing_done(result):
        run.stopped = why_nothing_done(result)
        return
    run.others = list(result.get("unmanaged") or ())
    context.note_others(result)
    context.look_up(name for name in run.by_name if "dns" not in run.by_name[name])
    _plan(context)


def _plan(context: Context) -> None:
    run = context.run
    # Also where what comes after it would fail.
    created = [a["name"] for a in run.actions if _results.what_was_done(a) == "created"]
    plan = records.publication(
        run.domains,
        context.settings,
        context.declared.zones,
        to_be_added=created if run.check_mode else (),
    )
    run.records = plan["records"]
    run.blocked, run.later = plan["blocked"], plan["later"]
    run.publish = plan["changes"]

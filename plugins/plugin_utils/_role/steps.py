# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role's steps: ensure, verify, retire, purge. Private to this collection: no promise is made to others.

Between them a back end publishes and removes records. A step never fails: it says what it knows, and
the next one goes on from there. Whatever a run is interrupted at, the next one finds by looking.
"""

from __future__ import annotations

import typing as t

from ansible_collections.mailops.email.plugins.plugin_utils._role.context import Context
from ansible_collections.mailops.email.plugins.plugin_utils._role.ensure import ensure
from ansible_collections.mailops.email.plugins.plugin_utils._role.going import (
    find_absent,
    find_rest,
)
from ansible_collections.mailops.email.plugins.plugin_utils._role.retire import finish_round
from ansible_collections.mailops.email.plugins.plugin_utils._role.senders import bind_declared
from ansible_collections.mailops.email.plugins.plugin_utils._role.verify import (
    find_dead,
    take_published,
    wait_until_verified,
)


def take_step(step: str, context: Context, sent: t.Any) -> None:
    """Take one of the steps ``ensure``, ``verify``, ``retire`` and ``purge``.

    :param sent: what the back end's tasks registered, where there was something to publish (before
        ``verify``) or to remove (before the last two).
    """
    if context.run.stopped is not None:
        return
    if step == "ensure":
        ensure(context)
    elif step == "verify":
        verify(context, sent)
    elif step == "retire":
        finish_round(context, sent)
        find_rest(context)
    else:
        finish_round(context, sent)


def verify(context: Context, sent: t.Any) -> None:
    """Take what the back end made of it; verify and wait; bind; find what may go, and its records."""
    take_published(context, sent)
    wait_until_verified(context)
    bind_declared(context)
    find_absent(context)
    find_dead(context)

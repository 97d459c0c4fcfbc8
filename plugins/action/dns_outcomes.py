# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What became of the records that a back end of the role was to change: the options are documented in the module."""

from __future__ import annotations

import typing as t

from ansible_collections.mailops.email.plugins.plugin_utils._action import Action
from ansible_collections.mailops.email.plugins.plugin_utils._permitted import (
    CHANGED,
    outcome_of_tasks,
    outcomes,
)

Data = t.Dict[str, t.Any]


class ActionModule(Action):
    """Ansible's entry point."""

    def work(self, args: Data) -> Data:
        if "record" in args:
            told = outcome_of_tasks(
                args["record"], args.get("failed_task"), args.get("failed_result")
            )
            # Whether they changed anything, the user's tasks say themselves.
            return {"changed": False, "records": [*(args.get("before") or ()), told]}
        records = outcomes(
            args["permitted"],
            args["tried"],
            args["asked"],
            args["key"],
            relative=bool(args.get("relative")),
            check_mode=bool(self._task.check_mode),
        )
        return {
            "changed": any(record["status"] == CHANGED for record in records),
            "records": records,
        }

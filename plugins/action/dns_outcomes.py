# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What became of the records that a back end of the role was to change: the options are documented in the module."""

from __future__ import annotations

import typing as t

from ansible_collections.mailops.email.plugins.plugin_utils._action import Action
from ansible_collections.mailops.email.plugins.plugin_utils._permitted import (
    outcome_of_tasks,
    outcomes,
)

Data = t.Dict[str, t.Any]


class ActionModule(Action):
    """Ansible's entry point."""

    def work(self, args: Data) -> Data:
        return {"changed": False, "records": self._records(args)}

    def _records(self, args: Data) -> list[Data]:
        if "record" in args:
            told = outcome_of_tasks(
                args["record"], args.get("failed_task"), args.get("failed_result")
            )
            return [*(args.get("before") or ()), told]
        return outcomes(
            args["permitted"],
            args["tried"],
            args["asked"],
            args["key"],
            relative=bool(args.get("relative")),
            check_mode=bool(self._task.check_mode),
        )

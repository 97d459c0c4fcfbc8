# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the action plugins have in common. Private to this collection: no promise is made to others.

Uses only what is the same in ansible-core 2.16 to 2.21.
"""

from __future__ import annotations

import os
import typing as t

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.mailops.email.plugins.plugin_utils._waiting import Heartbeat

Data = t.Dict[str, t.Any]

COLLECTION = "mailops.email"


class Action(ActionBase):
    """An action plugin that runs modules of this collection and shows lines meanwhile."""

    _supports_check_mode = True
    _supports_diff = True
    # The process of the playbook, once the task has started.
    _parent: int | None = None

    def say(self, line: str) -> None:
        """Show a line at once; it begins with the host that it is about.

        On stderr, as Ansible's warnings are: what a callback writes to stdout may be for machines.
        """
        Display().display(f"[{self._host()}] {line}", stderr=True)

    def _stop_if_alone(self) -> None:
        """End this process if Ansible's own is gone: nobody would see the result of what it waits for.

        From ansible-core 2.19 on the process of a task is not in the process group of its playbook, so
        that it outlives a run that is killed as a whole, as ansible-runner does to cancel a job.
        """
        if self._parent not in (None, os.getppid()):
            raise SystemExit("The playbook was ended.")

    def _host(self) -> str:
        return str(self._variables.get("inventory_hostname") or "localhost")

    def run(self, tmp: str | None = None, task_vars: Data | None = None) -> Data:
        """Ansible's entry point."""
        result: Data = super().run(tmp, task_vars)
        self._variables = task_vars or {}
        self._parent = os.getppid()
        if result.get("skipped"):
            return result
        result.update(self.work(dict(self._task.args)))
        return result

    @property
    def in_background(self) -> bool:
        """Whether the task has ``async``: then the module runs on its own, and nobody sees lines of it."""
        return bool(self._task.async_val)

    def work(self, args: Data) -> Data:
        """The result for these options."""
        raise NotImplementedError

    def call(
        self, module: str, args: Data, *, about: str = "", check_mode: bool | None = None
    ) -> Data:
        """Run a module of this collection where the task runs.

        :param about: what is said now and then as long as it takes; nothing where it is empty.
        :param check_mode: whether it only predicts; None: as the task does.
        """

        def execute() -> Data:
            self._stop_if_alone()
            of_task = self._task.check_mode
            if check_mode is not None:
                self._task.check_mode = check_mode
            try:
                found: Data = self._execute_module(
                    module_name=f"{COLLECTION}.{module}",
                    module_args=args,
                    task_vars=self._variables,
                    wrap_async=self.in_background,
                )
            finally:
                self._task.check_mode = of_task
            return found

        if not about:
            return execute()
        with Heartbeat(self.say, about):
            return execute()

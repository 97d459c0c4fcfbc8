# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module ``tracking_domain``, with live progress while it waits."""

from __future__ import annotations

import typing as t

from ansible_collections.mailops.email.plugins.plugin_utils._action import Action
from ansible_collections.mailops.email.plugins.plugin_utils._progress import OneWait, waits

Data = t.Dict[str, t.Any]


class ActionModule(Action):
    """Ansible's entry point."""

    _supports_async = True

    def work(self, args: Data) -> Data:
        def call(options: Data) -> Data:
            return self.call("tracking_domain", options, about="still at it" if wait else "")

        wait = waits(args) and not (self._task.check_mode or self.in_background)
        return OneWait(args, call, self.say).run() if wait else call(args)

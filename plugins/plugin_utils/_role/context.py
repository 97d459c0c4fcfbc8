# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each step of the role works with. Private to this collection: no promise is made to others.

All I/O comes in by parameters, so that a wait of an hour is tested in a moment.
"""

from __future__ import annotations

import time
import typing as t
from dataclasses import dataclass, field

from ansible_collections.mailops.email.plugins.module_utils._ansible.option_names import prefixed
from ansible_collections.mailops.email.plugins.plugin_utils import _results
from ansible_collections.mailops.email.plugins.plugin_utils._role import records
from ansible_collections.mailops.email.plugins.plugin_utils._role.entries import Declared
from ansible_collections.mailops.email.plugins.plugin_utils._role.run import Run
from ansible_collections.mailops.email.plugins.plugin_utils._role.variables import (
    PREFIX,
    Settings,
    specs,
)
from ansible_collections.mailops.email.plugins.plugin_utils._waiting import Say

Data = t.Dict[str, t.Any]


class Call(t.Protocol):
    """What runs a module of this collection."""

    def __call__(self, module: str, options: Data, *, check_mode: bool) -> Data:
        """Run the module with these options, and return its result."""


@dataclass
class Context:
    """One use of the role, and its way to the modules, the screen and the clock.

    :param run: what is known so far; each step adds to it.
    :param call_module: runs a module.
    :param say: shows a line while the step goes on.
    :param clock: seconds that only ever grow.
    :param changed: whether a module said so.
    :param diff: what the modules returned of it.
    :param warnings: what has to be told of a deletion or of senders; each once.
    """

    run: Run
    settings: Settings
    declared: Declared
    call_module: Call
    say: Say
    clock: t.Callable[[], float] = time.monotonic
    sleep: t.Callable[[float], None] = time.sleep
    changed: bool = False
    diff: list[Data] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def converge(self, options: Data, *, recheck: str = "never", adds: bool = True) -> Data:
        """The result of ``tracking_domains``.

        :param recheck: as in its settings; so is ``adds``.
        """
        result = self._call(
            "tracking_domains",
            {
                **options,
                "concurrency": self.settings.concurrency,
                "_settings": {"refuse_apexes": True, "recheck": recheck, "adds": adds},
            },
        )
        self.changed = self.changed or bool(result.get("changed"))
        self.diff += result.get("diff") or []
        return result

    def rehearse(self, options: Data) -> Data:
        """What ``tracking_domains`` would do."""
        return self._call("tracking_domains", options, check_mode=True)

    def info(self, names: t.Iterable[str], *, senders: bool = False) -> Data:
        """The result of ``tracking_domain_info`` for these names."""
        options: Data = {"name": list(dict.fromkeys(names))}
        return self._call(
            "tracking_domain_info", {**options, **({"senders": True} if senders else {})}
        )

    def warn_of(self, result: t.Mapping[str, t.Any]) -> None:
        """Pass the warnings of a module's result on."""
        self.warnings = list(dict.fromkeys([*self.warnings, *_results.warnings_of(result)]))

    def dangling_of(self, name: str) -> str:
        """``dangling`` as it counts for a domain that is to go."""
        return self.declared.dangling.get(name) or self.settings.dangling

    def note_changes(self, sent: t.Any, names: t.Sequence[str]) -> None:
        """Count what the back end has changed, where its own task failed and so is not counted."""
        failed = isinstance(sent, t.Mapping) and bool(sent.get("failed"))
        self.changed = self.changed or (failed and bool(names))

    def note_others(self, result: t.Mapping[str, t.Any]) -> None:
        """Learn what else the account has, where nothing has told it yet."""
        if self.run.unmanaged is None and "unmanaged" in result:
            names = [*self.declared.names, *self.declared.former.values()]
            self.run.unmanaged = [name for name in result["unmanaged"] if name not in names]

    def look_up(self, names: t.Iterable[str]) -> None:
        """Look these up in the live DNS; where that fails, nothing is known of them."""
        wanted = list(dict.fromkeys(names))
        if wanted and self.settings.looks:
            look = self.info(wanted)
            if "tracking_domains" in look:
                self.run.take(look)

    def back_end_failures(self, changes: t.Sequence[Data], sent: t.Any) -> dict[str, str]:
        """Why records could not be changed, by name, in the words of the role's variables."""
        name = self.settings.back_end.name
        prefix = f"{name}_"
        own = [variable[len(prefix) :] for variable in specs() if variable.startswith(prefix)]
        failures = records.failures_of(changes, sent, name)
        return {record: prefixed(why, f"{PREFIX}{prefix}", own) for record, why in failures.items()}

    def _call(self, module: str, options: Data, *, check_mode: bool = False) -> Data:
        everything = {**self.settings.connection, **self.settings.dns, **options}
        return self.call_module(module, everything, check_mode=check_mode or self.run.check_mode)


def nothing_done(result: t.Mapping[str, t.Any]) -> bool:
    """Whether ``tracking_domains`` could ask nothing at all."""
    return "actions" not in result


def why_nothing_done(result: t.Mapping[str, t.Any]) -> str:
    return str(result.get("msg") or "the provider could not be asked")

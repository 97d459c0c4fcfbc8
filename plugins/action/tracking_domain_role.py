# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A step of the role ``mailops.email.tracking_domain``: its options are documented in the module."""

from __future__ import annotations

import os
import typing as t
from datetime import datetime, timezone

from ansible import release

from ansible_collections.mailops.email.plugins.plugin_utils._action import Action
from ansible_collections.mailops.email.plugins.plugin_utils._role import entries, variables
from ansible_collections.mailops.email.plugins.plugin_utils._role.context import Context
from ansible_collections.mailops.email.plugins.plugin_utils._role.entries import Declared
from ansible_collections.mailops.email.plugins.plugin_utils._role.report import Report
from ansible_collections.mailops.email.plugins.plugin_utils._role.run import Run
from ansible_collections.mailops.email.plugins.plugin_utils._role.steps import take_step
from ansible_collections.mailops.email.plugins.plugin_utils._role.variables import Settings

Data = t.Dict[str, t.Any]

_EMPTY: Data = {
    "tracking_domains": [],
    "actions": [],
    "records": [],
    "unmanaged": [],
    "counts": {},
    "changes": 0,
    "waited": 0,
}


class ActionModule(Action):
    """Ansible's entry point."""

    def work(self, args: Data) -> Data:
        before = args.get("run")
        run = (
            Run.of(before)
            if before
            else Run(
                today=str(datetime.now(timezone.utc).date()),
                check_mode=bool(self._task.check_mode),
            )
        )
        settings, declared, problems = _read(args, self._variables, self._environment(), run)
        if settings is None or declared is None:
            return self._wrong(problems)
        context = Context(
            run,
            settings,
            declared,
            call_module=lambda module, options, *, check_mode: self.call(
                module,
                {
                    **options,
                    "_option_prefix": variables.PREFIX,
                    "_removes_records": settings.back_end.publishes,
                },
                about=f"{settings.title}: still at it ({args['step']})",
                check_mode=check_mode,
            ),
            say=self.say,
        )
        take_step(args["step"], context, args.get("sent"))
        result: Data = {
            "changed": context.changed,
            "diff": context.diff,
            "warnings": context.warnings,
        }
        if args["step"] == "purge":
            report = Report(run, settings, declared)
            return {**result, **_told(report.result(), report.summary())}
        publishes = settings.back_end.publishes
        return {
            **result,
            "run": run.as_data(),
            "publish": run.publish if publishes else [],
            "remove": run.remove if publishes else [],
        }

    def _environment(self) -> dict[str, str]:
        """What modules see: this process's, and what the keyword ``environment`` adds."""
        added = [each for each in self._task.environment or () if isinstance(each, dict)]
        return {**os.environ, **{name: str(each[name]) for each in added for name in each}}

    def _wrong(self, problems: list[str]) -> Data:
        """The result where the role's variables make no sense: the steps to come say the same."""
        told = _told({**_EMPTY, "problems": problems}, [])
        return {"changed": False, "run": {}, "publish": [], "remove": [], **told}


def _told(result: Data, summary: list[str]) -> Data:
    problems = result["problems"]
    lines = list(summary)
    if problems and _shows_failures_on_one_line():
        lines += "\n\n".join(problems).split("\n")
    return {
        "result": result,
        # One line is shown as one.
        "summary": lines[0] if len(lines) == 1 else lines,
        "problems": "\n\n".join(problems),
    }


def _shows_failures_on_one_line() -> bool:
    """Whether this ansible-core shows the lines of a failure as one long line."""
    major, minor = release.__version__.split(".")[:2]
    return (int(major), int(minor)) < (2, 19)


def _read(
    args: Data, task_vars: t.Mapping[str, t.Any], environment: t.Mapping[str, str], run: Run
) -> tuple[Settings | None, Declared | None, list[str]]:
    given = args["variables"]
    # All variables of the play that begin as the role's do: one that is misspelt is an error.
    names = [name for name in task_vars if name.startswith(variables.PREFIX)]
    settings, problems = variables.read(
        given,
        names,
        args["back_ends"],
        environment,
        directory=str(task_vars.get("playbook_dir") or ""),
    )
    if settings is None:
        return None, None, problems
    declared, problems = entries.read(
        given.get(f"{variables.PREFIX}domains"), settings, today=run.date
    )
    return settings, None if problems else declared, problems

# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report over the accounts of an audit. Documented with the module of the same name."""

from __future__ import annotations

import typing as t
from datetime import datetime, timezone

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.mailops.email.plugins.plugin_utils._audit.accounts import unreadable
from ansible_collections.mailops.email.plugins.plugin_utils._audit.files import (
    load_previous,
    place_to_write,
    write,
)
from ansible_collections.mailops.email.plugins.plugin_utils._audit.page import (
    as_page,
    load_template,
)
from ansible_collections.mailops.email.plugins.plugin_utils._audit.prometheus import as_prometheus
from ansible_collections.mailops.email.plugins.plugin_utils._audit.report import (
    AuditError,
    as_json,
    days_from,
    failures,
    reasons_from,
    report_of,
)
from ansible_collections.mailops.email.plugins.plugin_utils._audit.table import as_text

Data = t.Dict[str, t.Any]
_FILES = ("html", "json", "prometheus")


class ActionModule(ActionBase):
    """Shows the table, writes the files, and fails for what it was asked to fail for."""

    _supports_check_mode = True
    TRANSFERS_FILES = False

    def run(self, tmp: t.Any = None, task_vars: Data | None = None) -> Data:
        result: Data = {**super().run(tmp, task_vars), "changed": False}
        try:
            result.update(self._report(self._task.args))
        except AuditError as exc:
            result.update(failed=True, msg=f"{exc}.")
        return result

    def _report(self, args: Data) -> Data:
        # All that can be wrong with the options is found before anything else.
        reasons = reasons_from(args.get("fail_on"))
        expires_within = days_from(args.get("expires_within"))
        places = {kind: place_to_write(args[kind]) for kind in _FILES if args.get(kind)}
        template = load_template(args.get("template") or None)
        previous = load_previous(args.get("previous"))
        if args.get("accounts") is None:
            return {}
        report = report_of(
            [_account(host, said) for host, said in args["accounts"].items()],
            now=datetime.now(timezone.utc),
            previous=previous,
        )
        Display().display(as_text(report, expires_within))
        texts: dict[str, t.Callable[[], str]] = {
            "html": lambda: as_page(report, template, expires_within),
            "json": lambda: as_json(report),
            "prometheus": lambda: as_prometheus(report),
        }
        if not self._task.check_mode:
            for kind, place in places.items():
                write(place, texts[kind]())
        found = failures(report, reasons)
        failed = {"failed": True, "msg": f"The audit found {'; '.join(found)}."} if found else {}
        return {"counts": report["counts"], "drift": report["drift"], **failed}


def _account(host: str, said: t.Any) -> Data:
    """The account out of the result of tracking_domain_audit; that may have failed, or be lacking."""
    said = said if isinstance(said, t.Mapping) else {}
    if "account" in said:
        return dict(said["account"])
    return unreadable(host, None, str(said.get("msg") or "It was not read."))

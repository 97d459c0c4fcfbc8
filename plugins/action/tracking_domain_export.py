# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an account has, written as the role's variables. Documented with the module of the same name."""

from __future__ import annotations

import re
import typing as t
from pathlib import Path

import yaml
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase

from ansible_collections.mailops.email.plugins.plugin_utils._audit.files import write
from ansible_collections.mailops.email.plugins.plugin_utils._audit.report import AuditError
from ansible_collections.mailops.email.plugins.plugin_utils._export import as_declared
from ansible_collections.mailops.email.plugins.plugin_utils._variables import (
    account_options,
    of_the_role,
)

Data = t.Dict[str, t.Any]
INFO = "mailops.email.tracking_domain_info"


class ActionModule(ActionBase):
    """Reads the account, and writes a file on the controller."""

    _supports_check_mode = True
    TRANSFERS_FILES = False

    def run(self, tmp: t.Any = None, task_vars: Data | None = None) -> Data:
        result: Data = {**super().run(tmp, task_vars), "changed": False}
        task_vars = task_vars or {}
        args = self._task.args
        host = str(args.get("host") or task_vars.get("inventory_hostname"))
        try:
            overwrite = boolean(args.get("overwrite") or False)
            place = _place(args.get("directory"), host)
        except (AuditError, TypeError) as exc:
            return {**result, "failed": True, "msg": f"{exc}."}
        listing: Data = self._execute_module(
            module_name=INFO,
            module_args=account_options(of_the_role(args.get("variables"))),
            task_vars=task_vars,
        )
        if listing.get("failed"):
            return {
                **result,
                **{key: listing[key] for key in ("failed", "msg", "failure") if key in listing},
            }
        text = as_declared(host, listing["tracking_domains"])
        try:
            changed, before = _differs(place, text, overwrite=overwrite)
            if changed and not self._task.check_mode:
                place.parent.mkdir(parents=True, exist_ok=True)
                write(place, text)
        except (AuditError, OSError) as exc:
            return {**result, "failed": True, "msg": f"{exc}."}
        result.update(
            changed=changed, path=str(place), tracking_domains=len(listing["tracking_domains"])
        )
        if changed and self._task.diff:
            result["diff"] = {
                "before": before,
                "after": text,
                "before_header": str(place),
                "after_header": str(place),
            }
        return result


def _place(directory: t.Any, host: str) -> Path:
    """:raises AuditError: there is no directory to write to."""
    if not directory:
        raise AuditError("Name a directory on the controller: the playbook's export_directory")
    place = Path(str(directory)).expanduser()
    if place.exists() and not place.is_dir():
        raise AuditError(f"{place} is not a directory")
    return place / (re.sub(r"[^\w.-]", "_", host) + ".yml")


def _differs(place: Path, text: str, *, overwrite: bool) -> tuple[bool, str]:
    """Whether the file has to be written, and what it has. One that declares the same stays as it is.

    :raises AuditError: somebody has declared something else there.
    """
    if not place.exists():
        return True, ""
    before = place.read_text(encoding="utf-8", errors="replace")
    try:
        same = yaml.safe_load(before) == yaml.safe_load(text)
    except yaml.YAMLError:
        same = False
    if not same and not overwrite:
        raise AuditError(
            f"{place} is there already, and does not declare what the account has. Remove it, or have it "
            "replaced: the playbook's export_overwrite"
        )
    return not same, before

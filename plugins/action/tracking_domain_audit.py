# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One account as an audit sees it. Documented with the module of the same name."""

from __future__ import annotations

import typing as t
from datetime import datetime, timezone

from ansible.plugins.action import ActionBase

from ansible_collections.mailops.email.plugins.module_utils._names import quoted
from ansible_collections.mailops.email.plugins.module_utils._providers.registry import PROVIDERS
from ansible_collections.mailops.email.plugins.plugin_utils import _results
from ansible_collections.mailops.email.plugins.plugin_utils._audit.accounts import (
    account_of,
    names_to_seek,
)
from ansible_collections.mailops.email.plugins.plugin_utils._audit.declared import declaration
from ansible_collections.mailops.email.plugins.plugin_utils._audit.files import load_previous
from ansible_collections.mailops.email.plugins.plugin_utils._audit.report import (
    AuditError,
    days_from,
    names_in,
)
from ansible_collections.mailops.email.plugins.plugin_utils._values import switch
from ansible_collections.mailops.email.plugins.plugin_utils._variables import (
    account_options,
    of_the_role,
)

Data = t.Dict[str, t.Any]
INFO = "mailops.email.tracking_domain_info"


def _asked_for(value: t.Any) -> bool:
    """:raises AuditError: it is neither true nor false."""
    try:
        return bool(switch(value, False))
    except ValueError:
        raise AuditError(f"senders must be true or false, not {quoted(value)}") from None


def _has_senders(provider: t.Any) -> bool:
    """Whether there are any to be read; a provider that nobody knows is left to the module."""
    return provider in PROVIDERS and PROVIDERS[provider].facts.has_senders


class ActionModule(ActionBase):
    """Reads an account, then looks at the names that ought to be in it and are not."""

    _supports_check_mode = True
    TRANSFERS_FILES = False

    def run(self, tmp: t.Any = None, task_vars: Data | None = None) -> Data:
        result: Data = super().run(tmp, task_vars)
        task_vars = task_vars or {}
        try:
            account = self._account(task_vars)
        except AuditError as exc:
            return {**result, "failed": True, "msg": f"{exc}."}
        return {**result, "changed": False, "account": account}

    def _account(self, task_vars: Data) -> Data:
        args = self._task.args
        variables = of_the_role(args.get("variables"))
        expires_within = days_from(args.get("expires_within"))
        host = str(args.get("host") or task_vars.get("inventory_hostname"))
        earlier = names_in(load_previous(args.get("previous")), host)
        declared = declaration(variables.get("domains"), datetime.now(timezone.utc).date())
        options = account_options(variables)

        def info(**more: t.Any) -> Data:
            return self._info({**options, **more}, task_vars)

        more: Data = {"tls_check": args.get("tls_check") or False}
        if _asked_for(args.get("senders")) and _has_senders(options.get("provider")):
            more["senders"] = True
        listing = info(**more)
        sought = None
        if not listing.get("failed"):
            names = names_to_seek(listing, declared, earlier)
            sought = info(name=names) if names else None
        return account_of(
            host,
            listing,
            sought,
            declared,
            provider=options.get("provider"),
            expires_within=expires_within,
            senders="senders" in more,
        )

    def _info(self, options: Data, task_vars: Data) -> Data:
        """The result of tracking_domain_info, with its warnings as text."""
        result: Data = self._execute_module(
            module_name=INFO, module_args=options, task_vars=task_vars
        )
        result["warnings"] = _results.warnings_of(result)
        return result

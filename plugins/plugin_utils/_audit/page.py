# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report as a page. Private to this collection: no promise is made to others.

The template can be replaced; what it is given is documented with the module tracking_domain_report.
"""

from __future__ import annotations

import secrets
import typing as t
from pathlib import Path

import jinja2

from ansible_collections.mailops.email.plugins.plugin_utils._audit.accounts import (
    PROBLEMS,
    Data,
    days_left,
)
from ansible_collections.mailops.email.plugins.plugin_utils._audit.report import (
    AuditError,
    users_as_text,
    worst_first,
)
from ansible_collections.mailops.email.plugins.plugin_utils._audit.text import cell, cell_of_lines
from ansible_collections.mailops.email.plugins.plugin_utils._audit.wording import (
    change_as_text,
    summary,
    what_to_do,
    why_wrong,
)

TEMPLATE = Path(__file__).resolve().parents[3] / "playbooks" / "templates" / "audit.html.j2"


def load_template(path: str | None = None) -> jinja2.Template:
    """The template in this file, or the collection's own.

    :raises AuditError: it cannot be read, or is no Jinja2 template.
    """
    try:
        text = Path(path or TEMPLATE).read_text(encoding="utf-8")
        environment = jinja2.Environment(
            # Whatever the template's name is: it makes a page of what vendors said.
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.filters.update(cell=cell, lines=cell_of_lines)
        return environment.from_string(text)
    except (OSError, UnicodeError) as exc:
        raise AuditError(f"the template {path} cannot be read: {exc}") from None
    except jinja2.TemplateError as exc:
        raise AuditError(f"the template {path} is not right: {exc}") from None


def as_page(report: Data, template: jinja2.Template, expires_within: int) -> str:
    """The page.

    :raises AuditError: the template uses something that there is not.
    """
    try:
        return template.render(
            report=report,
            rows=[_shown(account, row) for account, row in worst_first(report)],
            problems=PROBLEMS,
            summary=summary(report, expires_within),
            changes=[
                change_as_text(change) for change in (report["drift"] or {}).get("changes", ())
            ],
            expires_within=expires_within,
            # For the page's own style and script: the browser is told to run no other.
            nonce=secrets.token_urlsafe(16),
        )
    except jinja2.TemplateError as exc:
        raise AuditError(f"the template is not right: {exc}") from None


def _shown(account: Data, row: Data) -> dict[str, t.Any]:
    """A row with what the page says of it beside what it has."""
    told = bool(row["problems"]) or _unknown(row)
    return {
        **row,
        "host": account["host"],
        "provider": account["provider"],
        "days_left": days_left(row),
        "used_by": users_as_text(row["senders"]),
        "why": why_wrong(row) if told else [],
        "to_do": what_to_do(row) if told else None,
    }


def _unknown(row: Data) -> bool:
    return bool(row["dns"]) and row["dns"]["status"] == "unknown"

# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: declared_entries
short_description: Sort declared tracking domains by what is to become of them
version_added: 1.0.0
description:
  - Made for the role P(mailops.email.tracking_domain#role). Its form may change with any release.
author:
  - The mailops.email authors (@mailops)
positional: _input
options:
  _input:
    description: The entries of C(tracking_domain_domains).
    type: list
    elements: dict
    required: true
  today:
    description: Entries whose C(retire_on) has come on this day count as absent.
    type: str
    required: true
  verify:
    description: Whether entries that do not say it themselves are to be verified.
    type: bool
    default: true
  wait:
    description: Whether to wait for entries that do not say it themselves.
    type: bool
    default: true
"""

EXAMPLES = r"""
# In two lists, present and absent, as mailops.email.tracking_domains takes them
declared: "{{ tracking_domain_domains | mailops.email.declared_entries(today='2026-12-31') }}"
"""

RETURN = r"""
_value:
  description: The entries C(present) and C(absent), and what the role has to know of them.
  type: dict
"""

import typing as t
from datetime import date

from ansible_collections.mailops.email.plugins.plugin_utils._declared import declared


def declared_entries(
    value: t.Any, today: str, verify: bool = True, wait: bool = True
) -> dict[str, t.Any]:
    return declared(value or (), today=date.fromisoformat(today), verify=verify, wait=wait)


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"declared_entries": declared_entries}

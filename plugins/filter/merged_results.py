# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: merged_results
short_description: Several results of one run on tracking domains as one
version_added: 1.0.0
description:
  - Made for the role P(mailops.email.tracking_domain#role). Its form may change with any release.
author:
  - The mailops.email authors (@mailops)
positional: _input
options:
  _input:
    description: Results of M(mailops.email.tracking_domains), the earliest first.
    type: list
    elements: dict
    required: true
  published:
    description: Names whose records were published since. What was seen of them before is void.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
# What was added first and verified later, with one action for each domain
both: "{{ [added, verified] | mailops.email.merged_results }}"
"""

RETURN = r"""
_value:
  description: C(tracking_domains) and C(actions) as that module returns them, and what is not right yet.
  type: dict
"""

import typing as t

from ansible_collections.mailops.email.plugins.plugin_utils._role import merged


def merged_results(value: t.Any, published: t.Any = ()) -> dict[str, t.Any]:
    return merged(value, published=list(published))


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"merged_results": merged_results}

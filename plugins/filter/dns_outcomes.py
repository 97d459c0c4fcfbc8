# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: dns_outcomes
short_description: What became of the DNS records that a back end changed
version_added: 1.1.0
description:
  - Made for the role P(mailops.email.tracking_domain#role). Its form may change with any release.
  - A record was published or removed if the vendor's API shows it to be so.
positional: _input
options:
  _input:
    description: What the filter P(mailops.email.dns_permitted#filter) returned.
    type: list
    elements: dict
    required: true
  tried:
    description: The results of the loops that removed and changed records.
    type: list
    elements: dict
    required: true
  asked:
    description: The results of the loop that asked for the records of each zone again.
    type: list
    elements: dict
    required: true
  key:
    description: Where in each result the records are.
    type: str
    required: true
  relative:
    description: Whether a name in the data of a record that has no final dot is relative to the zone.
    type: bool
    default: false
  check_mode:
    description: Whether nothing was changed, so that there is nothing to be seen.
    type: bool
    default: false
"""

EXAMPLES = r"""
records: "{{ permitted | mailops.email.dns_outcomes(tried.results, asked.results, 'sets') }}"
"""

RETURN = r"""
_value:
  description: For each record what M(mailops.email.dns_update) returns for one.
  type: list
  elements: dict
"""

import typing as t

from ansible_collections.mailops.email.plugins.plugin_utils._permitted import outcomes


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"dns_outcomes": outcomes}

#!/usr/bin/python
# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dns_outcomes
short_description: Internal, the results of tasks that change DNS records
version_added: 1.1.0
description:
  - Used internally by the DNS back ends of the role P(mailops.email.tracking_domain#role). Do not use it in playbooks, because
    it may change at any time.
  - A record counts as published or removed only if the vendor's API shows the change.
author:
  - The mailops.email authors (@mailops)
options:
  permitted:
    description: What the filter P(mailops.email.dns_permitted#filter) returned.
    type: list
    elements: dict
  tried:
    description: The results of the loop over the steps.
    type: list
    elements: dict
  asked:
    description: The results of the loop that read the records of each zone again.
    type: list
    elements: dict
  key:
    description: The place of the records in each result.
    type: str
  relative:
    description: Whether a name without a final dot in the data of a record is relative to the zone.
    type: bool
    default: false
  record:
    description: The one record that the user's own tasks change, instead of the options above.
    type: dict
  failed_task:
    description: The task that failed, as it is known in a rescue section.
    type: dict
  failed_result:
    description: The result of the task that failed.
    type: dict
  before:
    description: The results for the records before this one.
    type: list
    elements: dict
attributes:
  action:
    description: Runs on the controller.
    support: full
  check_mode:
    description: Predicts the results for the records. Changes nothing itself.
    support: full
  diff_mode:
    description: Changes nothing.
    support: none
"""

EXAMPLES = r"""
- name: Use the role instead
  ansible.builtin.include_role:
    name: mailops.email.tracking_domain
"""

RETURN = r"""
records:
  description: The result for each record, as returned by M(mailops.email.dns_update).
  type: list
  elements: dict
  returned: success
"""

#!/usr/bin/python
# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: tracking_domain_role
short_description: Internal, a step of the role tracking_domain
version_added: 1.0.0
description:
  - Used internally by the role P(mailops.email.tracking_domain#role). Do not use it in playbooks, because it may change at any
    time. Use the role, or M(mailops.email.tracking_domains).
  - Runs on the controller, and shows its progress while it waits.
author:
  - The mailops.email authors (@mailops)
options:
  step:
    description:
      - The step. V(ensure) adds and changes domains, V(verify) verifies them, V(retire) deletes those that are declared absent,
        V(purge) deletes those that are not declared. Between the steps, the role publishes and removes records.
    type: str
    required: true
    choices:
      - ensure
      - verify
      - retire
      - purge
  variables:
    description: The variables of the role that are set, by name.
    type: dict
    required: true
  back_ends:
    description: The available DNS back ends, each with its requirements.
    type: dict
    required: true
  run:
    description: The RV(run) that the previous step returned.
    type: dict
  sent:
    description: The registered results of the DNS back end's tasks.
    type: dict
attributes:
  action:
    description: Runs on the controller.
    support: full
  check_mode:
    description: Changes nothing in check mode, and returns what it would do.
    support: full
  diff_mode:
    description: Returns what has changed, or in check mode would change.
    support: full
"""

EXAMPLES = r"""
- name: Use the role instead
  ansible.builtin.include_role:
    name: mailops.email.tracking_domain
"""

RETURN = r"""
run:
  description: The state of the run, for the next step.
  type: dict
  returned: before the last step
publish:
  description: The records that the DNS back end must publish.
  type: list
  elements: dict
  returned: before the last step
remove:
  description: The records that the DNS back end must remove.
  type: list
  elements: dict
  returned: before the last step
result:
  description: The value of the fact C(tracking_domain_result).
  type: dict
  returned: after the last step
summary:
  description: What was done, as text or a list of texts.
  type: raw
  returned: after the last step
problems:
  description: What is wrong, as text. Empty if everything is right.
  type: str
  returned: after the last step
"""

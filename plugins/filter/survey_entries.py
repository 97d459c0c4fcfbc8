# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: survey_entries
short_description: Internal, answers of a survey as declared tracking domains
version_added: 1.0.0
description:
  - Used internally by the playbook C(mailops.email.change). Do not use it in playbooks, because it may change
    at any time.
author:
  - The mailops.email authors (@mailops)
positional: _input
options:
  _input:
    description:
      - The answers C(present), C(absent) and C(retiring), each text with a name a line or a list.
      - And C(retire_on), a day.
      - What is null or blank was not answered.
    type: dict
    required: true
"""

EXAMPLES = r"""
# {'entries': [{'name': 'track.example.com'}, {'name': 'links.example.com'}], 'problems': []}
asked: "{{ {'present': 'track.example.com\nlinks.example.com'} | mailops.email.survey_entries }}"
"""

RETURN = r"""
_value:
  description: C(entries) as the role takes them in C(tracking_domain_domains), and C(problems) with the answers.
  type: dict
"""

import typing as t

from ansible_collections.mailops.email.plugins.plugin_utils._awx import entries


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"survey_entries": entries}

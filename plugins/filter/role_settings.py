# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: role_settings
short_description: Variables of the role as they are meant
version_added: 1.0.0
description:
  - Made for the role P(mailops.email.tracking_domain#role). Its form may change with any release.
  - What is null or an empty string is not set, and text may stand for a boolean or a number.
author:
  - The mailops.email authors (@mailops)
positional: _input
options:
  _input:
    description: The variables by their names without the role's prefix.
    type: dict
    required: true
"""

EXAMPLES = r"""
# For example {'verify': True, ...}
settings: "{{ {'verify': tracking_domain_verify} | mailops.email.role_settings }}"
"""

RETURN = r"""
_value:
  description: The variables, and in C(problems) what is wrong with them.
  type: dict
"""

import typing as t

from ansible_collections.mailops.email.plugins.plugin_utils._declared import settings


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"role_settings": settings}

# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: missing_collections
short_description: The collections that a tasks file needs and that are not installed
version_added: 1.0.0
description:
  - Made for the role P(mailops.email.tracking_domain#role). Its form may change with any release.
  - A tasks file whose modules are not there ends a play at once, and nothing could come to its rescue.
author:
  - The mailops.email authors (@mailops)
positional: _input
options:
  _input:
    description: The text of the tasks file.
    type: str
    required: true
"""

EXAMPLES = r"""
# For example ['community.general']
missing: "{{ lookup('ansible.builtin.file', 'tasks/publish.yml') | mailops.email.missing_collections }}"
"""

RETURN = r"""
_value:
  description: The names of the collections.
  type: list
  elements: str
"""

import typing as t
from importlib.util import find_spec

from ansible_collections.mailops.email.plugins.plugin_utils._role import collections_in


def missing_collections(value: str) -> list[str]:
    return [name for name in collections_in(value) if not _installed(name)]


def _installed(collection: str) -> bool:
    try:
        return find_spec(f"ansible_collections.{collection}") is not None
    except ModuleNotFoundError:
        # Not even its namespace is there.
        return False


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"missing_collections": missing_collections}

# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: awx_objects
short_description: Internal, what AWX should have for tracking domains
version_added: 1.0.0
description:
  - Used internally by the playbook C(mailops.email.awx_setup). Do not use it in playbooks, because it may change
    at any time.
author:
  - The mailops.email authors (@mailops)
positional: _input, types
options:
  _input:
    description: The playbook's variables by their names without C(awx_setup_).
    type: dict
    required: true
  types:
    description: The collection's credential types by the names of their files.
    type: dict
    required: true
"""

EXAMPLES = r"""
# For example {'job_templates': [...], 'problems': []}
objects: "{{ {'project_scm_url': 'https://git.example.com/awx.git'} | mailops.email.awx_objects({}) }}"
"""

RETURN = r"""
_value:
  description:
    - By kind the arguments of the modules of C(awx.awx), and in C(problems) what is wrong with the variables.
    - C(has_awx) says whether the collection C(awx.awx) is there.
  type: dict
"""

import typing as t
from importlib.util import find_spec

from ansible.utils.unsafe_proxy import wrap_var

from ansible_collections.mailops.email.plugins.plugin_utils._awx import objects


def awx_objects(given: t.Mapping[str, t.Any], types: t.Mapping[str, t.Any]) -> t.Any:
    # A credential type holds templates of AWX's, which Ansible must leave alone.
    return wrap_var({**objects(given, types), "has_awx": _has_awx()})


def _has_awx() -> bool:
    try:
        return find_spec("ansible_collections.awx.awx") is not None
    except ModuleNotFoundError:
        # Not even its namespace is there.
        return False


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"awx_objects": awx_objects}

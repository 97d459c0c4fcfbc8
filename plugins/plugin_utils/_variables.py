# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the role's variables to the modules' options. No I/O here.

Private to this collection: no promise is made to others.
"""

from __future__ import annotations

import typing as t

from ansible_collections.mailops.email.plugins.module_utils._ansible.options import (
    connection_spec,
    dns_spec,
)

Data = t.Dict[str, t.Any]
PREFIX = "tracking_domain_"


def of_the_role(variables: t.Any) -> Data:
    """Those that are the role's, without its prefix."""
    return {
        str(name)[len(PREFIX) :]: value
        for name, value in dict(variables or {}).items()
        if str(name).startswith(PREFIX)
    }


def account_options(variables: Data) -> Data:
    """What tracking_domain_info takes of them; blanks are left out. The live DNS is looked at.

    :param variables: from ``of_the_role``.
    """
    options = {
        name: variables[name]
        for name in (*connection_spec(), *dns_spec("off"))
        if name in variables and variables[name] is not None and variables[name] != ""
    }
    # YAML reads `off` as false.
    check = options.get("dns_check", "authoritative")
    return {**options, "dns_check": "off" if check is False else check}

# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The providers there are: a new one is a line here. Private to this collection."""

# ruff: noqa: F401
# pylint: disable=unused-import

from __future__ import annotations

from ansible_collections.mailops.email.plugins.module_utils._providers.base import Provider
from ansible_collections.mailops.email.plugins.module_utils._providers.sendclean import SendClean
from ansible_collections.mailops.email.plugins.module_utils._providers.sendcloud import SendCloud

# All that is imported above. A line for each must be here, because Ansible looks for imports to know
# which files it has to send to a host.
PROVIDERS: dict[str, type[Provider]] = {
    kind.facts.name: kind
    for kind in list(globals().values())
    if isinstance(kind, type) and issubclass(kind, Provider) and kind is not Provider
}

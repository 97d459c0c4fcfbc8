# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The providers there are: a new one is a line here. Private to this collection."""

from __future__ import annotations

from ansible_collections.mailops.email.plugins.module_utils._providers.base import Provider
from ansible_collections.mailops.email.plugins.module_utils._providers.sendclean import SendClean
from ansible_collections.mailops.email.plugins.module_utils._providers.sendcloud import SendCloud

PROVIDERS: dict[str, type[Provider]] = {
    provider.facts.name: provider for provider in (SendClean, SendCloud)
}

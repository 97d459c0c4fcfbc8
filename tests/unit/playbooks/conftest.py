# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One sandbox for all tests of the playbooks, and accounts in it."""

from __future__ import annotations

from ansible_collections.mailops.email.tests.unit.accounts import new_account, sandbox

__all__ = ["new_account", "sandbox"]

# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Ansible can ask of the modules: check mode, diff mode and the like."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying the target.
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
  idempotent:
    description:
      - When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
  platform:
    description: Target OS or families that can be operated against.
    support: full
    platforms: posix
"""

    # For the modules of the action group.
    GROUP = r"""
options: {}
attributes:
  action_group:
    description: Use C(group/mailops.email.all) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - mailops.email.all
"""

    # For modules that are action plugins.
    CONTROLLER = r"""
options: {}
attributes:
  action:
    description: Runs on the controller.
    support: full
"""

    # For modules that change something.
    WRITES = r"""
options: {}
attributes:
  check_mode:
    support: full
    details:
      - Nothing is written and the provider is not asked to verify. If the result depends on a verification, the live DNS
        decides.
  diff_mode:
    support: full
  idempotent:
    support: partial
    details:
      - O(certificate_update=always) uploads the certificate at each run.
"""

    # For the module of whole sets, whose options of a domain stand one level down.
    SET = r"""
options: {}
attributes:
  check_mode:
    support: full
    details:
      - Nothing is written and the provider is not asked to verify. If the result depends on a verification, the live DNS
        decides.
  diff_mode:
    support: full
  idempotent:
    support: partial
    details:
      - O(domains[].certificate_update=always) uploads the certificate at each run.
"""

    # For modules that only read.
    READS = r"""
options: {}
attributes:
  check_mode:
    support: full
    details:
      - This module does not change anything.
  diff_mode:
    support: N/A
    details:
      - This module does not change anything.
  idempotent:
    support: full
    details:
      - This module does not change anything.
"""
